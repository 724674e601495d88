"""Days of somebody who wears the glasses, from scenario files: everyday mode on the emulated Frame in virtual time.

pytest -s -m slow tests/scenarios/test_day.py        a whole day, and five minutes with a real recogniser
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("PIL.Image")
pytest.importorskip("lupa")
pytest.importorskip("babel")

from scenarios.day_file import DayError, clock, read_scenario
from scenarios.day_player import play
from scenarios.day_world import recording

HERE = Path(__file__).parent


def lived(name, tmp_path, monkeypatch):
    day = play(read_scenario(HERE / name), tmp_path, monkeypatch)
    assert not day.wrong, "\n".join(day.wrong)
    return day


def test_a_morning(tmp_path, monkeypatch):
    lived("day_morning.toml", tmp_path, monkeypatch)


@pytest.mark.slow
def test_a_whole_day(tmp_path, monkeypatch):
    """From eight to eight: meetings, walks, shops, signs, lost links up to half an hour, a recharge, other glasses."""
    pytest.importorskip("valhalla")
    lived("day_whole.toml", tmp_path, monkeypatch)


@pytest.mark.slow
def test_five_minutes_with_a_recogniser_of_this_computer(tmp_path, monkeypatch):
    """What it hears is printed; it is rough, so few words of it are expected."""
    pytest.importorskip("pocketsphinx")
    scenario = read_scenario(HERE / "day_heard.toml")
    for line in scenario.lines:
        if line.verb == "hear" and recording(line.texts[0]) is None:
            pytest.skip(f"there is no recording {line.texts[0]} in shared/data/speech beside the project")
    day = lived("day_heard.toml", tmp_path, monkeypatch)
    heard = [f"{clock(t + scenario.begins_s)} {e['text']}" for t, e in day.events if e["event"] == "sentence"]
    sys.stdout.write("\n".join(["", *heard, ""]))


DAY = """begins = "08:00"
ends = "08:00:14"
script = '''
{}
'''

[settings]
price_country = "NO"
"""

HAPPENS = """08:00:03 say "Good morning"
08:00:06 see tag "TOMATOES" "29.90"
08:00:06 do price
08:00:06 refused end "end needs a tap"
"""

WRONG = """08:00:03 lens "Good evening" within 2 s          # nobody says that
08:00:03 lens "Good morning" for 4 s                 # it is not there at once
08:00:03 never "morning" until 08:00:14
08:00:03 dark within 1 s
08:00:03 told sentence "Good evening" within 8 s
08:00:03 silent sentence until 08:00:14
08:00:06 refused bookmark "nothing is heard"
08:00:06 refused end "end needs two taps"
08:00:14 transcript 1 "morning" "Good"
08:00:14 transcript 2 "Good morning"
08:00:14 history "POTATOES"
"""

RIGHT = """08:00:03 lens "Good morning" "●" within 3 s
08:00:05 lens "Good morning" for 1 s
08:00:05 never "TOMATOES" until 08:00:06
08:00:03 told sentence "Good morning" within 8 s
08:00:03 silent error until 08:00:14
08:00:06 lens "TOMATOES" "29.90" within 5 s
08:00:14 transcript 1 "Good morning"
08:00:14 gaps 1 at most 0 s
08:00:14 history "TOMATOES" "29.90" "NOK"
"""


def test_each_expectation_that_is_not_met_is_told_with_its_line(tmp_path, monkeypatch):
    """A player that cannot fail shows nothing."""
    lines = sorted((HAPPENS + WRONG + RIGHT).splitlines())
    file = tmp_path / "day.toml"
    file.write_text(DAY.format("\n".join(lines)), encoding="utf-8")
    day = play(read_scenario(file), tmp_path, monkeypatch)
    told = {int(one.split(":")[1]) for one in day.wrong}
    assert told == {4 + n for n, line in enumerate(lines) if line in WRONG.splitlines()}, "\n".join(day.wrong)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("07:59 tap", "it goes back in time"),
        ("8 o'clock tap", "'8' is no time"),
        ("08:00 clap", "there is no 'clap'"),
        ('08:00 say "Good', "No closing quotation"),
        ('08:01 lens "A" within 3', "'within' is no span"),
    ],
)
def test_a_line_that_cannot_be_read_is_told(tmp_path, line, why):
    file = tmp_path / "day.toml"
    file.write_text(DAY.format(f"08:00:01 tap\n{line}"), encoding="utf-8")
    with pytest.raises(DayError) as error:
        read_scenario(file)
    assert str(error.value) == f"day.toml:5: {why}: {line}"
