"""Exports read back by other people's parsers: the words as they were, and nothing that acts."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest
import srt as srt_parser
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from host.contracts import JournalEntry, Word
from host.errors import UsageError
from host.store.export import FORMATS, format_of, render
from host.store.export.text import clock_time, milliseconds, readable, timestamp
from host.store.transcript import Transcript

STARTED = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)

HOSTILE = [
    "--> 00:00:01,000 --> 00:00:09,000",
    "one\n\n2\n00:00:01,000 --> 00:00:02,000\ntwo",
    "12",
    "NOTE not a note",
    "STYLE\n::cue { color: red }",
    "WEBVTT",
    "<b>bold</b> <script>alert(1)</script> <v Roger> &amp; &lt; <c.red> <00:00:01.000>",
    "line:0 position:0% align:start",
    "{\\an8}top {y:i}",
    "# heading", "* item", "1. item", "> quote", "    code", "```code```", "---", "===", "| a | b |\n|---|---|",
    "[link](javascript:alert(1)) ![image](http://example.com/x.png) <http://example.com> [ref]: http://example.com",
    "http://example.com www.example.com me@example.com example.com",
    "*emphasis* __strong__ ~~gone~~ `code` $x$ :smile: [^1] \\ &copy;",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \x08\x7f\r over",
    "\u202eevil\u202c \u2066isolated\u2069 \u2028 \x85 \x1c",
    "'; DROP TABLE entry; --",
    "=1+1", "\ufeffmark", "emoji 👩‍👩‍👧 and नमस्ते and สวัสดี",
]  # fmt: skip

SPOKEN = st.text(max_size=120) | st.text(st.sampled_from("ab1 \n<>&-*_`[]()#!|~:@=+.\\{}\x1b\u202e会"), max_size=120)


def transcript(title: str = "A talk") -> Transcript:
    return Transcript(3, title, STARTED, 3661.5, 2, "complete", None)


def said(*texts: str) -> list[JournalEntry]:
    """Sentences ten seconds apart, each long enough that none is late."""
    return [JournalEntry("sentence", 10.0 * i, 10.0 * i + 4, t, "en") for i, t in enumerate(texts)]


def words_of(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    ("seconds", "stamp"),
    [
        (0, "00:00:00,000"),
        (59.9994, "00:00:59,999"),
        (59.9996, "00:01:00,000"),
        (3599.9999, "01:00:00,000"),
        (3600, "01:00:00,000"),
        (86399.9995, "24:00:00,000"),
        (359999.9994, "99:59:59,999"),
        (359999.9996, "100:00:00,000"),
        (3600000.001, "1000:00:00,001"),
    ],
)
def test_times_never_show_sixty(seconds, stamp):
    assert timestamp(milliseconds(seconds), ",") == stamp


@given(st.floats(0, 1e9))
@settings(deadline=None)
def test_times_are_exact_to_the_millisecond(seconds):
    stamp = timestamp(milliseconds(seconds), ".")
    hours, minutes, rest = stamp.split(":")
    assert int(minutes) < 60
    assert Decimal(rest) < 60
    assert re.fullmatch(r"\d{2,}:\d\d:\d\d\.\d{3}", stamp)
    exact = Decimal(seconds).quantize(Decimal("0.001"), ROUND_HALF_EVEN)
    read = int(hours) * 3600 + int(minutes) * 60 + Decimal(rest)
    assert abs(read - exact) <= Decimal("0.001")
    assert timestamp(milliseconds(seconds), ",") == stamp.replace(".", ",")


@given(st.floats(0, 1e9))
@settings(deadline=None)
def test_clock_times_show_what_has_passed(seconds):
    hours, minutes, rest = (int(part) for part in clock_time(seconds).split(":"))
    assert hours * 3600 + minutes * 60 + rest == int(seconds)
    assert max(minutes, rest) < 60


def parsed_srt(document: str) -> list[tuple[int, int, str]]:
    found = list(srt_parser.parse(document))
    assert [s.index for s in found] == list(range(1, len(found) + 1))
    return [(round(s.start.total_seconds() * 1000), round(s.end.total_seconds() * 1000), s.content) for s in found]


def parsed_vtt(document: str) -> list[tuple[int, int, str]]:
    found = webvtt.from_buffer(io.StringIO(document))
    assert not found.styles
    return [(c.start_in_seconds, c.end_in_seconds, c.raw_text) for c in found.captions]


def check_subtitles(texts: list[str]) -> None:
    spoken = [readable(t) for t in texts if readable(t)]
    as_srt, as_vtt = (render(transcript(), said(*texts), f) for f in ("srt", "vtt"))
    parsed = parsed_srt(as_srt)
    assert sum(begin % 10_000 == 0 for begin, _, _ in parsed) == len(spoken)
    assert all(begin < end for begin, end, _ in parsed)
    content = "".join(words_of(text) for _, _, text in parsed)
    expected = "".join(words_of(t) for t in spoken)
    for sign, alike in (("→", "-->"), ("<", "\u2039"), (">", "\u203a"), ("{", "("), ("}", ")")):
        content, expected = content.replace(sign, alike), expected.replace(sign, alike)
    assert content == expected
    assert not set(as_srt.replace(" --> ", "")) & set("<>{}\x1b\u202e\r\x00")

    for blocks in as_vtt.split("\n\n")[1:]:
        timing, *lines = blocks.rstrip("\n").split("\n")
        assert re.fullmatch(r"[\d:.]+ --> [\d:.]+", timing)
        assert 1 <= len(lines) <= 2
        assert not any("-->" in line or "<" in line or ">" in line for line in lines)
        assert not re.search(r"&(?!amp;|lt;|gt;)", "\n".join(lines))
    raw = "".join(words_of(text) for _, _, text in parsed_vtt(as_vtt))
    unescaped = raw.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert unescaped == "".join(words_of(t) for t in spoken)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_subtitles(text):
    check_subtitles(["before", text, "after"])


@given(st.lists(SPOKEN, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_text_in_subtitles(texts):
    check_subtitles(texts)


def check_markdown(title: str, texts: list[str]) -> None:
    """One heading and a paragraph a sentence whose text is what was said, in a parser with everything on."""
    document = render(transcript(title), said(*texts), "md")
    for parser in (MarkdownIt("commonmark", {"html": True}), MarkdownIt("gfm-like", {"html": True, "linkify": True})):
        tokens = parser.parse(document)
        shape = [t.type for t in tokens if t.type != "inline"]
        spoken = [readable(t) for t in texts if readable(t)]
        paragraphs = ["paragraph_open", "paragraph_close"] * (1 + len(spoken))
        assert shape == ["heading_open", "heading_close", *paragraphs]
        inline = [t for t in tokens if t.type == "inline"]
        kinds = {child.type for t in inline for child in t.children}
        assert kinds <= {"text", "strong_open", "strong_close"}
        shown = ["".join(child.content for child in t.children) for t in inline]
        assert shown[0] == readable(title)
        assert [text.partition(" ")[2] for text in shown[2:]] == spoken


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_markdown(text):
    check_markdown(text, ["before", text, "after"])


@given(SPOKEN.filter(readable), st.lists(SPOKEN, max_size=3))
@settings(max_examples=150, deadline=None)
def test_any_text_in_markdown(title, texts):
    check_markdown(title, texts)


def test_markdown_marks_gaps():
    document = render(transcript(), [JournalEntry("gap", 60, 72.5, "link *lost*")], "md")
    assert "**0:01:00** *(12.5 s missing\\: link \\*lost\\*)*" in document


@given(SPOKEN.filter(readable), st.lists(SPOKEN, max_size=4))
@settings(deadline=None)
def test_any_text_in_plain_text(title, texts):
    lines = render(transcript(title), said(*texts), "txt").split("\n")
    assert lines[0] == readable(title)
    assert lines[1:3] == ["2026-03-01 09:05+00:00, 1:01:01, 2 sentences", ""]
    spoken = [readable(t) for t in texts if readable(t)]
    assert [line.partition("] ")[2] for line in lines[3:] if line] == spoken
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "".join(lines))


def test_what_cannot_be_read_is_seen():
    assert readable("a\x1b[31m\tb\u202ec\u2066\ud800 \x00") == "a\ufffd[31m b\ufffdc\ufffd\ufffd \ufffd"
    for kept in ("नमस्ते", "\u0645\u06cc\u200c\u062e", "👩\u200d👧 é", "\u200f"):
        assert readable(kept) == kept


def test_plain_text_and_its_gaps_and_speakers():
    entries = [
        JournalEntry("sentence", 3, 5, "Hello.", "en", 0.5, "1"),
        JournalEntry("gap", 65, 77, "link lost"),
        JournalEntry("sentence", 3700, 3702, "Bye.", "en", 0.5, "2"),
    ]
    assert render(Transcript(1, "Talk", STARTED, 3702, 2, "interrupted", None), entries, "txt").split("\n") == [
        "Talk",
        "2026-03-01 09:05+00:00, 1:01:42, 2 sentences, interrupted",
        "",
        "[0:00:03] 1: Hello.",
        "[0:01:05] (12.0 s missing: link lost)",
        "[1:01:40] 2: Bye.",
        "",
    ]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3))
@settings(deadline=None)
def test_json_holds_everything_exactly(texts):
    entries = [JournalEntry("sentence", 1.5, 2.5, t, "en", 0.25, t, (Word(t, 1.5, 2.0, None),)) for t in texts]
    document = render(transcript("\x1b[2J"), entries, "json")
    assert document.isascii()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", document)
    read = json.loads(document)
    assert {k: read[k] for k in read if k not in ("entries", "chapters")} == {
        "format": "sidelight-transcript",
        "version": 1,
        "id": 3,
        "title": "\x1b[2J",
        "started": "2026-03-01T09:05:00+00:00",
        "duration_s": 3661.5,
        "state": "complete",
    }
    assert [e["text"] for e in read["entries"]] == texts
    for entry in read["entries"]:
        text = entry["text"]
        assert entry["words"] == [{"text": text, "start_s": 1.5, "end_s": 2.0, "confidence": None}]
        assert (entry["kind"], entry["start_s"], entry["language"], entry["speaker"]) == ("sentence", 1.5, "en", text)


def test_an_empty_transcript_is_a_valid_file_of_each_format():
    documents = {f: render(transcript(), [], f) for f in FORMATS}
    assert documents["srt"] == ""
    assert documents["vtt"] == "WEBVTT\n"
    assert len(webvtt.from_buffer(io.StringIO(documents["vtt"])).captions) == 0
    assert json.loads(documents["json"])["entries"] == []
    assert documents["txt"].startswith("A talk\n")


@pytest.mark.parametrize(
    ("name", "expected"), [("a.txt", "txt"), ("a.b.SRT", "srt"), ("/x/ü.Vtt", "vtt"), (".x.md", "md")]
)
def test_the_extension_names_the_format(name, expected):
    assert format_of(Path(name)) == expected


@pytest.mark.parametrize(
    ("name", "what"),
    [("a.doc", "the extension .doc"), ("a", "no extension"), (".srt", "no extension"), ("a.", "no ext")],
)
def test_an_unknown_extension_lists_the_known(name, what):
    with pytest.raises(UsageError, match=re.escape(what)) as error:
        format_of(Path(name))
    assert error.value.hint == "Use one of .txt, .srt, .vtt, .json, .md"
