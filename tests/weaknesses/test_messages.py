"""Messages to the glasses: what packages by others lose, mix up or run as a program, and ours does not."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from peer_rig import PIXELS, Printed, by_devices, by_peers, caption_changes, now, picture_lit, with_ours, with_peer

from firmware_bridge.console import Console
from firmware_bridge.link import GlassesKind
from host.bench.link_peers import CAPTURE, LISTEN, PEERS
from host.bench.link_rig import Rig

pytestmark = pytest.mark.filterwarnings("default")  # the packages' own warnings are not ours to fix

FIVE = ["one of five", "two of five", "three of five", "four of five", "five of five"]


def lose_a_packet(frame: Rig, number: int) -> None:
    """The n-th packet from here never arrives at the glasses."""
    frame.after_received(number - 1, lambda: frame.faults.drop_next("down"))


# --- a message that lost a packet ---------------------------------------------------------------------------------


@by_devices
def test_ours_shows_a_picture_that_lost_a_packet_and_the_next(device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        lose_a_packet(frame, 30)
        for pixels in PIXELS:
            asked = now()
            await client.picture(pixels)
            await asyncio.sleep(0.3)
            assert now() - asked < 2
            assert picture_lit(frame, pixels, asked)
        assert frame.faults.counts == {"drop": 1}

    with_ours(body, device)


@by_peers
def test_others_show_no_picture_any_more_after_a_lost_packet(name: str, device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        lose_a_packet(frame, 30)
        asked = now()
        if device == "halo":  # not even that one is said to be lost
            await client.picture(PIXELS[0])
        else:
            with pytest.raises(Exception, match="device didn't respond"):
                await client.picture(PIXELS[0])
            assert now() - asked > 5
        for pixels in PIXELS:  # sent and acknowledged without an error
            await client.picture(pixels)
            await asyncio.sleep(0.5)
        assert not any(picture_lit(frame, pixels, asked) for pixels in PIXELS)

    with_peer(name, body, device)


# --- two at once --------------------------------------------------------------------------------------------------


@by_devices
def test_two_tasks_of_ours_show_pictures_at_once_and_the_next_is_shown(device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        asked = now()
        await asyncio.gather(client.picture(PIXELS[0]), client.picture(PIXELS[1]))
        await asyncio.sleep(0.3)
        assert picture_lit(frame, PIXELS[1], asked)
        asked = now()
        await client.picture(PIXELS[0])
        await asyncio.sleep(0.3)
        assert picture_lit(frame, PIXELS[0], asked)

    with_ours(body, device)


@by_peers
def test_two_messages_of_others_at_once_silence_the_next(name: str, device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        asked = now()
        await asyncio.gather(client.picture(PIXELS[0]), client.picture(PIXELS[1]), return_exceptions=True)
        await client.picture(PIXELS[0])  # sent and acknowledged without an error
        await asyncio.sleep(0.5)
        assert not any(picture_lit(frame, pixels, asked) for pixels in PIXELS)

    with_peer(name, body, device)


@by_devices
def test_a_caption_of_ours_overtakes_a_picture_and_both_are_shown(device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        asked = now()
        picture = asyncio.create_task(client.picture(PIXELS[0]))
        await asyncio.sleep(0.01)
        await client.caption("meanwhile")
        await picture
        await asyncio.sleep(0.3)
        assert caption_changes(frame, asked) == 1
        assert picture_lit(frame, PIXELS[0], asked)

    with_ours(body, device)


@pytest.mark.parametrize("name", PEERS)  # brilliant-msg sends otherwise to Halo, and both are shown
def test_a_caption_of_others_ends_the_picture_that_is_on_its_way(name: str) -> None:
    async def body(frame: Rig, client: Any) -> None:
        asked = now()
        picture = asyncio.create_task(client.picture(PIXELS[0]))
        await asyncio.sleep(0.01)
        with contextlib.suppress(Exception):
            await client.caption("meanwhile")
        with pytest.raises(Exception, match="device didn't respond"):
            await picture
        await asyncio.sleep(0.5)
        assert not picture_lit(frame, PIXELS[0], asked)

    with_peer(name, body, "frame")


# --- sound at the same time ---------------------------------------------------------------------------------------


@by_devices
def test_ours_shows_a_picture_that_lost_a_packet_while_sound_streams(device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        listening = asyncio.create_task(client.listen(3))
        await asyncio.sleep(1)
        lose_a_packet(frame, 30)
        asked = now()
        await client.picture(PIXELS[0])
        await asyncio.sleep(0.3)
        assert picture_lit(frame, PIXELS[0], asked)
        assert (await listening).known_lost == 0
        assert frame.faults.counts == {"drop": 1}
        assert frame.device.counters.receive_overwrites == 0

    with_ours(body, device)


@by_peers
def test_others_take_sound_for_the_acknowledgement_of_a_packet_that_was_lost(name: str, device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        await client.client.send_message(LISTEN, client._library.TxCode(1).pack())
        await asyncio.sleep(1)
        lose_a_packet(frame, 30)
        asked = now()
        await client.picture(PIXELS[0])  # acknowledged without an error
        await asyncio.sleep(0.5)
        assert frame.faults.counts == {"drop": 1}
        assert not picture_lit(frame, PIXELS[0], asked)

    with_peer(name, body, device)


# --- several in a row ---------------------------------------------------------------------------------------------


@by_devices
def test_five_captions_of_ours_in_a_row_are_all_shown_while_a_photo_is_taken(device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        photo = asyncio.create_task(client.photo())
        await asyncio.sleep(0.05)
        asked = now()
        for text in FIVE:
            await client.caption(text)
            await asyncio.sleep(0.2 if device == "halo" else 0.05)  # Halo's camera holds up Lua while it wakes
        await photo
        await asyncio.sleep(0.3)
        assert caption_changes(frame, asked) == len(FIVE)

    with_ours(body, device)


def test_frame_msg_shows_the_last_of_five_captions_in_a_row_while_a_photo_is_taken() -> None:
    async def body(frame: Rig, client: Any) -> None:
        settings = client._library.TxCaptureSettings(resolution=460, quality_index=4)
        await client.client.send_message(CAPTURE, settings.pack())
        await asyncio.sleep(0.05)
        asked = now()
        for text in FIVE:
            await client.caption(text)
        await asyncio.sleep(2)
        assert caption_changes(frame, asked) < len(FIVE)

    with_peer("frame-msg", body, "frame")


# --- text and answers ---------------------------------------------------------------------------------------------

EVIL = 'x\\\',1,1)print("PWNED")--'


@by_devices
def test_no_text_of_ours_is_run_as_a_program(device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        printed = Printed(frame)
        for text in (EVIL, "ends in \\", "]]print(1)--", "\x03\x04"):
            await client.caption(text)
            await asyncio.sleep(0.2)
        assert printed.texts == printed.failures == []
        assert frame.device.counters.vm_starts == 1

    with_ours(body, device)


@by_peers
def test_others_run_text_as_a_program(name: str, device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        peer = client._library.FrameMsg() if name == "frame-msg" else client._library.BrilliantMsg()
        await peer.connect()
        printed = Printed(frame)
        with contextlib.suppress(Exception):
            await peer.print_short_text(EVIL)
        await asyncio.sleep(0.2)
        assert b"PWNED" in b"".join(printed.texts)
        await peer.disconnect()

    with_peer(name, body, device, start=False)


@by_devices
def test_a_late_answer_is_never_taken_for_that_of_the_next_question(device: GlassesKind) -> None:
    async def body(frame: Rig, _client: Any) -> None:
        values: list[bytes] = []
        consoles: list[Console] = []

        def received(value: bytes) -> None:
            values.append(value)
            consoles[0].received(value)

        source = frame.source()
        link = await source.connect(received, lambda _error: None)
        consoles.append(Console(link))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await consoles[0].run("frame.sleep(1)", "first")
        asked = now()
        await consoles[0].run("", "second")
        assert now() - asked > 0.5  # the glasses were busy until then, and their first answer was passed over
        assert values[-1].endswith(b"second")
        await link.disconnect()

    with_ours(body, device, start=False)


@by_devices
def test_brilliant_ble_takes_a_late_answer_for_that_of_the_next_question(device: GlassesKind) -> None:
    async def body(_frame: Rig, client: Any) -> None:
        peer = client._library.BrilliantMsg()
        await peer.connect()
        with pytest.raises(Exception, match="device didn't respond"):
            await peer.send_lua("frame.sleep(1.5)print('first')", await_print=True, timeout=1)
        assert await peer.send_lua("print('second')", await_print=True) == "first"
        await peer.disconnect()

    with_peer("brilliant-msg", body, device, start=False)


def test_frame_ble_takes_a_late_answer_for_that_of_the_next_question() -> None:
    async def body(_frame: Rig, client: Any) -> None:
        peer = client._library.FrameMsg()
        await peer.connect()
        with pytest.raises(Exception, match="device didn't respond"):
            await peer.send_lua("frame.sleep(5.5)print('first')", await_print=True)
        assert await peer.send_lua("print('second')", await_print=True) == "first"
        await peer.disconnect()

    with_peer("frame-msg", body, "frame", start=False)
