"""What the wearer wants: one tap, two, keys, and what is forgotten."""

from __future__ import annotations

import asyncio

import pytest

from firmware_bridge import LinkLostError, Tap
from host.app.wishes import Wishes


async def wished(wishes: Wishes) -> str | None:
    return await wishes.wish(0.01)


def test_a_tap_is_heard_at_once_and_a_second_one_makes_it_new():
    async def main():
        wishes = Wishes()
        wishes.tapped(10.0)
        assert await wished(wishes) == "next"
        wishes.tapped(10.3)
        assert await wished(wishes) == "new"
        wishes.tapped(10.5)  # the third of three: the first of the next
        assert await wished(wishes) == "next"
        assert await wished(wishes) is None

    asyncio.run(main())


@pytest.mark.parametrize(("second", "wish"), [(10.5, "new"), (10.6, "next"), (3.0, "next")])
def test_taps_far_from_each_other_are_two_and_so_are_those_of_restarted_glasses(second, wish):
    async def main():
        wishes = Wishes()
        wishes.tapped(10.0)
        wishes.forget()
        wishes.tapped(second)
        assert await wished(wishes) == wish

    asyncio.run(main())


def test_new_outweighs_next_whatever_comes_first():
    async def main():
        for first, then in ((Wishes.next, Wishes.new), (Wishes.new, Wishes.next)):
            wishes = Wishes()
            first(wishes)
            then(wishes)
            assert await wished(wishes) == "new"
            assert await wished(wishes) is None

    asyncio.run(main())


def test_what_was_wanted_before_can_be_forgotten():
    async def main():
        wishes = Wishes()
        wishes.new()
        wishes.forget()
        assert await wished(wishes) is None

    asyncio.run(main())


@pytest.mark.parametrize(("button", "wish"), [("single", "next"), ("double", "new"), ("long", "new")])
def test_presses_of_the_button_are_wishes(button, wish):
    async def taps():
        yield Tap(1.0, button)
        raise LinkLostError("out of reach")

    async def main():
        wishes = Wishes()
        await wishes.follow(taps())
        assert await wished(wishes) == wish

    asyncio.run(main())


def test_taps_are_followed_until_the_glasses_are_away_for_good():
    async def taps():
        yield Tap(1.0)
        raise LinkLostError("out of reach")

    async def main():
        wishes = Wishes()
        await wishes.follow(taps())
        assert await wished(wishes) == "next"

    asyncio.run(main())
