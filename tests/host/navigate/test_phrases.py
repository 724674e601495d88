"""The words of instructions, distances and times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from walks import step

from host.navigate.phrases import LANGUAGES, Units, distance, duration, instruction, then
from host.navigate.route import Maneuver, Way

LEFT = step(Maneuver.LEFT, (0, 0), streets=("Rue Grimaldi", "M 1"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_a_word_for_all_that_is_to_be_done(language):
    said = [instruction(step(maneuver, (0, 0)), language) for maneuver in Maneuver]
    assert len(set(said)) == len(said)
    assert all(text.strip() == text and text for text in said)
    assert max(map(len, said)) <= 24  # beside a distance on one line
    ways = [instruction(step(Maneuver.LEFT, (0, 0), way=way), language) for way in Way]
    assert len(set(ways)) == len(Way) - 1  # nothing is said of streets and of what is unknown
    assert "3" in instruction(step(Maneuver.ROUNDABOUT, (0, 0), exit=3), language)
    assert (
        instruction(step(Maneuver.RIGHT, (0, 0)), language).lower()
        in then(step(Maneuver.RIGHT, (0, 0)), language).lower()
    )


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "Left: Rue Grimaldi"),
        ("en-GB", "Left: Rue Grimaldi"),
        ("fr", "À gauche : Rue Grimaldi"),
        ("de", "Links: Rue Grimaldi"),
        ("pt-BR", "À esquerda: Rue Grimaldi"),
        ("ja", "左折、Rue Grimaldi"),
        ("zh-CN", "左转，Rue Grimaldi"),
        ("xx", "Left: Rue Grimaldi"),
    ],
)
def test_an_instruction_names_the_way(language, says):
    assert instruction(LEFT, language) == says


def test_a_way_without_a_name_is_described():
    assert instruction(step(Maneuver.RIGHT, (0, 0), way=Way.PATH), "en") == "Right: path"
    assert instruction(step(Maneuver.LEFT, (0, 0), way=Way.STAIRS), "de") == "Links: Treppe"
    assert instruction(step(Maneuver.STAIRS, (0, 0), way=Way.STAIRS), "en") == "Stairs"
    assert instruction(step(Maneuver.RIGHT, (0, 0), way=Way.UNKNOWN), "en") == "Right"
    assert instruction(step(Maneuver.ARRIVE, (0, 0), streets=("Quai",)), "en") == "Arrived"


def test_what_follows():
    assert then(step(Maneuver.RIGHT, (0, 0)), "en") == "then right"
    assert then(step(Maneuver.RIGHT, (0, 0)), "de") == "dann rechts"
    assert then(step(Maneuver.STAIRS, (0, 0)), "de") == "dann Treppe"
    assert then(step(Maneuver.STAIRS, (0, 0)), "fr") == "puis escalier"


@pytest.mark.parametrize(
    ("metres", "metric", "imperial"),
    [
        (0, "0 m", "0 ft"),
        (3, "5 m", "10 ft"),
        (33, "35 m", "100 ft"),
        (87, "90 m", "300 ft"),
        (151, "150 m", "500 ft"),
        (430, "450 m", "0.3 mi"),
        (974, "950 m", "0.6 mi"),
        (980, "1.0 km", "0.6 mi"),
        (1234, "1.2 km", "0.8 mi"),
        (12_600, "13 km", "7.8 mi"),
        (40_000, "40 km", "25 mi"),
    ],
)
def test_distances_are_rounded_as_people_say_them(metres, metric, imperial):
    assert (distance(metres, Units.METRIC, "en"), distance(metres, Units.IMPERIAL, "en")) == (metric, imperial)


def test_the_decimal_sign_is_the_languages():
    assert [distance(1234, Units.METRIC, language) for language in ("en", "de", "ja")] == ["1.2 km", "1,2 km", "1.2 km"]


@given(st.floats(0, 50_000), st.floats(0, 50_000), st.sampled_from(Units))
def test_a_distance_never_grows_while_somebody_comes_nearer(a, b, units):
    def value(metres):
        number, unit = distance(metres, units, "en").split()
        return float(number) * {"m": 1, "km": 1000, "ft": 1, "mi": 5280}[unit]

    assert value(min(a, b)) <= value(max(a, b))


def test_times():
    assert [duration(s, "en") for s in (0, 29, 90, 3540, 3900)] == ["1 min", "1 min", "2 min", "59 min", "1 h 05 min"]
    assert duration(3900, "ja") == "1時間05分"
