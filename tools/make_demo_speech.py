"""Makes the demo's recordings in `host/data`: the words of `host/app/demo_speech.py`, spoken by the flite synthesiser.

    apt-get install flite && pip install soundfile && python tools/make_demo_speech.py

Two of flite's voices take turns, with pauses in which a faint hiss goes on as in any room: recognisers that adapt to
the noise around (pocketsphinx) stumble over digital silence. The hiss is seeded, so the same flite makes the same file.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from host.app.demo_speech import ASKED, SPOKEN, questions, recording  # noqa: E402 - the line above makes it importable from a checkout

RATE_HZ = 16000  # flite's own for these voices, and what the glasses send
PAUSE_S = 0.9  # longer than the silence that ends a sentence
HISS = 5.0  # samples' standard deviation: -76 dB below full scale, a quiet room
LEVEL = 0.7


def main() -> None:
    """Synthesise, join, write."""
    for said, target in ((SPOKEN, recording()), (ASKED, questions())):
        _write(said, target)


def _write(said: Sequence[tuple[str, str]], target: Path) -> None:
    pause = np.zeros(round(PAUSE_S * RATE_HZ))
    parts = [pause]
    for voice, text in said:
        parts += [_spoken(voice, text), pause]
    sound = np.concatenate(parts) * LEVEL
    sound += np.random.default_rng(1).normal(0.0, HISS, len(sound))
    target.parent.mkdir(exist_ok=True)
    soundfile.write(target, np.clip(sound, -32768, 32767).astype(np.int16), RATE_HZ, subtype="PCM_16")
    print(f"{target}: {len(sound) / RATE_HZ:.1f} s, {target.stat().st_size} bytes")


def _spoken(voice: str, text: str) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "speech.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", file], check=True)
        samples, rate_hz = soundfile.read(file, dtype="int16")
    if rate_hz != RATE_HZ:
        raise SystemExit(f"flite's voice {voice} speaks at {rate_hz} Hz, not {RATE_HZ}")
    return samples.astype(np.float64)


if __name__ == "__main__":
    main()
