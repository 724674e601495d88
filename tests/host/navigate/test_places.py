"""Finding places in the town of our own making, and the rules of finding, one by one."""

from __future__ import annotations

import contextlib
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from town_map import at, town_folder

from host.app.maps import open_map
from host.contracts import Place
from host.contracts.places import MapPlace
from host.errors import PlaceNotFoundError
from host.navigate.categories import CATEGORIES, UNNAMED, label, words
from host.navigate.line import distance_m
from host.navigate.places import coordinates, find, near_duplicates, tokens

LANGUAGES = {"en", "es", "fr", "de", "it", "pt", "ja", "zh"}


@pytest.fixture(scope="module")
def town():
    with contextlib.closing(open_map(town_folder())) as opened:
        yield opened


def first(town, query, near=None, language="en"):
    found = town.find(query, near=near, language=language).found[0]
    return found.place.name or found.name


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("Museum of Small Things", "Museum of Small Things"),
        ("museum der kleinen dinge", "Museum of Small Things"),
        ("small things", "Museum of Small Things"),
        ("farmacia sao joao", "Farmácia São João"),
        ("FARMÁCIA SÃO JOÃO", "Farmácia São João"),
        ("Konigs-Apotheke", "Königs-Apotheke"),
        ("Königstrasse", "Königstraße"),
        ("河畔酒店", "Hotel Río"),
        ("ウェストヘイブン駅", "Westhaven"),
        ("ウェストヘイブン", "Westhaven"),
        ("mercado velho", "Mercado Central"),
        ("Parque das Flores", "Parque das Flores"),
        ("flower park", "Parque das Flores"),
        ("Mill Lane 7", "Mill Lane 7"),
        ("7 mill lane", "Mill Lane 7"),
        ("Rue de la Gare", "Rue de la Gare"),
        ("Hotel", "Hotel Río"),
        ("the harbour", "Port Westhaven"),
        ("puerto", "Port Westhaven"),
        ("leuchtturm", "Island Light"),
        # one letter wrong: left out, added, another, two swapped
        ("Museum of Smal Things", "Museum of Small Things"),
        ("Farmácya São João", "Farmácia São João"),
        ("Merccado Central", "Mercado Central"),
        ("Ilsand Light", "Island Light"),
        ("supermarkt", "Mercado Central"),
        ("HotelRío", "Hotel Río"),
    ],
)
def test_a_place_is_found_however_it_is_called(town, query, name):
    assert first(town, query) == name


@pytest.mark.parametrize(
    "query", ["station", "gare", "Bahnhof", "estación", "stazione", "estação", "駅", "火车站", "Hbf"]
)
def test_a_station_is_found_by_what_it_is_in_eight_languages(town, query):
    found = town.find(query).found[0]
    assert found.place.kind == "railway=station"
    assert found.place.name == "Westhaven"


@pytest.mark.parametrize("query", ["gare de Westhaven", "Westhaven station", "Bahnhof Westhaven", "Havre-Ouest gare"])
def test_what_it_is_and_its_name_together_find_the_station(town, query):
    assert town.find(query).found[0].place.kind == "railway=station"


def test_what_has_no_name_is_found_by_what_it_is_and_called_so(town):
    assert town.find("toilet").found[0].name == "toilets"
    assert town.find("Toilette", language="de").found[0].name == "toiletten"


def test_names_come_in_the_language_of_the_user(town):
    assert town.find("Parque das Flores", language="en").found[0].name == "Flower Park"
    assert town.find("Parque das Flores", language="de").found[0].name == "Parque das Flores"


def test_pieces_of_a_street_are_one_place_and_a_name_twice_is_two(town):
    assert [f.place.kind for f in town.find("Königstraße").found].count("highway=street") == 1
    cafes = town.find("Café Zoë").found
    assert [f.place.name for f in cafes] == ["Café Zoë", "Café Zoë"]
    assert not town.find("Café Zoë").clear


def test_the_nearer_of_two_goes_first(town):
    south, north = at(1.5, 0.5), at(1.5, 3.5)
    assert town.find("Café Zoë", near=south).found[0].place.place.lat < 0.502
    assert town.find("Café Zoë", near=north).found[0].place.place.lat > 0.502
    distances = [f.distance_m for f in town.find("pharmacy", near=south).found]
    assert distances == sorted(distances)


def test_a_kind_goes_before_a_street_that_is_named_after_it(town):
    assert town.find("gare").found[0].place.kind == "railway=station"
    assert first(town, "Station Road") == "Station Road"
    assert town.find("Station Road").clear


def test_a_station_of_several_parts_is_one(town):
    assert [f.place.kind for f in town.find("Westhaven station").found].count("railway=station") == 1


