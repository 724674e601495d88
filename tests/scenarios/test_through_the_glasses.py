"""The whole product on real recordings: microphone of the emulated Frame, radio, recogniser, store.

pytest -m "slow or not slow" tests/scenarios/test_through_the_glasses.py        plays the long ones too
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from host.app.demo_speech import recording
from host.app.glasses import run_on_clock
from host.app.transcribe import Observer, Request, transcribe
from host.config import Settings
from host.events import Event, Gap, Saved, Sentence

pytest.importorskip("pocketsphinx", reason="pip install 'sidelight[transcribe]'")
DATA = Path(__file__).parents[2].parent / "shared" / "data" / "speech"
LONG_BYTES = 130_000  # more than 4 s


def recordings() -> Iterator[object]:
    yield pytest.param(recording(), id="demo", marks=[pytest.mark.slow] if DATA.is_dir() else [])
    if not DATA.is_dir():
        reason = f"there are no recordings in {DATA.parent.parent.name}/data/speech beside the project"
        yield pytest.param(None, id="shared recordings", marks=pytest.mark.skip(reason=reason))
        return
    for path in sorted(DATA.glob("*.wav")):
        marks = [pytest.mark.slow] if path.stat().st_size > LONG_BYTES else []
        yield pytest.param(path, id=path.stem, marks=marks)


def heard(request: Request) -> list[Event]:
    events: list[Event] = []
    began = time.monotonic()
    observer = Observer(event=events.append, elapsed=lambda: time.monotonic() - began)
    run_on_clock(transcribe(request, observer), request.settings.glasses)
    return events


def sentences(events: list[Event]) -> list[tuple[str, float, float]]:
    return [(event.text, event.start_s, event.end_s) for event in events if isinstance(event, Sentence)]


@pytest.mark.parametrize("path", list(recordings()))
def test_text_through_the_glasses_is_the_text_of_the_same_samples(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    direct = heard(Request(settings=Settings(glasses="none", transcriber="pocketsphinx"), audio=str(path)))
    uri = f"emulator:frame?mic={quote(str(path))}&speed=max"
    through = heard(Request(settings=Settings(glasses=uri, transcriber="pocketsphinx")))
    assert sentences(through) == sentences(direct)
    assert not any(isinstance(event, Gap) for event in through)
    assert isinstance(through[-1], Saved)


@pytest.mark.parametrize("path", list(recordings())[:5])
def test_text_through_halo_is_what_its_codec_lets_be_heard(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LC3 keeps what is heard, not each bit: the text need not be that of the samples, but nothing is missing."""
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    uri = f"emulator:halo?mic={quote(str(path))}&speed=max"
    through = heard(Request(settings=Settings(glasses=uri, transcriber="pocketsphinx")))
    direct = heard(Request(settings=Settings(glasses="none", transcriber="pocketsphinx"), audio=str(path)))
    assert len(sentences(through)) == len(sentences(direct)) > 0
    assert not any(isinstance(event, Gap) for event in through)
    assert isinstance(through[-1], Saved)
