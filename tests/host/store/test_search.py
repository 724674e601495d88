"""Sentences are found in every script, and nothing that a user types is syntax."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from host.contracts import JournalEntry
from host.errors import UsageError
from host.store.journal import SqliteJournal
from host.store.search import SearchTerms, index_text, search_terms, snippet
from host.store.transcripts import Transcripts

SENTENCES = [
    "Let's talk about the budget for Zürich.",
    "NEAR the station AND not OR far, said the column: text",
    "我们今天讨论预算和时间安排",
    "会議は三時に始まります",
    "วันนี้เราจะประชุมกัน",
    "오늘 회의는 세 시에 시작합니다",
    "Встреча начнётся в три часа",
    'It costs $5 (100% sure) 👍 at a*b "quoted" text',
    "हम बजट पर बात करेंगे",
    "ＡＢＣ ｶﾀｶﾅ",
    "ένας καφές",
    "שָׁלוֹם",
    "le café",
]  # fmt: skip


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("talk")
    journal = SqliteJournal.open(folder, datetime(2026, 3, 1, tzinfo=UTC))
    for i, text in enumerate(SENTENCES):
        journal.add(JournalEntry("sentence", i, i + 1, text))
    journal.close()
    store = Transcripts.open(folder)
    yield store
    store.close()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("budget", [0]),
        ("BUDG", [0]),
        ("udget", []),
        ("zurich budget", [0]),
        ("zürich", [0]),
        ("Let's", [0]),
        ("预算", [2]),
        ("算", [2]),
        ("讨论预算", [2]),
        ("讨论时间", []),
        ("会議", [3]),
        ("三時", [3]),
        ("始まり", [3]),
        ("ประชุม", [4]),
        ("회의", [5]),
        ("встр", [6]),
        ("начнется", [6]),
        ("ΚΑΦΕΣ", [10]),
        ("שלום", [11]),
        ("cafe\u0301", [12]),
        ("बजट", [8]),
        ("बज", [8]),
        ("abc", [9]),
        ("カタカナ", [9]),
        ("near", [1]),
        ("AND", [1]),
        ("OR NOT", [1]),
        ("station NEAR far", [1]),
        ("NEAR(station far)", []),
        ("column: text", [1]),
        ("column:text", [1]),
        ("text:column", []),
        ('"quoted"', [7]),
        ('"', [7]),
        ("a*b", [7]),
        ("*", [7]),
        ("$", [7]),
        ("👍", [7]),
        ("👍 sure", [7]),
        ("👍 budget", []),
        ("-far", [1]),
        ("^near", [1]),
        ("{text} : column", [1]),
        ("text", [1, 7]),
        ("budget' OR '1'='1", []),
    ],
)
def test_what_is_found(talk, words, found):
    assert [SENTENCES.index(hit.text) for hit in talk.search(words)] == found


@pytest.mark.parametrize("words", ["", "  ", "\0", "\n\t"])
def test_nothing_to_search_for(store, words):
    with pytest.raises(UsageError, match="nothing to search for"):
        store.search(words)


def test_order_place_and_title(store, recorded):
    older = recorded("a word here", "and a word there")
    newer = recorded("the last word")
    store.rename(older, "First talk")
    hits = store.search("word")
    assert [(h.transcript_id, h.start_s, h.end_s) for h in hits] == [(newer, 0, 1.5), (older, 0, 1.5), (older, 2, 3.5)]
    assert [h.title for h in hits] == ["the last word", "First talk", "First talk"]


def test_gaps_are_not_sentences(store, recorded):
    recorded(JournalEntry("gap", 0, 1, "link lost $"), "the link is fine")
    assert [h.text for h in store.search("link")] == ["the link is fine"]
    assert store.search("$") == []


def test_every_word_is_a_string():
    assert search_terms('say "hi" 预算 $') == SearchTerms('"say"* AND """hi"""* AND " 预  算 "*', ("$",))
    assert index_text("ｈｉ手机x") == "hi 手  机 x"


TEXTS = st.text(max_size=40) | st.text(st.sampled_from('a b"*-:^(){}+ANDORNEAR,预算é\u0301\0$'), max_size=30)


def test_any_words_can_be_asked_for(folder):
    store = Transcripts.open(folder)

    @given(st.text(st.characters(), max_size=40) | TEXTS)
    @settings(max_examples=150, deadline=None)
    @example("\ud800")
    def check(words):
        if words.replace("\0", " ").split():
            assert store.search(words) == []
        else:
            with pytest.raises(UsageError):
                store.search(words)

    check()
    store.close()


def test_any_sentence_is_found_by_each_of_its_words(folder, started):
    journal, store = SqliteJournal.open(folder, started), Transcripts.open(folder)

    @given(TEXTS)
    @settings(max_examples=150, deadline=None)
    def check(text):
        journal.add(JournalEntry("sentence", 0, 1, text))
        for word in text.replace("\0", " ").split():
            assert text in [hit.text for hit in store.search(word)], word
            assert snippet(text, word) == text

    check()
    store.close()
    journal.close()


def test_snippets_show_the_place():
    text = "start " + "filler " * 50 + "the Zürich meeting is here " + "filler " * 50
    part = snippet(text, "nothing zurich")
    assert "Zürich meeting" in part
    assert part.startswith("…")
    assert part.endswith("…")
    assert len(part) <= 122
    assert snippet(text, "absent").startswith("start filler")


@given(st.text(max_size=400), st.text(max_size=10))
@settings(deadline=None)
def test_snippets_of_any_text(text, words):
    part = snippet(text, words)
    assert len(part) <= 122
    assert part.strip("…").strip() in text


def test_titles_and_speakers_are_found_as_sentences_are(store, recorded):
    def by(speaker, start_s, text):
        return JournalEntry("sentence", start_s, start_s + 1.0, text, "en", speaker=speaker)

    first = recorded(by("Änne Lee", 0.0, "The budget is late."), by("2", 2.0, "Why?"), by(None, 4.0, "Number 2."))
    second = recorded("Good morning.", "The roof leaks.")
    store.rename(second, "Budget of the Änne Frank school")
    found = [(hit.transcript_id, hit.kind, hit.text) for hit in store.search("budget")]
    assert found == [(second, "title", "Budget of the Änne Frank school"), (first, "sentence", "The budget is late.")]
    assert [(hit.kind, hit.text, hit.speaker) for hit in store.search("anne lee late")] == [
        ("sentence", "The budget is late.", "Änne Lee")
    ]
    assert [hit.text for hit in store.search("2")] == ["Number 2."]  # not who has no name
    store.rename(second, "School")
    assert [hit.transcript_id for hit in store.search("budget")] == [first]
    store.delete([second])
    assert store.search("school") == []


def test_a_sentence_with_a_bookmark_is_found_as_one(store, recorded):
    number = recorded(
        JournalEntry("sentence", 0.0, 1.0, "We agree on blue.", "en"),
        JournalEntry("bookmark", 3.0, 3.0, ""),
        JournalEntry("sentence", 2.0, 4.0, "And green is out.", "en"),
        JournalEntry("bookmark", 4.5, 4.5, ""),
        JournalEntry("sentence", 5.0, 6.0, "Grey is in.", "en"),
    )
    assert [(hit.text, hit.bookmarked) for hit in store.search("is")] == [
        ("And green is out.", True),
        ("Grey is in.", False),
    ]
    assert (store.get(number).bookmarks, store.get(number).sentences) == (2, 3)
