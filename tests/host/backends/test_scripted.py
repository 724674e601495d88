"""The scripted recogniser: words at their samples, however the sound is cut."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.backends import scripted
from host.backends.scripted import ScriptedRecogniser, parse_script
from host.config import Settings
from host.contracts import Word
from host.errors import LanguageError, ModelMissingError, UsageError

SCRIPT = parse_script("0.5 0.8 good\n0.8 1.2 morning\n\n2.0 2.5 every one\n")


def said(pieces, script=SCRIPT, start_s=0.0):
    """(seconds fed, hypothesis) of everything said about pieces of so many samples."""

    async def main():
        session = await ScriptedRecogniser(script).open("en", start_s=start_s)
        out, fed = [], 0
        for count in pieces:
            fed += count
            out += [(fed / 16000, h) for h in await session.feed(np.zeros(count, np.int16))]
        out += [(fed / 16000, h) for h in await session.end_utterance()]
        await session.close()
        return out

    return asyncio.run(main())


def test_words_appear_when_they_end_and_a_sentence_ends_after_a_pause():
    found = [(at, h.text, h.final) for at, h in said([1600] * 31)]
    assert found == [
        (0.8, "good", False),
        (1.2, "good morning", False),
        (1.5, "good morning", True),
        (2.5, "every one", False),
        (2.8, "every one", True),
    ]
    last = said([16000 * 3])[-1][1]
    assert (last.start_s, last.end_s, last.words) == (2.0, 2.5, (Word("every one", 2.0, 2.5),))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 9000), min_size=1, max_size=40))
def test_sentences_do_not_depend_on_how_the_sound_was_cut(pieces):
    total = sum(pieces)
    assert [h for _, h in said(pieces) if h.final] == [h for _, h in said([total]) if h.final]


def test_a_sentence_that_is_cut_off_is_finished_and_its_rest_is_another():
    async def main():
        session = await ScriptedRecogniser(SCRIPT).open("en")
        await session.feed(np.zeros(16000, np.int16))
        first = await session.end_utterance()
        return [h.text for h in (*first, *await session.feed(np.zeros(48000, np.int16)))]

    assert asyncio.run(main()) == ["good", "morning", "every one"]


def test_a_session_in_the_middle_begins_with_what_is_still_to_come():
    assert [h.text for _, h in said([48000], start_s=1.5) if h.final] == ["every one"]


def test_it_speaks_one_language():
    with pytest.raises(LanguageError):
        asyncio.run(ScriptedRecogniser(SCRIPT).open("de"))


def test_a_script_comes_from_a_file(tmp_path):
    path = tmp_path / "script.txt"
    path.write_text("0 1 hello\n", encoding="utf-8")
    made = asyncio.run(scripted.start(replace(Settings(), model=str(path), language="de"), {}, None))
    assert (made.info.languages, made.info.segments, made.load.calls) == (("de",), True, 0)
    with pytest.raises(ModelMissingError, match=r"there is no script at '.*nothing\.txt'"):
        asyncio.run(scripted.start(replace(Settings(), model=str(tmp_path / "nothing.txt")), {}, None))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 1 a\n0.5 x b", "line 2 of the script is not START END WORD"),
        ("0 1", "line 1 of the script is not START END WORD"),
        ("1 0 a", "line 1 of the script goes back in time"),
        ("0 1 a\n\n0.5 2 b", "line 3 of the script goes back in time"),
        ("0 inf a", "line 1 of the script goes back in time"),
        ("nan nan a", "line 1 of the script goes back in time"),
    ],
)
def test_a_wrong_script_names_the_line(text, message):
    with pytest.raises(UsageError, match=message):
        parse_script(text)
