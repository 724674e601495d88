"""GPX as apps write it, and as nobody should."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from host.errors import PositionError
from host.position.gpx import GpxReader


def read(text, piece=1000):
    reader = GpxReader()
    data = text if isinstance(text, bytes) else text.encode()
    source = io.BytesIO(data)
    while part := source.read(piece):
        reader.feed(part)
    return reader.close()


def gpx(body, head='version="1.1" xmlns="http://www.topografix.com/GPX/1/1"'):
    return f'<?xml version="1.0"?>\n<gpx {head}>\n{body}\n</gpx>'


TRACK = """<trk><name>to the port</name><trkseg>
<trkpt lat="43.7311" lon="7.4197"><ele>10.1</ele><time>2026-05-01T10:00:00Z</time><hdop>1.2</hdop></trkpt>
<trkpt lat="43.7312" lon="7.4198"><time>2026-05-01T12:00:01.5+02:00</time></trkpt>
</trkseg><trkseg>
<trkpt lat="43.7320" lon="7.4200"><time>2026-05-01T10:02:00</time></trkpt>
</trkseg></trk>"""


def test_a_track_of_two_segments():
    first, second = read(gpx(TRACK))
    assert [(p.lat, p.lon) for p in first] == [(43.7311, 7.4197), (43.7312, 7.4198)]
    assert first[1].utc_s - first[0].utc_s == pytest.approx(1.5)
    assert second[0].utc_s - first[0].utc_s == pytest.approx(120)
    assert (first[0].accuracy_m, first[1].accuracy_m) == (pytest.approx(6.0), None)


def test_pieces_of_any_size_are_the_same_file():
    assert read(gpx(TRACK), piece=1) == read(gpx(TRACK)) == read(gpx(TRACK).encode("utf-16"))


def test_gpx_1_0_has_speed_and_course_of_its_own_and_apps_put_them_into_extensions():
    old = gpx(
        '<trk><trkseg><trkpt lat="1" lon="2"><speed>1.4</speed><course>361</course></trkpt></trkseg></trk>',
        'version="1.0" xmlns="http://www.topografix.com/GPX/1/0"',
    )
    assert [(p.speed_mps, p.course_deg) for p in read(old)[0]] == [(1.4, 361.0)]
    prefixed = (
        gpx(
            '<g:trk><g:trkseg><g:trkpt lat="1" lon="2"><g:extensions><t:TrackPointExtension><t:speed>1.5</t:speed>'
            "</t:TrackPointExtension></g:extensions></g:trkpt></g:trkseg></g:trk>",
            'xmlns:g="http://www.topografix.com/GPX/1/1"',
        )
        .replace("<gpx", "<g:gpx")
        .replace("</gpx", "</g:gpx")
    )
    assert [p.speed_mps for p in read(prefixed)[0]] == [1.5]


@pytest.mark.parametrize(
    ("creator", "point", "accuracy_m"),
    [
        ("OsmAnd~ 4.7", "<hdop>6.04</hdop>", 4.0),
        ("Locus Map, Android", "<hdop>3.02</hdop>", 2.0),
        ("GPSLogger", "<hdop>1.5</hdop>", 7.5),
        ("OpenTracks", "<o:accuracy_horizontal>4.53</o:accuracy_horizontal>", 3.0),
        ("x", "<hdop>a lot</hdop>", None),
    ],
)
def test_what_apps_say_of_accuracy(creator, point, accuracy_m):
    body = f'<trk><trkseg><trkpt lat="1" lon="2"><extensions>{point}</extensions></trkpt></trkseg></trk>'
    found = read(gpx(body, f'creator="{creator}"'))[0][0]
    assert found.accuracy_m == (None if accuracy_m is None else pytest.approx(accuracy_m))


def test_a_route_is_walked_where_there_is_no_track():
    route = '<rte><rtept lat="1" lon="2"/><rtept lat="1" lon="3"/></rte>'
    waypoint = '<wpt lat="9" lon="9"/>'
    assert [(p.lat, p.lon) for p in read(gpx(waypoint + route))[0]] == [(1, 2), (1, 3)]
    assert read(gpx(route + TRACK)) == read(gpx(TRACK))
    assert len(read(gpx("<trk><trkseg/></trk>" + route))[0]) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (gpx('<wpt lat="1" lon="2"/><wpt lat="1" lon="2"/>'), r"the GPX file has only waypoints \(2\), no track"),
        (gpx(""), "the GPX file has no points, no track and no route"),
        ("", "malformed in line 1: no element found"),
        ("<kml/>", "the file is no GPX: its root is 'kml'"),
        ("$GPRMC,123519", "malformed in line 1: "),
        (gpx('<trk>\n<trkpt lat="1" lon="200"/></trk>'), "malformed in line 4: a point's lon is '200'"),
        (gpx('<trk>\n<trkpt lat="nan" lon="2"/></trk>'), "malformed in line 4: a point's lat is 'nan'"),
        (gpx('<trk><trkpt lon="2"/></trk>'), "malformed in line 3: a point's lat is 'missing'"),
        (gpx(TRACK)[:-50], "malformed in line 7: no element found"),
        (gpx("\n\n</trk>"), "malformed in line 5: mismatched tag"),
        ('<?xml version="1.0" encoding="klingon"?><gpx/>', "malformed in line 1: "),
        ("<gpx>" + "<a>" * 100, "elements in elements without end"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text, message):
    with pytest.raises(PositionError, match=message) as caught:
        read(text)
    assert caught.value.hint


def test_an_element_without_an_end_is_refused_before_it_takes_minutes():
    reader = GpxReader()
    reader.feed(b'<gpx creator="')
    for _ in range(16):
        reader.feed(b"A" * 65536)
    with pytest.raises(PositionError, match="an element without an end"):
        reader.feed(b"A" * 131072)


def test_entities_are_refused_before_they_grow():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?>\n<!DOCTYPE gpx [<!ENTITY l0 "ha">{laughs}]>\n<gpx>&l9;</gpx>'
    with pytest.raises(PositionError, match="malformed in line 2: it has a DOCTYPE"):
        read(bomb)
    with pytest.raises(PositionError, match="it has a DOCTYPE"):
        read('<!DOCTYPE gpx SYSTEM "file:///etc/passwd"><gpx/>')
    with pytest.raises(PositionError, match="malformed in line 1: undefined entity"):
        read("<gpx>&l9;</gpx>")


def test_a_file_that_does_not_end_is_refused_in_bounded_memory():
    reader = GpxReader()
    reader.feed(b"<gpx><trk>")
    point = b'<trkpt lat="1" lon="2"><time>' + b"9" * 10_000 + b"</time></trkpt>"
    for _ in range(20):
        reader.feed(point)
    assert {p.utc_s for p in reader._found.track[0]} == {None}
    reader.feed(b'<trkpt lat="1" lon="2"/>' * (200_000 - 20))
    with pytest.raises(PositionError, match="more than 200000 points"):
        reader.feed(b'<trkpt lat="1" lon="2"/>')


@given(st.binary(max_size=300) | st.text(alphabet='<>/="& gpxtrkseptlaon0123.-\n', max_size=300).map(str.encode))
@example(gpx(TRACK).encode())
def test_anything_is_points_or_a_clear_error(data):
    with suppress(PositionError):
        stretches = read(data, piece=7)
        assert all(abs(p.lat) <= 90 and abs(p.lon) <= 180 for stretch in stretches for p in stretch)


@given(st.integers(0, len(gpx(TRACK)) - 1), st.binary(min_size=1, max_size=3))
def test_a_damaged_file_is_points_or_a_clear_error(at, junk):
    whole = gpx(TRACK).encode()
    with suppress(PositionError):
        assert read(whole[:at] + junk + whole[at + len(junk) :])
