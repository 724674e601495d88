"""Whatever text comes, in whatever script: it can be set, nothing of it is lost, and it stays on the lens."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.lens.cards import Block, cards
from host.lens.display_list import GlyphItem, TextItem
from host.lens.layout import fill, shortened, words_of
from host.lens.shape import FRAME
from host.lens.text import shapeable
from host.lens.words import bare, joined
from host.transcribe.captions import Said, Style, picture, start, updated

WIDTH, HEIGHT = 640, 400
ROOM = WIDTH - 2 * FRAME.margin

SPOKEN = (
    "Dobrý den hello “world” 24/7 · 今天天气很好我们去北京 · 駅はどこですか東京タワー · 열차는 출발합니다 · "
    "Привет мир · שלום עולם שָׁלוֹם (abc) · مرحبا بالعالم لا ١٤:٠٥ · สวัสดีครับวันนี้ผู้ใหญ่ · नमस्ते क्षत्रिय कर्म · "
    "👨‍👩‍👧 🇩🇪 e\u0301 · "
    "\u202e\u2066\u200b\u200d\ufeff\x07"
)
WRITTEN = st.lists(st.sampled_from(SPOKEN.split(" ")), max_size=12).map(" ".join)
ANY = st.one_of(WRITTEN, st.text(max_size=60), st.text(st.sampled_from(SPOKEN), max_size=60))
LANGUAGES = st.sampled_from(["", "en", "cs", "zh-Hans", "ja", "ko", "he", "ar", "th", "hi", "xx"])
SIZES = st.sampled_from(["small", "normal", "large"])
HOSTILE = {
    "marks": "a" + "\u0301" * 10_000,
    "marks everywhere": "a\u0301\u0323" * 3_000,
    "joiners": "👩‍" * 3_000,
    "conjuncts": "क्" * 3_000,
    "jamo": "\u1100" * 5_000,
    "tatweel": "ب" + "ـ" * 10_000 + "ب",
    "one word": "x" * 10_000,
    "a long word behind a hyphen": "a-" + "x" * 300 + " 字" + "x" * 300,
    "ideographs": "字" * 5_000,
    "thai": "ก" * 5_000,
    "directions": "aא" * 3_000,
    "brackets": "(" * 3_000 + "א" + ")" * 3_000,
    "scripts": "aбγאبกक字가" * 600,
    "wide": "\ufdfd\u2e3b\U00012031" * 50,
    "nothing": "\u200b\u200e\u2060\x00" * 5_000,
    "flags": "🇩" * 3_001,
    "no font has them": "".join(map(chr, range(0xE000, 0xF800))),
}


def on_the_lens(item) -> bool:
    if isinstance(item, TextItem):
        return item.x >= 0 and item.y >= 0
    placed = item.placed
    inside = all(
        item.x + one.x >= FRAME.margin
        and item.x + one.x + one.glyph.width <= WIDTH - FRAME.margin
        and item.y + one.y >= 0
        and item.y + one.y + one.glyph.height <= HEIGHT
        for one in placed
    )
    return inside and min(one.x for one in placed) == 0 and min(one.y for one in placed) == 0


@given(ANY, LANGUAGES, SIZES)
@settings(deadline=None)
def test_no_grapheme_is_lost_or_cut_and_no_line_is_wider_than_the_lens(lens_text, text, language, size):
    font = lens_text.font(language, size)
    words = words_of(text, font, ROOM)
    shown = shapeable(text)
    assert joined(words) == shown
    whole = {0}
    for grapheme in font.graphemes(shown):
        whole.add(max(whole) + len(grapheme))
    ends = [len(joined(words[:k])) for k in range(1, len(words))]
    starts = [end + (shown[end] == " ") for end in ends]
    assert set(starts) <= whole
    for line in fill(words, font, ROOM):
        assert font.width(joined(line)) <= ROOM or len(font.graphemes(joined(line))) == 1


@given(st.lists(ANY, max_size=3), LANGUAGES, SIZES)
@settings(deadline=None)
def test_any_card_stays_on_the_lens(lens_text, texts, language, size):
    pages = cards([Block(text, lens_text.font(language, size)) for text in texts], FRAME)
    assert pages
    for page in pages:
        assert all(map(on_the_lens, page.items))
        assert len({item.id for item in page.items}) == len(page.items)


@pytest.mark.parametrize("name", HOSTILE)
def test_text_that_is_made_to_be_expensive_is_set_too(lens_text, name):
    font = lens_text.font("")
    pages = cards([Block(HOSTILE[name], font)], FRAME)
    assert all(on_the_lens(item) for page in pages for item in page.items)
    assert joined(words_of(HOSTILE[name], font, ROOM)) == shapeable(HOSTILE[name])
    assert font.width(shortened(HOSTILE[name], font, ROOM)) <= ROOM


@given(st.lists(ANY, min_size=1, max_size=6), LANGUAGES)
@settings(deadline=None, max_examples=50)
def test_captions_in_any_script_stay_on_the_lens_and_keep_their_places(lens_text, texts, language):
    style = Style(font=lens_text.font(language), shape=FRAME, lines=4, dark_after_s=0)
    state = start(style, 0.0)
    said: dict[int, str] = {}
    for number, text in enumerate(texts):
        state = updated(state, Said(text, final=True), number * 1000.0, style)
        shown = {line.key: joined(line.words) for _, line in state.roll.shown()}
        assert all(shown[key] == said[key] for key in shown.keys() & said.keys())
        said |= shown
        drawn = picture(state, style)
        assert all(map(on_the_lens, drawn.items))
        rows = [y for y, _ in sorted({(item.y, item.id) for item in drawn.items if isinstance(item, TextItem)})]
        assert all(b - a >= style.font.height + style.line_gap for a, b in pairwise(sorted(set(rows))))


@given(st.data(), LANGUAGES)
@settings(deadline=None, max_examples=50)
def test_a_fixed_word_never_changes_its_line_in_any_script(lens_text, data, language):
    """Words of a growing hypothesis, as a recogniser gives them, and its last wording."""
    style = Style(font=lens_text.font(language), shape=FRAME, lines=4, dark_after_s=0, agree=1)
    state = start(style, 0.0)
    text = ""
    places: dict[int, tuple[int, str]] = {}
    for _ in range(data.draw(st.integers(1, 6))):
        text += data.draw(WRITTEN) + " "
        state = updated(state, Said(text, final=False), 0.0, style)
        assert all(map(on_the_lens, picture(state, style).items))
        fixed = [(line.key, bare(word)) for line in state.roll.lines for word in line.words[: line.fixed]]
        for k, (key, word) in enumerate(fixed):
            if not state.gone:
                assert places.setdefault(k, (key, word)) == (key, word)


def test_cards_go_on_from_page_to_page(lens_text):
    text = "今天天气很好，我们去北京南站。" * 12
    pages = cards([Block(text, lens_text.font("zh", "large")), Block("end", lens_text.font("en"))], FRAME)
    assert len(pages) > 2
    assert [len(page.items) for page in pages[:-1]] == [4] * (len(pages) - 1)
    rows = [item.y // (72 + FRAME.gap) for item in pages[0].items]
    assert rows == [0, 1, 2, 3]
    assert isinstance(pages[0].items[0], GlyphItem)
    last = pages[-1].items[-1]
    assert (last.text, last.x) == ("end", FRAME.margin)
    assert cards([], FRAME)[0].items == ()


def test_a_long_title_is_shortened_between_graphemes(lens_text):
    for language, text in {"th": "ที่นี่" * 40, "he": "שָׁלוֹם " * 40, "zh": "火车站" * 40}.items():
        font = lens_text.font(language)
        short = shortened(text, font, 300)
        assert font.width(short) <= 300
        assert short.endswith("...")
        kept = short[:-3]
        assert text.startswith(kept)
        assert not unicodedata.combining(text[len(kept)])
