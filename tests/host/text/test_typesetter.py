"""Shaped lines as runs of glyphs: their order, how letters join, where marks sit, where lines break."""

from __future__ import annotations

from itertools import pairwise

import pytest

from host.lens.shaping import HEIGHTS
from host.lens.words import ATTACHED, joined

HEIGHT = 48


@pytest.fixture
def shape(typesetter):
    return lambda text, language="": typesetter.shape(text, HEIGHT, language)


def seen(text: str, line) -> str:
    """The characters that glyphs stand for, from left to right."""
    return "".join(text[glyph.cluster] for glyph in line.glyphs)


def names(line) -> list[int]:
    return [glyph.name for glyph in line.glyphs]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("he", "שלום (hello) 12:30 עולם", "םלוע 12:30 )hello( םולש"),
        ("he", "מחיר 12.50 ₪, נכון?", "?ןוכנ ,₪ 12.50 ריחמ"),
        ("", "He said שלום עולם (שלום) today", "He said )םולש( םלוע םולש today"),
        ("he", "Windows 11 שלום", "םולש Windows 11"),
        ("", "Windows 11 שלום", "Windows 11 םולש"),
        ("en", "plain text", "plain text"),
        ("he", "OK, only Latin", "OK, only Latin"),
    ],
)
def test_directions_mix_as_unicode_has_it(shape, language, text, expected):
    line = shape(text, language)
    assert seen(text, line) == expected
    assert line.rtl is ((language == "he" and "ש" in text) or text.startswith("מ"))


def test_a_bracket_turns_with_its_direction(shape):
    opens, closes = (shape("(a)").glyphs[k].glyph for k in (0, 2))
    turned = shape("(א)").glyphs
    assert [glyph.cluster for glyph in turned] == [2, 1, 0]
    assert [turned[0].glyph, turned[2].glyph] == [opens, closes]


def test_arabic_letters_take_the_form_of_their_place(shape):
    alone, twice, thrice = names(shape("ب")), names(shape("بب")), names(shape("ببب"))
    final, initial = twice
    assert alone[0] not in {final, initial}
    assert thrice[0] == final
    assert thrice[2] == initial
    assert thrice[1] not in {alone[0], final, initial}
    assert names(shape("ا ب"))[0] == alone[0]  # a space parts them
    assert names(shape("اب"))[0] == alone[0]  # alef does not join to what follows


def test_joined_letters_touch(shape):
    line = shape("ببب")
    for one, other in pairwise(line.glyphs):
        assert other.x <= one.x + one.glyph.width


def test_lam_and_alef_become_their_ligature(shape):
    assert set(names(shape("لا"))).isdisjoint(names(shape("ل")) + names(shape("ا")) + names(shape("لب")))


def test_a_zero_width_non_joiner_parts_letters(shape):
    together, apart = shape("می‌خواهم"), shape("میخواهم")
    assert [g.name for g in together.glyphs if g.glyph] != [g.name for g in apart.glyphs if g.glyph]


def test_arabic_numbers_run_from_the_left_inside_a_line_from_the_right(shape):
    text = "الساعة ١٤:٠٥"
    assert seen(text, shape(text, "ar")).startswith("١٤:٠٥")


def test_thai_marks_share_the_cluster_of_their_letter_and_stack(shape):
    base, *marks = sorted(shape("ที่", "th").glyphs, key=lambda glyph: -glyph.y)
    assert {glyph.cluster for glyph in (base, *marks)} == {0}
    assert len(marks) == 2
    for upper, lower in pairwise(sorted([base, *marks], key=lambda glyph: glyph.y)):
        assert upper.y + upper.glyph.height <= lower.y + 1
    assert shape("ที่", "th").width <= shape("ท", "th").width + 2


def test_devanagari_vowel_i_stands_before_its_consonant(shape):
    alone = names(shape("क", "hi"))[0]
    first, second = shape("कि", "hi").glyphs
    assert second.name == alone
    assert (first.cluster, second.cluster) == (0, 0)


def test_devanagari_consonants_form_conjuncts(shape):
    assert len(shape("क्ष", "hi").glyphs) == 1
    assert names(shape("क्ष", "hi"))[0] not in names(shape("कष", "hi"))
    assert len(shape("र्म", "hi").glyphs) == 2  # repha goes above what follows
    assert shape("र्म", "hi").glyphs[1].y < shape("म", "hi").glyphs[0].y


def test_hebrew_points_sit_at_their_letter(shape):
    line = shape("שָ", "he")
    letter, point = sorted((glyph for glyph in line.glyphs if glyph.glyph), key=lambda glyph: glyph.y)
    assert point.cluster == letter.cluster == 0
    assert letter.x <= point.x <= letter.x + letter.glyph.width


def test_accents_compose(shape):
    assert len(shape("é").glyphs) == 1
    assert len({glyph.cluster for glyph in shape("x\u0301\u0323").glyphs}) == 1


def test_marks_stack_away_from_their_letter(shape):
    letter, lower, upper = (glyph for glyph in shape("Q\u0308\u0302").glyphs if glyph.glyph)
    assert upper.y + upper.glyph.height <= lower.y
    assert lower.y + lower.glyph.height <= letter.y


def test_korean_jamo_become_a_syllable(shape):
    assert len([g for g in shape("\u1112\u1161\u11ab").glyphs if g.glyph]) <= 3
    assert {g.cluster for g in shape("\u1112\u1161\u11ab").glyphs} == {0}


def test_han_is_written_as_its_language_has_it(shape):
    looks = {tag: shape("骨直", tag).glyphs[0].glyph for tag in ("zh-Hans", "zh-Hant", "ja", "ko", "zh", "zh-TW", "")}
    assert len({looks["zh-Hans"], looks["ja"]}) == 2
    assert looks["zh"] == looks["zh-Hans"] == looks[""]
    assert looks["zh-TW"] == looks["zh-Hant"]
    assert {g.font for g in shape("骨です").glyphs} == {g.font for g in shape("骨", "ja").glyphs}


