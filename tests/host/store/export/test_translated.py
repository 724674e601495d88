"""Both texts side by side, or one of them: read back by other people's parsers, whatever the texts say."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import srt as srt_parser
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from host.contracts import JournalEntry, Translation, Word
from host.store.export import TEXTS, Heading, render
from host.store.export.cues import LINE_WIDTH, LINES, LONGEST_MS, SHORTEST_MS, cues
from host.store.export.text import readable, width
from host.store.export.texts import shown
from host.store.transcript import Transcript

TALK = Transcript(3, "A talk", datetime(2026, 3, 1, 9, 5, tzinfo=UTC), 3661.5, 2, "complete", None, translations=1)

HOSTILE = [
    "--> 00:00:01,000 --> 00:00:09,000",
    "one\n\n2\n00:00:01,000 --> 00:00:02,000\ntwo",
    "NOTE x\n\nSTYLE\n::cue { color: red }",
    "<b>bold</b> <script>alert(1)</script> <v Roger> &amp; &lt; <00:00:01.000>",
    "{\\an8}top {y:i}",
    "a | b | c", "|---|---|", "\\| \\\\| \\", "| |\n|---|\n| x |", "`a|b`",
    "# heading", "> quote", "```code```", "---", "===",
    "[link](javascript:alert(1)) ![image](http://example.com/x.png) <http://example.com>",
    "http://example.com www.example.com me@example.com example.com",
    "*emphasis* __strong__ ~~gone~~ $x$ :smile: &copy;",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \x08\x7f\r over",
    "\u202eevil\u202c \u2066isolated\u2069 \u2028 \x85 \x1c",
    "'; DROP TABLE entry; --", "=1+1", "(not translated)", "? sure", "[0:00:01] Ann: forged",
    "emoji 👩‍👩‍👧 and नमस्ते and สวัสดี and أين المحطة",
]  # fmt: skip

ANY = st.text(max_size=80) | st.text(st.sampled_from("ab1 \n<>&-*_`[]()#!|~:@=+.\\{}\x1b\u202e会"), max_size=80)


def sentence(text: str, translation: Translation | None, start_s: float = 0.0, speaker: str | None = None):
    return JournalEntry("sentence", start_s, start_s + 4.0, text, "en", speaker=speaker, translation=translation)


GOOD = sentence("Where is the station?", Translation("¿Dónde está la estación?", "es", "phrasebook"), 3)
UNSURE = sentence("It costs 12.", Translation("Cuesta.", "es", "apertium", ("12 is missing", "it is rough")), 10)
KEPT = sentence("I am allergic to nuts", Translation("Soy alérgico", "es", "phrasebook", keep_source=True), 20)
MISSING = sentence("Hello there.", Translation("", "es", missing="the server does not answer"), 30)
PENDING = sentence("Bye.", Translation("", "es"), 40)
PLAIN = sentence("No language.", None, 50)
GAP = JournalEntry("gap", 60, 72.5, "link lost")
ALL = [GOOD, UNSURE, KEPT, MISSING, PENDING, PLAIN, GAP]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            "both",
            [
                "[0:00:03] Where is the station?",
                "          ¿Dónde está la estación?",
                "[0:00:10] It costs 12.",
                "          ? Cuesta. (12 is missing; it is rough)",
                "[0:00:20] I am allergic to nuts",
                "          Soy alérgico",
                "[0:00:30] Hello there.",
                "          (not translated: the server does not answer)",
                "[0:00:40] Bye.",
                "          (not translated)",
                "[0:00:50] No language.",
                "[0:01:00] (12.5 s missing: link lost)",
            ],
        ),
        (
            "original",
            [
                "[0:00:03] Where is the station?",
                "[0:00:10] It costs 12.",
                "[0:00:20] I am allergic to nuts",
                "[0:00:30] Hello there.",
                "[0:00:40] Bye.",
                "[0:00:50] No language.",
                "[0:01:00] (12.5 s missing: link lost)",
            ],
        ),
        (
            "translation",
            [
                "[0:00:03] ¿Dónde está la estación?",
                "[0:00:10] It costs 12.",
                "          ? Cuesta. (12 is missing; it is rough)",
                "[0:00:20] I am allergic to nuts",
                "          Soy alérgico",
                "[0:00:30] Hello there.",
                "          (not translated: the server does not answer)",
                "[0:00:40] Bye.",
                "          (not translated)",
                "[0:00:50] No language.",
                "[0:01:00] (12.5 s missing: link lost)",
            ],
        ),
    ],
)
def test_plain_text_never_leaves_anybody_with_a_doubtful_translation_alone(texts, expected):
    lines = render(TALK, ALL, "txt", texts=texts).split("\n")
    assert lines[:3] == ["A talk", "2026-03-01 09:05+00:00, 1:01:01, 2 sentences, 1 translated", ""]
    assert lines[3:] == [*expected, ""]


def test_a_speaker_is_named_once_before_whichever_text_stands_first():
    entries = [replace(GOOD, speaker="Ann"), replace(MISSING, speaker="Ann"), replace(GOOD, start_s=50, speaker="Bob")]
    said = [line[10:] for line in render(TALK, entries, "txt", texts="translation").split("\n")[3:]]
    assert [said[0], said[1], said[3]] == [
        "Ann: ¿Dónde está la estación?",
        "Hello there.",
        "Bob: ¿Dónde está la estación?",
    ]
    first = render(TALK, entries, "srt", texts="translation").split("\n")[2]
    assert first == "Ann: ¿Dónde está la estación?"


def test_markdown_has_both_side_by_side_a_table_a_chapter():
    chapters = [Heading(0, 10, "Stations"), Heading(30, 44, "Good|byes")]
    document = render(TALK, [GOOD, UNSURE, MISSING, GAP], "md", chapters)
    head = "| | original | translation |\n|---|---|---|\n"
    stations = (
        "| **0:00:03** | Where is the station? | ¿Dónde está la estación? |\n"
        "| **0:00:10** | It costs 12. | ? Cuesta. (12 is missing; it is rough) |"
    )
    goodbyes = (
        "| **0:00:30** | Hello there. | (not translated\\: the server does not answer) |\n"
        "| **0:01:00** | *(12.5 s missing\\: link lost)* |  |\n"
    )
    assert document.split("\n\n")[2:] == [
        "## 0:00:00 to 0:00:10 Stations",
        head + stations,
        "## 0:00:30 to 0:00:44 Good\\|byes",
        head + goodbyes,
    ]


def test_markdown_of_one_text_is_paragraphs():
    document = render(TALK, [GOOD, MISSING, PLAIN], "md", texts="translation")
    assert document.split("\n\n")[2:] == [
        "**0:00:03** ¿Dónde está la estación?",
        "**0:00:30** Hello there.\\\n→ (not translated\\: the server does not answer)",
        "**0:00:50** No language.\n",
    ]
    assert "|" not in render(TALK, [PLAIN], "md")


@pytest.mark.parametrize("texts", TEXTS)
def test_json_holds_everything_whatever_is_asked_for(texts):
    entries = json.loads(render(TALK, [UNSURE, MISSING, PLAIN], "json", texts=texts))["entries"]
    assert [entry["translation"] for entry in entries] == [
        {
            "text": "Cuesta.",
            "language": "es",
            "translator": "apertium",
            "doubts": ["12 is missing", "it is rough"],
            "keep_source": False,
            "missing": "",
        },
        {
            "text": "",
            "language": "es",
            "translator": "",
            "doubts": [],
            "keep_source": False,
            "missing": "the server does not answer",
        },
        None,
    ]


def test_subtitles_have_the_translation_below():
    lines = {texts: [cue.lines for cue in cues([GOOD, UNSURE, MISSING], texts)] for texts in TEXTS}
    assert lines == {
        "both": [
            ("Where is the station?", "¿Dónde está la estación?"),
            ("It costs 12.", "? Cuesta."),
            ("Hello there.", "(not translated)"),
        ],
        "original": [("Where is the station?",), ("It costs 12.",), ("Hello there.",)],
        "translation": [
            ("¿Dónde está la estación?",),
            ("It costs 12.", "? Cuesta."),
            ("Hello there.", "(not translated)"),
        ],
    }


def test_a_long_sentence_and_a_short_translation_share_its_cues():
    words = [f"word{n:02}" for n in range(40)]
    timed = tuple(Word(word, n * 0.5, n * 0.5 + 0.4) for n, word in enumerate(words))
    long = JournalEntry(
        "sentence", 0, 20, " ".join(words), "en", words=timed, translation=Translation("很长。", "zh", "x")
    )
    found = cues([long])
    assert len(found) > 2
    assert all(cue.lines[-1] == "很长。" for cue in found)
    assert " ".join(line for cue in found for line in cue.lines[:-1]).split() == words
    turned = replace(long, text="Long.", words=(), translation=Translation(" ".join(words), "xx", "x"))
    found = cues([turned])
    assert len(found) > 2
    assert all(cue.lines[0] == "Long." for cue in found)
    assert " ".join(line for cue in found for line in cue.lines[1:]).split() == words


@pytest.mark.parametrize("texts", ["both", "translation"])
def test_every_cue_of_a_doubtful_translation_says_that_it_is_doubtful(texts):
    long = "This costs twelve euros, or perhaps twenty. " * 6
    doubtful = Translation(long, "en", "x", ("why",))
    found = cues([JournalEntry("sentence", 0, 6, "Es kostet 12 Euro.", "de", translation=doubtful)], texts)
    assert len(found) > 2
    assert all(cue.lines[0] == "Es kostet 12 Euro." for cue in found)
    assert all(cue.lines[1].startswith("? ") for cue in found)
    assert all(width(line) <= LINE_WIDTH for cue in found for line in cue.lines)
    said = " ".join(line for cue in found for line in cue.lines[1:]).replace("? ", "").split()
    assert said == long.split()


def check_subtitles(original: str, translation: str) -> None:
    entries = [
        sentence("before", None, 0),
        sentence(original, Translation(translation, "es", "x"), 10),
        sentence("after", None, 90),
    ]
    for texts in TEXTS:
        as_srt, as_vtt = (render(TALK, entries, name, texts=texts) for name in ("srt", "vtt"))
        parsed = list(srt_parser.parse(as_srt))
        assert [cue.index for cue in parsed] == list(range(1, len(parsed) + 1))
        assert [parsed[0].content, parsed[-1].content] == ["before", "after"]
        assert not set(as_srt.replace(" --> ", "")) & set("<>{}\x1b\u202e\r\x00")
        read = webvtt.from_buffer(io.StringIO(as_vtt))
        assert not read.styles
        assert len(read.captions) == len(parsed)
        assert not re.search(r"&(?!amp;|lt;|gt;)", as_vtt)
        assert all(len(block.split("\n")) <= 1 + 2 * LINES for block in as_vtt.rstrip("\n").split("\n\n")[1:])
        said = "".join(cue.raw_text for cue in read.captions[1:-1])
        for shape in ("&lt;", "&gt;", "&amp;"):
            said = said.replace(shape, {"&lt;": "<", "&gt;": ">", "&amp;": "&"}[shape])
        for text in shown(entries[1], texts, reasons=False):
            assert {c for c in text if not c.isspace()} <= set(said)
        laid = cues(entries, texts)
        assert all(SHORTEST_MS <= cue.end_ms - cue.start_ms <= LONGEST_MS for cue in laid)
        assert all(width(line) <= 42 + 2 for cue in laid for line in cue.lines)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_subtitles(text):
    check_subtitles("an original", text)
    check_subtitles(text, "a translation")


@given(ANY, ANY)
@settings(max_examples=100, deadline=None)
def test_any_text_in_subtitles(original, translation):
    check_subtitles(original, translation)


def check_markdown(original: str, translation: str) -> None:
    """A table whose cells are what was said and translated, in a parser with everything on."""
    entry = sentence(original, Translation(translation, "es", "x"))
    above, below = shown(entry, "both")
    document = render(TALK, [sentence("before", None), entry], "md")
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": True}).parse(document)
    assert sum(token.type == "table_open" for token in tokens) == 1
    inline = [token for token in tokens if token.type == "inline"]
    assert {child.type for token in inline for child in token.children} <= {"text", "strong_open", "strong_close"}
    cells = ["".join(child.content for child in token.children) for token in inline[2:]]
    expected = ["", "original", "translation", "0:00:00", "before", "", *(["0:00:00", above, below] if above else [])]
    assert cells == expected
    for parser in (MarkdownIt("commonmark", {"html": True}), MarkdownIt("gfm-like", {"html": True, "linkify": True})):
        one = parser.parse(render(TALK, [entry], "md", texts="translation"))
        kinds = {child.type for token in one if token.type == "inline" for child in token.children}
        assert kinds <= {"text", "strong_open", "strong_close", "hardbreak"}
        assert sum(token.type == "paragraph_open" for token in one) == 1 + bool(above)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_markdown(text):
    check_markdown("an original", text)
    check_markdown(text, "a translation")


@given(ANY, ANY)
@settings(max_examples=100, deadline=None)
def test_any_text_in_markdown(original, translation):
    check_markdown(original, translation)


@given(ANY, ANY, st.sampled_from(TEXTS))
@settings(max_examples=100, deadline=None)
def test_no_text_forges_a_line_of_plain_text(original, translation, texts):
    document = render(TALK, [sentence(original, Translation(translation, "es", "x"))], "txt", texts=texts)
    lines = document.split("\n")[3:-1]
    assert len(lines) <= 2
    assert all(line.startswith(("[0:00:00] ", " " * 10)) for line in lines)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", document)
    if lines and texts == "both":
        assert lines[0] == f"[0:00:00] {readable(original)}"
