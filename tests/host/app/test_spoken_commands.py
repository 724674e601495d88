"""Push-to-talk: from sound to a command with a recogniser that has a grammar, with one that writes, and without any."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

from host.app.spoken_commands import SpokenCommands
from host.assistant.commands import Command, Rejected
from host.bench.spoken import Said, say
from host.config import Settings
from host.errors import LanguageError


def settings(**changes):
    return replace(Settings(), **changes)


async def hear(sound, **changes):
    commands = await SpokenCommands.open(settings(**changes), os.environ)
    try:
        return commands, await commands.heard(sound, changes.get("language", "en"))
    finally:
        await commands.close()
        await commands.close()


@pytest.fixture
def script(tmp_path):
    def write(*words):
        path = tmp_path / "said.txt"
        path.write_text("".join(f"{0.2 * n:.1f} {0.2 * n + 0.2:.1f} {word}\n" for n, word in enumerate(words)))
        return str(path)

    return write


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("Where", "am", "I?"), Command("where-am-i", "where am i", 1.0)),
        (("where", "am", "I", "going"), Rejected("where am I going")),
        (("stop", "captions"), Rejected("stop captions")),
    ],
)
def test_what_a_recogniser_without_a_grammar_writes_is_compared(script, words, found):
    sound = np.ones(32000, np.int16)
    commands, heard = asyncio.run(hear(sound, transcriber="scripted", model=script(*words)))
    if isinstance(found, Rejected):
        assert isinstance(heard, Rejected)
        assert heard.heard == found.heard
    else:
        assert heard == found
    assert commands.notice == "scripted has no grammar: what it writes is compared with the phrases"


def test_a_language_without_commands_is_said_before_anything_is_loaded():
    with pytest.raises(LanguageError, match="no spoken commands in the language 'fi'") as raised:
        asyncio.run(hear(np.zeros(1600, np.int16), language="fi"))
    assert "taps, the menu and scripts do the same" in raised.value.hint


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_a_command_is_heard_by_pocketsphinx():
    pytest.importorskip("pocketsphinx")
    pytest.importorskip("soundfile")
    sound = say(Said("navigate home", "navigate home", "en-us", 150, "quiet"))
    commands, heard = asyncio.run(hear(sound, transcriber="pocketsphinx"))
    assert commands.notice == ""
    assert isinstance(heard, Command)
    assert heard.action == "navigate-home"


def test_nothing_said_is_to_be_said_again():
    pytest.importorskip("pocketsphinx")
    _, heard = asyncio.run(hear(np.zeros(24000, np.int16), transcriber="pocketsphinx"))
    assert isinstance(heard, Rejected)
