"""What of an OpenStreetMap file becomes a place: nodes, ways and relations, addresses, and what is left out."""

from __future__ import annotations

import pytest
from town_map import town_file

from host.backends.osm_extract import around, extract
from host.backends.osm_places import OsmPlaces
from host.contracts import Place
from host.errors import MapError

pytest.importorskip("osmium")


def places_of(tmp_path, body, unnamed=frozenset({"amenity=toilets"})):
    file = tmp_path / "map.osm"
    file.write_text(f'<osm version="0.6">{body}</osm>', encoding="utf-8")
    return list(OsmPlaces(file, unnamed, lambda _count: None))


def node(number, lat, lon, **tags):
    said = "".join(f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in tags.items())
    return f'<node id="{number}" version="1" lat="{lat}" lon="{lon}">{said}</node>'


def way(number, refs, **tags):
    said = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
    nodes = "".join(f'<nd ref="{r}"/>' for r in refs)
    return f'<way id="{number}" version="1">{nodes}{said}</way>'


def relation(number, members, **tags):
    said = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
    inside = "".join(f'<member type="{t}" ref="{r}" role="{role}"/>' for t, r, role in members)
    return f'<relation id="{number}" version="1">{inside}{said}</relation>'


CORNERS = node(1, 0, 0) + node(2, 0, 2) + node(3, 2, 2) + node(4, 2, 0)


def test_a_node_with_all_its_names(tmp_path):
    (place,) = places_of(
        tmp_path,
        node(1, 1.5, 2.5, amenity="cafe", name="A", name__fr="B", alt_name="C; D", old_name="E", name__etymology="no"),
    )
    assert (place.name, place.kind, place.place) == ("A", "amenity=cafe", Place(1.5, 2.5))
    assert dict(place.names) == {"fr": "B", "alt": "C", "alt1": "D", "old": "E"}


def test_an_area_is_at_its_middle_and_a_street_on_its_line(tmp_path):
    park, street = places_of(
        tmp_path,
        CORNERS
        + way(10, [1, 2, 3, 4, 1], leisure="park", name="Park")
        + way(11, [1, 2, 3], highway="residential", name="Street"),
    )
    assert park.place == Place(1.0, 1.0)
    assert (street.kind, street.place) == ("highway=street", Place(0.0, 2.0))


def test_a_relation_is_where_its_members_are_or_its_label(tmp_path):
    ways = CORNERS + node(5, 0.25, 0.25) + way(10, [1, 2, 3, 4, 1])
    outer = [("way", 10, "outer")]
    (park,) = places_of(tmp_path, ways + relation(20, outer, type="multipolygon", leisure="park", name="Park"))
    assert park.place == Place(1.0, 1.0)
    labelled = [*outer, ("node", 5, "label")]
    (town,) = places_of(tmp_path, ways + relation(20, labelled, type="boundary", boundary="administrative", name="T"))
    assert town.place == Place(0.25, 0.25)


def test_addresses_and_what_is_looked_for_without_a_name(tmp_path):
    house, toilets, shop = places_of(
        tmp_path,
        node(1, 0, 0, addr__street="Rue X", addr__housenumber="7", addr__city="Y")
        + node(2, 0, 0, amenity="toilets")
        + node(3, 0, 0, shop="bakery", brand="Z", addr__street="Rue X", addr__housenumber="9"),
    )
    assert (house.name, house.kind, house.locality) == ("Rue X 7", "addr=house", "Y")
    assert (toilets.name, toilets.kind) == ("", "amenity=toilets")
    assert (shop.name, shop.address) == ("Z", "Rue X 9")


def test_what_is_no_place_or_is_not_in_the_file_is_left_out(tmp_path):
    assert (
        places_of(
            tmp_path,
            node(1, 0, 0, amenity="bench")
            + node(2, 0, 0, railway="switch", name="12")
            + node(3, 0, 0, name="only a name")
            + way(10, [98, 99], highway="residential", name="Far away")
            + relation(20, [("way", 77, "outer")], type="multipolygon", leisure="park", name="Far away")
            + relation(21, [("way", 10, "")], type="route", route="bus", name="Bus 1"),
        )
        == []
    )


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"<osm", b'<osm version="0.6"><node id="x"/></osm>'])
@pytest.mark.parametrize("name", ["bad.osm", "bad.osm.pbf", "bad.txt"])
def test_what_is_no_map_is_said(tmp_path, content, name):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MapError, match=r"is no OpenStreetMap file, or is damaged"):
        list(OsmPlaces(tmp_path / name, frozenset(), lambda _count: None))


def test_a_part_keeps_its_ways_whole(tmp_path):
    bounds = around(Place(0.5, -20.0), 0.1)
    assert bounds.north - bounds.south == pytest.approx(0.2 / 111.195, rel=1e-6)
    extract(town_file(tmp_path), tmp_path / "part.osm.pbf", bounds)
    part = OsmPlaces(tmp_path / "part.osm.pbf", frozenset(), lambda _count: None)
    names = {place.name for place in part}
    assert "Harbour Street" in names
    assert "Island Light" not in names
    assert part.bounds.east == pytest.approx(-20 + 2 * 120 / 111_195, abs=1e-5)  # the end of the first piece
