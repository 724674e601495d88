"""The address of emulated glasses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.emulator.faults import Cut, FaultRates
from firmware_bridge.emulator.link_layer import RadioConditions
from firmware_bridge.emulator.options import FrameOptions, HaloOptions, lens_size, parse_uri
from firmware_bridge.errors import UriError


def test_the_bare_address_is_the_defaults() -> None:
    assert parse_uri("emulator:frame") == FrameOptions()
    assert parse_uri("emulator:frame?") == FrameOptions()


def test_every_part() -> None:
    uri = (
        "emulator:frame?mic=talk.wav&camera=tag.jpg&taps=t.txt&head=h.txt&battery=41.5&loop=1&speed=4&seed=7&slow=1"
        "&strict=1&interval_ms=30&packets=6&loss=0.05&mtu=185&name=Frame 0A&flash=state&paired=other"
        "&faults=drop:0.01,corrupt:0.02&cut=12:10,40:0.5"
    )
    assert parse_uri(uri) == FrameOptions(
        mic=Path("talk.wav"),
        camera=Path("tag.jpg"),
        taps=Path("t.txt"),
        head=Path("h.txt"),
        battery=41.5,
        loop=True,
        speed=4.0,
        seed=7,
        slow=True,
        strict=True,
        radio=RadioConditions(interval_s=0.03, packets=6, loss=0.05),
        mtu=185,
        name="Frame 0A",
        flash=Path("state"),
        paired="other",
        faults=FaultRates(drop=0.01, corrupt=0.02),
        cuts=(Cut(12, 10), Cut(40, 0.5)),
    )


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/tmp/my talk.wav", "/tmp/my talk.wav"),
        ("разговор 会議.wav", "разговор 会議.wav"),
        ("a%26b%25c.wav", "a&b%c.wav"),
        ("1+1=2.wav", "1+1=2.wav"),
        ("C:\\sound\\talk.wav", "C:\\sound\\talk.wav"),
        ("what?.wav", "what?.wav"),
        ("a#b.wav", "a#b.wav"),
    ],
)
def test_plain_paths_work(text: str, path: str) -> None:
    assert parse_uri(f"emulator:frame?loop=1&mic={text}").mic == Path(path)


def test_halo() -> None:
    assert parse_uri("emulator:halo") == HaloOptions()
    made = parse_uri("emulator:halo?button=b.txt&charging=1&firmware=later&strict=1&interval_ms=30")
    assert made == HaloOptions(
        button=Path("b.txt"),
        charging=True,
        firmware="later",
        strict=True,
        radio=RadioConditions(interval_s=0.03, packets=4),
    )
    assert lens_size(made) == (256, 256)
    assert lens_size(FrameOptions()) == (640, 400)


def test_virtual_time() -> None:
    assert parse_uri("emulator:frame?speed=max").virtual
    assert not parse_uri("emulator:frame?speed=100").virtual


@pytest.mark.parametrize(
    ("uri", "message", "hint"),
    [
        (
            "emulator:frame?mik=a",
            "unknown part 'mik' in the address of the glasses; did you mean 'mic'?",
            "parts: mic",
        ),
        ("emulator:frame?zzz=1", "unknown part 'zzz' in the address of the glasses", "Known parts"),
        ("emulator:frame?mic", "mic has no value", "Write mic=VALUE."),
        ("emulator:frame?mic=", "mic= is not possible", "a file or folder"),
        ("emulator:frame?battery=101", "battery=101 is not possible", "0 to 100"),
        ("emulator:frame?battery=nan", "battery=nan is not possible", "0 to 100"),
        ("emulator:frame?battery=full", "battery=full is not possible", "0 to 100"),
        ("emulator:frame?loop=yes", "loop=yes is not possible", "0 or 1"),
        ("emulator:frame?speed=0", "speed=0 is not possible", "0.1 to 100, or max"),
        ("emulator:frame?seed=-1", "seed=-1 is not possible", "whole numbers"),
        ("emulator:frame?packets=2.5", "packets=2.5 is not possible", "whole numbers 1 to 20"),
        ("emulator:frame?interval_ms=5", "interval_ms=5 is not possible", "7.5 to 4000"),
        ("emulator:frame?loss=1", "loss=1 is not possible", "0 to 0.9"),
        ("emulator:frame?mtu=22", "mtu=22 is not possible", "23 to 517"),
        ("emulator:frame?name=", "name= is not possible", "1 to 29 bytes"),
        ("emulator:frame?name=a%1b[2J", "name=a\\x1b[2J is not possible", "printable"),
        ("emulator:frame?paired=maybe", "paired=maybe is not possible", "self, other or no"),
        (
            "emulator:frame?faults=drp:0.1",
            "unknown fault 'drp' in faults=drp:0.1; did you mean 'drop'?",
            "faults: drop",
        ),
        ("emulator:frame?faults=drop", "faults=drop= is not possible", "0 to 1"),
        ("emulator:frame?faults=drop:0.6,delay:0.6", "faults=drop:0.6,delay:0.6 is not possible", "at most 1"),
        ("emulator:frame?cut=12", "cut=12 is not possible", "SECOND:SECONDS"),
        ("emulator:frame?cut=12:0", "cut=0 is not possible", "0.001 to 1e+06"),
        ("emulator:frame?button=x", "unknown part 'button' in the address of the glasses", "Known parts"),
        (
            "emulator:halo?buton=x",
            "unknown part 'buton' in the address of the glasses; did you mean 'button'?",
            "firmware",
        ),
        ("emulator:halo?firmware=9", "firmware=9 is not possible", "0.8.8 or later"),
        ("emulator:fraim", "there is no emulated device 'fraim'; did you mean 'frame'?", "emulator:frame"),
    ],
)
def test_what_is_wrong_is_named(uri: str, message: str, hint: str) -> None:
    with pytest.raises(UriError) as caught:
        parse_uri(uri)
    assert caught.value.message == message
    assert hint in caught.value.hint


@given(st.text())
def test_any_text_is_options_or_an_error_of_ours(text: str) -> None:
    try:
        message = str(parse_uri("emulator:frame?" + text).seed)
    except UriError as error:
        message = error.message
    assert message.isprintable()