@pytest.mark.parametrize("query", ["xyzzy", "-", "   ", "", "!!!", "\0", "\ud800"])
def test_what_is_not_there_is_an_error_with_what_is_nearest(town, query):
    with pytest.raises(PlaceNotFoundError, match="the map has no place") as caught:
        town.find(query)
    assert caught.value.hint


def test_what_is_like_it_is_offered(town):
    with pytest.raises(PlaceNotFoundError) as caught:
        town.find("Mill Zyx Wvu 99")
    assert "Mill Lane" in caught.value.nearest
    assert caught.value.hint.startswith("Nearest: ")


def test_a_house_that_is_not_there_is_asked_about_and_never_another_house(town):
    places = town.find("Mill Lane 77")
    assert places.found[0].place.name == "Mill Lane"
    assert not places.clear


@pytest.mark.parametrize(
    "query",
    ['"', '" OR "', "names : mill", "mill NOT lane", "NEAR(mill lane)", "mill*", "^mill", "{kind} : x", "a AND"],
)
def test_the_syntax_of_the_index_is_only_text(town, query):
    with contextlib.suppress(PlaceNotFoundError):
        assert town.find(query).found


@given(st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_text_finds_something_or_says_that_it_does_not(query):
    with contextlib.closing(open_map(town_folder())) as town, contextlib.suppress(PlaceNotFoundError):
        assert town.find(query).found


@given(st.sampled_from(["farmacia", "mercado", "konigstraße", "museum", "westhaven"]), st.data())
@settings(max_examples=60, deadline=None)
def test_any_one_letter_wrong_is_forgiven(word, data):
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from(string.ascii_lowercase))
    wrong = data.draw(
        st.sampled_from(
            [
                word[:place] + word[place + 1 :],
                word[:place] + letter + word[place:],
                word[:place] + letter + word[place + 1 :],
                word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
            ]
        )
    )
    with contextlib.closing(open_map(town_folder())) as town:
        assert town.find(wrong).found


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("43.7384,7.4246", Place(43.7384, 7.4246)),
        (" -33.5 , 151 ", Place(-33.5, 151.0)),
        ("43.7384 7.4246", Place(43.7384, 7.4246)),
        ("91,7", None),
        ("43.7", None),
        ("43,7384,7,4246", None),
        ("1e5,3", None),
        ("12 Avenue", None),
    ],
)
def test_coordinates(text, place):
    assert coordinates(text) == place


def test_plus_codes_whole_and_short():
    pytest.importorskip("openlocationcode")
    whole = coordinates("8FM9PCM5+2R")
    assert whole is not None
    assert whole.lat == pytest.approx(43.7326, abs=1e-3)
    assert coordinates("pcm5+2r", Place(43.73, 7.42)) == whole
    assert coordinates("PCM5+2R") is None
    assert coordinates("A+B") is None


def test_near_duplicates_chain():
    def cafe(north_m, kind="amenity=cafe", name="Zoë"):
        return MapPlace(name=name, kind=kind, place=Place(north_m / 111_195.0, 0.0))

    assert near_duplicates([]) == []
    assert sorted(map(sorted, near_duplicates([cafe(0), cafe(280), cafe(140), cafe(600)]))) == [[0, 1, 2], [3]]
    streets = [cafe(0, "highway=street"), cafe(900, "highway=street")]
    assert len(near_duplicates(streets)) == 1
    assert len(near_duplicates([cafe(0, name=""), cafe(100, name="")])) == 2


@given(st.lists(st.tuples(st.floats(-0.01, 0.01), st.floats(-0.01, 0.01)), max_size=12))
def test_near_duplicates_takes_each_place_once_and_leaves_none_near_another(points):
    places = [MapPlace(name="a", kind="amenity=cafe", place=Place(*p)) for p in points]
    groups = near_duplicates(places)
    assert sorted(n for group in groups for n in group) == list(range(len(places)))
    for group in groups:
        for other in groups:
            if group is not other:
                assert all(distance_m(places[a].place, places[b].place) >= 150 for a in group for b in other)


def test_every_category_has_a_name_in_every_language():
    for category in CATEGORIES:
        assert set(category.names) == LANGUAGES
        assert all(name == name.strip() and name for names in category.names.values() for name in names)
        assert all("=" in kind for kind in category.kinds)


def test_what_may_have_no_name_can_be_named():
    for kind in UNNAMED:
        for language in LANGUAGES:
            assert "=" not in label(kind, language)
            assert any(kind in category.kinds for category in CATEGORIES), kind


def test_the_words_of_categories_are_as_a_query_is_cut():
    for word in words():
        assert " ".join(tokens(word)) == word


def test_a_list_is_no_longer_than_asked(town):
    class Everything:
        def find(self, terms, *, every, near, limit):
            return [MapPlace(name=f"Café {n}", kind="amenity=cafe", place=Place(0.0, n)) for n in range(50)]

        def alike(self, word):
            return []

    assert len(find("café", Everything(), limit=5).found) == 5