@pytest.mark.parametrize(
    ("text", "one", "other"), [("б", "sr", "ru"), ("१५", "ne", "hi"), ("۴", "ur", "fa"), ("ş", "ro", "tr")]
)
def test_letters_are_written_as_their_language_has_them(shape, text, one, other):
    assert names(shape(text, one)) != names(shape(text, other))
    assert names(shape(text, other)) == names(shape(text))


def test_a_mixed_line_takes_each_letter_from_a_font_that_has_it(shape):
    line = shape("Привет 你好 שלום مرحبا สวัสดี नमस्ते → ½ გ")
    assert 0 not in names(line)
    assert len({glyph.font for glyph in line.glyphs}) >= 6


def test_what_no_font_has_is_a_box(shape):
    line = shape("a\ue000b\U0010fffdc")
    assert names(line).count(0) == 2
    assert all(glyph.glyph for glyph in line.glyphs if glyph.name == 0)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "أين المحطة؟ القطار 12 (Express)"),
        ("he", "איפה התחנה? 14:05 שָׁלוֹם"),
        ("hi", "क्षत्रिय, कर्म, हिन्दी"),
        ("th", "ผู้ใหญ่ซื้อตั๋วที่นี่"),
        ("el", "Πού είναι ο σταθμός;"),
        ("ru", "Ёлка и чай"),
        ("ja", "駅はどこですか"),
        ("ko", "한국어"),
    ],
)
def test_a_run_is_the_same_in_every_size(typesetter, language, text):
    """Order, joining and stacking are the font's to say, not the size's."""
    lines = [typesetter.shape(text, height, language) for height in HEIGHTS.values()]
    assert len({line.rtl for line in lines}) == 1
    runs = [[(glyph.cluster, glyph.name) for glyph in line.glyphs] for line in lines]
    assert runs[0] == runs[1] == runs[2]
    assert all(name for _, name in runs[0])
    small, normal, large = (line.width for line in lines)
    assert small < normal < large


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "A well-known 100% fact, isn't it?", "A|well-~known|100%|fact,|isn't|it?"),
        ("fr", "10\u00a0000 € (soit plus)", "10\u00a0000|€|(soit|plus)"),
        ("zh-Hans", "今天天气很好，我们去北京南站。", "今天~天气~很~好，~我们~去~北京~南站。"),
        ("ja", "駅はどこですか。お急ぎください。", "駅は~どこですか。~お急ぎください。"),
        ("ja", "「東京」へ行きます", "「東京」へ~行きます"),
        ("ko", "열차는 14시 05분에 출발합니다.", "열차는|14시|05분에|출발합니다."),
        ("th", "สถานีรถไฟอยู่ที่ไหน", "สถานี~รถไฟ~อยู่~ที่ไหน"),
        ("he", "שלום, עולם!", "שלום,|עולם!"),
        ("ar", "الثمن 12.50 ريال، شكرا.", "الثمن|12.50|ريال،|شكرا."),
        ("hi", "स्टेशन कहाँ है? क्षमा।", "स्टेशन|कहाँ|है?|क्षमा।"),
        ("ru", "Поезд — в 14:05.", "Поезд|—|в|14:05."),
        ("el", "Πού είναι ο σταθμός;", "Πού|είναι|ο|σταθμός;"),
        ("zh-Hant", "列車將於14:05發車。", None),
        ("ja", "価格は¥1,200です", None),
    ],
)
def test_lines_break_where_readers_expect(typesetter, language, text, expected):
    words = typesetter.words(text, language)
    assert joined(words) == text
    shown = "|".join(words).replace("|" + ATTACHED, "~")
    if expected is None:
        assert "¥1,200" in shown or "14:05" in shown
    else:
        assert shown == expected


@pytest.mark.parametrize("text", ["👨‍👩‍👧‍👦", "e\u0301\u0323", "한국", "नि", "ที่", "🇩🇪", "각", "ß", "क्ष"])
def test_graphemes_are_never_cut(typesetter, text):
    found = list(typesetter.graphemes(text * 2))
    assert "".join(found) == text * 2
    assert len(found) in {2, 4, 6}  # some of them are two or three
    assert all("\u200d" not in (one[0], one[-1]) for one in found)


def test_a_mark_on_a_space_stays_with_it(typesetter):
    """Unicode's line breaking allows a break between the two."""
    assert typesetter.words("a \u0301 b", "") == ("a \u0301", "b")


def test_endless_graphemes_are_cut_after_all(typesetter):
    heap = "a" + "\u0301" * 10_000
    assert "".join(typesetter.graphemes(heap)) == heap
    assert max(map(len, typesetter.graphemes(heap))) <= 64
    assert len(typesetter.shape("👩‍" * 200, HEIGHT, "").glyphs) <= 400


def test_characters_beyond_the_basic_plane_count_as_one(typesetter):
    text = "😀 𠮷野家 😀x"
    assert joined(typesetter.words(text, "ja")) == text
    assert "".join(typesetter.graphemes(text)) == text
    assert max(glyph.cluster for glyph in typesetter.shape(text, HEIGHT, "ja").glyphs) == len(text) - 1


@pytest.mark.parametrize("language", ["x", "zh-Hans-CN-u-co-pinyin", "i-klingon", "\x00;rm", "e" * 500, "de_DE.UTF-8"])
def test_any_tag_will_do(lens_text, language):
    font = lens_text.font(language)
    assert font.width("žluť 好") > 0
    assert font.words("a b") == ("a", "b")
