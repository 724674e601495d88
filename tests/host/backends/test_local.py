"""A recogniser over a model in its own process: sessions keep their place in the recording, whatever dies."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from model_stand_ins import Parrot

from host.backends.local import LocalRecogniser, require_language
from host.contracts import RecogniserInfo
from host.errors import BackendError, LanguageError

INFO = RecogniserInfo(
    name="parrot",
    languages=("en", "fr"),
    streaming=True,
    segments=False,
    local=True,
    quality="none",
    licence="Apache-2.0",
)
SOUND, DEADLY = np.zeros(1000, np.int16), np.full(500, 13, np.int16)


def test_sessions_keep_their_places_through_a_crash():
    async def main():
        recogniser = await LocalRecogniser.start(INFO, Parrot)
        try:
            assert recogniser.info is INFO
            with pytest.raises(LanguageError, match="parrot does not recognise the language 'de'") as refused:
                await recogniser.open("de")
            assert refused.value.hint == "It recognises en, fr; choose another recogniser with --transcriber"
            first, second = await recogniser.open("en"), await recogniser.open("fr", start_s=10.0)
            for _ in range(3):
                await first.feed(SOUND)
            await second.feed(SOUND)
            texts = [h.text for session in (first, second) for h in await session.end_utterance()]
            await first.feed(SOUND)
            with pytest.raises(BackendError) as lost:
                await first.feed(DEADLY)
            assert lost.value.retry
            for session in (first, second):
                await session.feed(SOUND)
                texts += [h.text for h in await session.end_utterance()]
                await session.close()
            return texts, recogniser.load.starts
        finally:
            await recogniser.close()

    texts, starts = asyncio.run(main())
    assert texts == ["0-3000", "160000-161000", "4500-5500", "161000-162000"]
    assert starts == 2


def test_a_recogniser_of_one_language_says_that_it_cannot_tell_which_is_spoken():
    about = RecogniserInfo("moonshine", ("es",), streaming=True, segments=True, local=True, quality="", licence="")
    with pytest.raises(LanguageError, match="moonshine cannot tell which language is spoken") as error:
        require_language(about, "auto")
    assert error.value.hint == "Name it with --language: es; whisper and openai can tell"
