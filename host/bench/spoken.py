"""Commands and other things said by espeak-ng, and the rooms, microphones and links they are heard through.

Voices, speeds and phrases are of two kinds: those by which the recogniser's weights were fitted, and those held out,
which alone say how good it is.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from host.assistant.phrases import phrases
from host.audio import RATE_HZ, read_samples
from host.contracts import AudioChunk, Samples
from host.errors import BenchmarkError
from host.transcribe.framing import Frame, Framer

__all__ = ["CONDITIONS", "HELD_OUT", "TUNING", "Condition", "Said", "Speakers", "heard_through", "say", "utterances"]

Condition = Literal["quiet", "noise", "room", "8 kHz", "8 bit", "all of it"]
CONDITIONS: Final[tuple[Condition, ...]] = ("quiet", "noise", "room", "8 kHz", "8 bit", "all of it")

_LOUDNESS: Final = 0.3  # of espeak-ng's full scale
_PAUSE: Final = RATE_HZ * 2 // 5  # samples before and behind
_ROOM_S: Final = 0.35  # until an echo is 60 dB down: a furnished room
_ECHO: Final = 0.35  # its energy's root beside the direct sound's
_SNR_DB: Final = {"noise": 15.0, "all of it": 20.0}
_SNR_QUIET_DB: Final = 40.0
_SAY_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Speakers:
    """Voices of espeak-ng (a multiple of four), words a minute, and what they say that is no command."""

    voices: tuple[str, ...]
    speeds: tuple[int, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance. `phrase` is the command that is said, or empty."""

    text: str
    phrase: str
    voice: str
    speed: int
    condition: Condition


TUNING: Final = Speakers(
    ("en-us", "en-gb", "en-us+f2", "en-gb+m3", "en-gb-x-gbclan+f4", "en-gb-x-gbcwmd", "en-us+m7", "en-gb+f5"),
    (145, 160),
    (
        "the weather is lovely today",
        "can you bring me a glass of water",
        "i will see you tomorrow",
        "my sister lives in london",
        "please close the door",
        "the train leaves at nine",
        "who is that over there",
        "put it on the table",
        "good morning everybody",
        "yes of course",
        "no thank you",
        "seven hundred and twenty",
        "what does he want",
        "how much time do we have",
        "take me to the station",
        "where is my coat",
        "show me the way",
        "the price of bread",
        "translate it for him",
        "stop the car",
        "start the engine",
        "go away",
        "it is very late",
        "better",
        "not now",
        "hello",
        "where do you live",
        "where is she",
        "where were you",
        "what time is it",
        "what is this thing",
        "what did you say",
        "how many are there",
        "how much longer will it take",
        "how old are you",
        "take it easy",
        "take your time",
        "take the next bus",
        "take a look",
        "take a break",
        "make a wish",
        "open your eyes",
        "open the letter",
        "close the window",
        "show it to me",
        "show him the door",
        "show us the garden",
        "say it in english",
        "say hello to your mother",
        "repeat after me",
        "start again",
        "start the music",
        "start walking",
        "stop it",
        "stop talking",
        "listen to the radio",
        "go home",
        "go on",
        "go ahead",
        "come here",
        "come home soon",
        "be careful on the stairs",
        "be nice",
        "be there at six",
        "the battery of the car is empty",
        "a bookshop",
        "a book about cooking",
        "the next stop is ours",
        "the next train",
        "page by page",
        "turn right at the corner",
        "turn it off",
        "turn the light on",
        "the menu looks good",
        "the moon is full",
        "i paused for a moment",
        "what do you mean",
        "do you remember",
        "i do not think so",
        "do not touch that",
        "read the newspaper",
        "read it aloud",
        "reading is fun",
        "the answer is no",
        "the conversation was long",
        "the transcription of the meeting is on your desk",
        "the captain of the ship",
        "wait for me",
        "water please",
        "one two three",
        "four hundred and five",
        "half past ten",
        "on the left side",
        "my favourite colour is green",
        "we had dinner together",
        "they came yesterday evening",
        "he plays the piano very well",
        "how are you",
        "nice to meet you",
        "see you later",
        "maybe next week",
        "i would like some tea",
        "it costs five pounds",
        "that is too expensive",
        "the sign on the wall is broken",
        "navigate the ship",
        "never mind",
        "right now",
        "oh really",
        "photograph",
        "picture this",
        "quite a lot",
        "quick march",
        "battle of the bands",
        "better late than never",
        "a hundred",
        "and so on",
        "because of the rain",
        "did you hear that",
        "everything is fine",
        "for example",
        "have you seen my keys",
        "i forgot my umbrella",
        "is anybody there",
        "just a minute",
        "keep the change",
        "let us go",
        "look at that",
    ),
)
HELD_OUT: Final = Speakers(
    ("en-gb-scotland", "en-029", "en-us-nyc+f3", "en-gb-x-rp+m5"),
    (135, 175),
    (
        "did you see the game last night",
        "i think we should leave now",
        "could you pass me the salt",
        "her brother works at the hospital",
        "the meeting was moved to friday",
        "two coffees please",
        "where are they",
        "what does this mean",
        "how much is that dog",
        "open the window",
        "take a seat",
        "start the meeting",
        "show them the pictures",
        "come back",
        "be careful",
        "listen to me",
        "on the next day",
        "do it",
        "balcony",
        "i do not know",
        "thanks a lot",
        "happy birthday",
        "a cup of tea would be nice",
        "turn left at the church",
        "eleven thirty",
        "navigation is hard",
    ),
)


