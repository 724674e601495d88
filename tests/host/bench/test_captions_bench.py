"""`bench captions`: any folder with a manifest, through the same stages as live captions."""

from __future__ import annotations

import argparse
import asyncio

import numpy as np
import pytest

from host.backends.scripted import ScriptedRecogniser, parse_script
from host.bench import captions
from host.errors import AudioInputError, UsageError

soundfile = pytest.importorskip("soundfile")

SCRIPT = "0.5 0.9 ten\n0.9 1.1 of\n1.1 1.6 clubs\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three recordings, of which one has no transcript, and a script that is right about one of them."""
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    quiet = np.zeros(16000 * 3, np.int16)
    for name in ("a.wav", "b.flac", "c.wav", "d.wav"):
        soundfile.write(tmp_path / name, quiet, 16000)
    (tmp_path / "script.txt").write_text(SCRIPT)
    lines = ["note\tfile\tlang\ttranscript", "x\ta.wav\ten\t10 of Clubs", '"y\tb.flac\ten\tnine of clubs, please']
    lines += ["\tc.wav\ten\t", "\td.wav\tde\tzehn"]
    (tmp_path / "manifest.tsv").write_text("\n".join(lines) + "\n")
    return tmp_path


def measured(folder, *arguments):
    parser = argparse.ArgumentParser()
    captions.add_arguments(parser)
    args = parser.parse_args(["--data", str(folder), *arguments])
    lines = []
    return captions.run(args, lines.append), lines


def test_a_folder_is_measured(folder):
    rows, lines = measured(folder, "--transcriber", "scripted", "--model", str(folder / "script.txt"))
    first, second, total = rows
    assert (first["file"], first["recognised"], first["wer"]) == (str(folder / "a.wav"), "ten of clubs", 0.0)
    assert (second["substituted"], second["deleted"], second["inserted"], second["words"]) == (1, 1, 0, 4)
    assert {k: total[k] for k in ("recogniser", "recordings", "words", "wer", "untranscribed", "other_language")} == {
        "recogniser": "scripted",
        "recordings": 2,
        "words": 7,
        "wer": 0.2857,
        "untranscribed": 1,
        "other_language": 1,
    }
    assert (total["wer_low"], total["wer_high"], total["sound_s"]) == (0.0, 0.5, 6.0)
    assert lines[0].startswith("scripted: says what its script says; taken because: asked for")
    assert lines[-2] == "WER 28.6% of 7 words, 95 % interval 0.0% to 50.0% over 2 clips"
    assert lines[-1] == "left out: 1 without transcript, 1 in another language"


def test_the_recogniser_hears_the_same_however_it_is_reached():
    async def main():
        recogniser = ScriptedRecogniser(parse_script(SCRIPT))
        return await captions.transcribe_samples(recogniser, None, np.zeros(16000 * 3, np.int16))

    assert [(h.text, h.final) for h in asyncio.run(main())] == [
        ("ten", False),
        ("ten of", False),
        ("ten of clubs", False),
        ("ten of clubs", True),
    ]


def test_what_a_folder_can_be_wrong_about(folder):
    with pytest.raises(UsageError, match=r"no recording in .* has a transcript in fr"):
        measured(folder, "--language", "fr")
    (folder / "a.wav").unlink()
    with pytest.raises(AudioInputError, match="there is no file"):
        measured(folder, "--transcriber", "scripted", "--model", str(folder / "script.txt"))
    (folder / "manifest.tsv").write_text("file\tname\na.wav\tx\n")
    with pytest.raises(UsageError, match="lists no recordings"):
        measured(folder)
    (folder / "manifest.tsv").write_bytes(b"file\ttranscript\n\xff\xfe\n")
    with pytest.raises(UsageError, match=r"manifest\.tsv cannot be read"):
        measured(folder)
    (folder / "manifest.tsv").unlink()
    with pytest.raises(UsageError, match=r"manifest\.tsv cannot be read: .*No such file") as error:
        measured(folder)
    assert error.value.hint == "Name a folder that holds a manifest.tsv"


def test_a_file_name_is_data(folder):
    name = "e\x1b[31m.wav"
    soundfile.write(folder / name, np.zeros(8000, np.int16), 16000)
    (folder / "manifest.tsv").write_text(f"file\ttranscript\n{name}\thello\n")
    _rows, lines = measured(folder, "--transcriber", "scripted", "--model", str(folder / "script.txt"))
    assert all(line.isprintable() for line in lines)