def utterances(speakers: Speakers) -> Iterator[Said]:
    """Every phrase and everything else by four voices, each time through another condition."""
    for commands, texts in ((True, phrases("en")), (False, speakers.others)):
        for number, text in enumerate(texts):
            first = 4 * (number % (len(speakers.voices) // 4))
            for place, voice in enumerate(speakers.voices[first : first + 4]):
                yield Said(
                    text,
                    text if commands else "",
                    voice,
                    speakers.speeds[(number + place) % len(speakers.speeds)],
                    CONDITIONS[(number + 2 * place + number // len(CONDITIONS)) % len(CONDITIONS)],
                )


def say(said: Said) -> Samples:
    """Let espeak-ng say it, and hear it through its condition; the same every time. Raises BenchmarkError."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise BenchmarkError(
            "espeak-ng, which speaks the commands, is not installed", "On Debian: apt install espeak-ng"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        try:
            subprocess.run(
                [program, "-v", said.voice, "-s", str(said.speed), "-w", str(path), "--", said.text],
                check=True,
                capture_output=True,
                timeout=_SAY_S,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise BenchmarkError(f"espeak-ng cannot speak with the voice {said.voice}: {error}") from error
        speech = read_samples(path).astype(np.float64) * _LOUDNESS
    silence = np.zeros(_PAUSE)
    chance = np.random.default_rng(zlib.crc32(repr(said).encode()))
    return heard_through(said.condition, np.concatenate([silence, speech, silence]), chance)


def heard_through(condition: Condition, sound: npt.NDArray[np.float64], chance: np.random.Generator) -> Samples:
    """What a microphone gives of a sound; 16 kHz in and out.

    Args:
        condition: "8 kHz" leaves out every second sample without a filter, as Frame's microphone does.
        sound: samples, in units of 1 LSB of 16 bits.
        chance: of noise and echo.
    """
    everything = condition == "all of it"
    if everything or condition == "room":
        times = np.arange(round(_ROOM_S * RATE_HZ)) / RATE_HZ
        echo = chance.normal(size=len(times)) * 10.0 ** (-3.0 * times / _ROOM_S)
        echo *= _ECHO / np.sqrt(np.sum(echo**2))
        echo[0] += 1.0
        sound = np.convolve(sound, echo)[: len(sound)]
    level = np.sqrt(np.mean(sound**2) + 1.0)
    sound = sound + chance.normal(0.0, level * 10.0 ** (-_SNR_DB.get(condition, _SNR_QUIET_DB) / 20.0), len(sound))
    if everything or condition == "8 kHz":
        sound = sound[::2]
    if everything or condition == "8 bit":
        sound = np.floor(sound / 256.0) * 256.0 + 128.0 + chance.normal(0.0, 74.0, len(sound))
    heard = np.clip(np.rint(sound), -32768, 32767).astype(np.int16)
    return _doubled(heard) if everything or condition == "8 kHz" else heard


def _doubled(sound: Samples) -> Samples:
    """8 kHz as the program makes 16 kHz of it."""
    framer = Framer()
    items = [*framer.feed(AudioChunk(sound, 0, RATE_HZ // 2), 0.0), *framer.rest()]
    return np.concatenate([item.samples for item in items if isinstance(item, Frame)])
