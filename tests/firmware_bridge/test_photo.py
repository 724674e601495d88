"""Photos from glasses that break the protocol, or lose half of it."""

from __future__ import annotations

import asyncio
import random

import pytest
from glasses_end import address, on_both
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_glasses import ScriptedGlasses

from firmware_bridge import DeviceError, Glasses, LinkTimeoutError, LocalProtocolError, RemoteProtocolError, Scene, Text
from firmware_bridge.camera import AWAKE_S
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import EmulatorSource
from firmware_bridge.messages import Camera, Failed, PhotoBlock, PhotoReceived, TakePhoto
from firmware_bridge.photo import MAX_PHOTO_BYTES, PhotoAssembler
from firmware_bridge.wire import PhotoPacket, check

JPEG = b"\xff\xd8" + bytes(range(200)) * 3 + b"\xff\xd9"


def cut_up(jpeg: bytes, packet: int = 242, packets: int = 16) -> list[list[bytes]]:
    pieces = [jpeg[at : at + packet] for at in range(0, len(jpeg), packet)]
    return [pieces[at : at + packets] for at in range(0, len(pieces), packets)]


def block(index: int, pieces: list[bytes], first: int, *, last: bool, number: int = 7) -> PhotoBlock:
    checks = b"".join(check(piece).to_bytes(4, "little") for piece in pieces)
    return PhotoBlock(number, index, len(pieces), first % 64, check(checks), int(last))


def feed(photo: PhotoAssembler, index: int, pieces: list[bytes], *, last: bool = False) -> bool:
    for n, piece in enumerate(pieces):
        photo.packet(PhotoPacket((index * 16 + n) % 64, piece))
    return bool(photo.block(block(index, pieces, index * 16, last=last)).ok)


@given(st.integers(0, 60_000), st.sampled_from([14, 100, 242]), st.integers(0, 2**32))
@settings(max_examples=30)
def test_any_photo_is_put_together_whatever_is_damaged(size: int, packet: int, seed: int) -> None:
    """Also over the smallest packets, where a photo has hundreds of blocks."""
    chance = random.Random(seed)
    jpeg = b"\xff\xd8" + chance.randbytes(size if packet > 14 else size // 4)
    photo = PhotoAssembler(7)
    waiting = list(enumerate(cut_up(jpeg, packet)))
    last = len(waiting) - 1
    while waiting:
        at = chance.randrange(min(2, len(waiting)))  # the app keeps two
        index, pieces = waiting[at]
        if chance.random() < 0.1:
            pieces = [*pieces[:-1], pieces[-1] + b"?"]
            for n, piece in enumerate(pieces):
                photo.packet(PhotoPacket((index * 16 + n) % 64, piece))
            assert not photo.block(block(index, waiting[at][1], index * 16, last=index == last)).ok
            assert index in photo.missing
        else:
            assert feed(photo, index, pieces, last=index == last)
            del waiting[at]
    assert photo.jpeg == jpeg


def test_a_photo_is_limited_in_bytes() -> None:
    photo = PhotoAssembler(7)
    most = MAX_PHOTO_BYTES // (16 * 242)
    for index in range(most):
        assert feed(photo, index, [b"\xff\xd8" + bytes(240)] * 16)
    with pytest.raises(RemoteProtocolError, match="no photo") as caught:
        feed(photo, most, [bytes(242)] * 16)
    assert str(MAX_PHOTO_BYTES) in caught.value.message


@pytest.mark.parametrize(
    ("blocks", "why"),
    [
        ([(5, [b"x"], False)], "block 5"),
        ([(0, [b"x"] * 33, False)], "33 packets"),
        ([(0, [], False)], "empty"),
        ([(0, [], True)], "begins with nothing"),
        ([(0, [b"GIF89a"], True)], "begins with 4749"),
        ([(1, [b"y"], False), (0, [b"x"], True)], "behind the last"),
        ([(0, [b"x"], False), (1, [b"y"], False), (0, [b"x"], True)], "behind the last"),
    ],
)
def test_what_is_no_photo_is_refused(blocks: list[tuple[int, list[bytes], bool]], why: str) -> None:
    photo = PhotoAssembler(7)
    *before, (index, pieces, last) = blocks
    for known, data, end in before:
        assert feed(photo, known, data, last=end)
    with pytest.raises(RemoteProtocolError, match=why):
        feed(photo, index, pieces, last=last)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 20), st.integers(0, 63), st.booleans()), max_size=40))
def test_nothing_that_is_announced_does_more_than_be_refused(
    announced: list[tuple[int, int, int, bool]],
) -> None:
    photo = PhotoAssembler(7)
    for index, packets, first, last in announced:
        for n in range(packets):
            photo.packet(PhotoPacket((first + n) % 64, bytes([255, 216, n])))
        pieces = [bytes([255, 216, n]) for n in range(packets)]
        try:
            photo.block(block(index, pieces, first, last=last))
        except RemoteProtocolError:
            return
        assert photo.jpeg is None or photo.jpeg.startswith(b"\xff\xd8")


def test_two_pictures_are_never_mixed() -> None:
    """Restarted glasses take another picture under the same number: what came of the first is forgotten."""
    first, second = (cut_up(b"\xff\xd8" + bytes([n]) * 9000) for n in (1, 2))
    photo = PhotoAssembler(7)
    assert feed(photo, 0, first[0])
    for index, pieces in enumerate(second):
        assert feed(photo, index, pieces, last=index == len(second) - 1)
    assert photo.jpeg == b"\xff\xd8" + b"\2" * 9000


def test_a_block_behind_one_that_is_missing_is_asked_for_again_too() -> None:
    photo = PhotoAssembler(7)
    feed(photo, 1, [b"x"])
    feed(photo, 2, [b"y"])
    assert {0, 3} <= set(photo.missing)
    assert not {1, 2} & set(photo.missing)


# --- through the public API, from glasses that a test scripts ------------------------------------------------------


def sends(source: ScriptedGlasses, *reports: PhotoBlock, pieces: list[bytes] | None = None) -> None:
    """On the next order: these, with the number of the photo that was asked for."""

    def taken(order: TakePhoto) -> None:
        del source.on[TakePhoto]
        asyncio.get_running_loop().call_later(0.1, send, order.id)

    def send(number: int) -> None:
        for n, piece in enumerate(pieces or []):
            source.photo(n, piece)
        for report in reports:
            source.report(PhotoBlock(number, report.index, report.packets, report.first, report.check, report.last))

    source.on[TakePhoto] = taken


@pytest.mark.parametrize("index", [2, 64, 65535])
def test_a_far_end_that_breaks_the_protocol_costs_one_photo_and_nothing_else(index: int) -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        unhandled: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: unhandled.append(context))
        async with Glasses(source) as glasses:
            sends(source, PhotoBlock(0, index, 1, 0, 0, 0), PhotoBlock(0, index, 1, 0, 0, 0))
            began = asyncio.get_running_loop().time()
            with pytest.raises(RemoteProtocolError, match="what the glasses sent is no photo") as caught:
                await glasses.take_photo()
            assert caught.value.hint
            assert asyncio.get_running_loop().time() - began < 1
            pieces = cut_up(JPEG)[0]
            sends(source, block(0, pieces, 0, last=True), pieces=pieces)
            assert (await glasses.take_photo()).jpeg == JPEG
            await glasses.show(Scene((Text(1, 0, 0, "still here"),)))
            assert source.connections == 1
            assert PhotoReceived(source.given(TakePhoto)[0].id, index, 1) in source.orders  # it may forget it
        assert unhandled == []

    run_virtual(main())


def test_glasses_that_ask_for_more_answers_than_they_take_are_not_answered_without_end() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            session = glasses.session
            assert session is not None
            for n in range(5000):
                glasses.on_report(PhotoBlock(1, n, 1, 0, 0, 0))
            assert session.endpoint.waiting <= 1024
            assert "more answers than they take" in (await session.over).message
            await glasses.show(Scene((Text(1, 0, 0, "again"),)))
            assert source.connections == 2

    run_virtual(main())


def test_a_photo_that_the_glasses_cannot_take_says_why() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            source.on[TakePhoto] = lambda _order: source.report(Failed(TakePhoto.CODE, b"camera is asleep"))
            with pytest.raises(DeviceError, match="could not take a photo") as caught:
                await glasses.take_photo()
            assert caught.value.device_text == "camera is asleep"

    run_virtual(main())


def test_a_photo_that_was_given_up_and_failed_late_is_not_the_next_one() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            given_up = asyncio.create_task(glasses.take_photo())
            await asyncio.sleep(0.1)
            given_up.cancel()
            first = source.given(TakePhoto)[0].id

            def fails_late(order: TakePhoto) -> None:
                source.report(Failed(TakePhoto.CODE, b"%d:the camera did not finish a picture" % first))
                source.report(Failed(TakePhoto.CODE, b"%d:camera.lua:5: asleep" % order.id))

            source.on[TakePhoto] = fails_late
            with pytest.raises(DeviceError, match="could not take a photo") as caught:
                await glasses.take_photo()
            assert caught.value.device_text == "camera.lua:5: asleep"

    run_virtual(main())


def test_a_failure_that_crosses_the_next_order_on_the_air_is_not_the_next_photo_s() -> None:
    """On the emulated Frame, which cannot take the first one and says so some 120 ms after it was asked."""

    async def main() -> None:
        async with Glasses(EmulatorSource(parse_uri("emulator:frame"))) as glasses:
            session = glasses.session
            assert session is not None
            for delay_ms in range(100, 160, 5):
                await session.send(TakePhoto(255, 99, 0, 0, 0))
                await asyncio.sleep(delay_ms / 1000)
                assert (await glasses.take_photo(resolution=100, exposures=0)).jpeg.endswith(b"\xff\xd9"), delay_ms

    run_virtual(main())


def test_a_minute_without_a_photo_is_its_limit_also_while_the_link_is_lost() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        loop = asyncio.get_running_loop()
        async with Glasses(source) as glasses:
            began = loop.time()
            with pytest.raises(LinkTimeoutError, match="no photo within 60 s"):
                await glasses.take_photo()
            source.away = True
            source.cut()
            with pytest.raises(LinkTimeoutError, match="no photo within 60 s"):
                await glasses.take_photo()
            assert loop.time() - began == pytest.approx(120, abs=1)
            with pytest.raises(LocalProtocolError, match="no photo of 99 pixels"):
                await glasses.take_photo(resolution=99)

    run_virtual(main())


def test_the_camera_is_kept_awake_or_not_through_a_lost_link() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            for on in (True, False):
                source.on[Camera] = lambda _order: (source.on.clear(), source.cut())
                await glasses.keep_camera_awake(on=on)
                assert source.given(Camera)[-1] == Camera(AWAKE_S if on else 0)
                assert len(source.given(Camera)) > 1
                source.orders.clear()
            source.cut()
            await asyncio.sleep(60)
            assert source.given(Camera) == [Camera(0)]

    run_virtual(main())


def test_the_glasses_are_told_again_that_the_camera_is_to_stay_awake() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            await glasses.keep_camera_awake(on=True)
            await asyncio.sleep(10 * AWAKE_S)
            assert source.given(Camera) == [Camera(AWAKE_S)] * 31
            source.away = True
            source.cut()
            await asyncio.sleep(60)
            source.away = False
            await asyncio.sleep(10)
            assert 32 <= len(source.given(Camera)) <= 37
        told = len(source.given(Camera))
        await asyncio.sleep(60)
        assert len(source.given(Camera)) == told

    run_virtual(main())


@on_both
def test_the_camera_of_glasses_that_nobody_comes_back_to_goes_to_sleep() -> None:
    """Nobody can tell the glasses that the camera is not wanted any more."""

    async def main() -> None:
        source = EmulatorSource(parse_uri(address()))
        camera, asleep = source.device.camera, list[bool]()
        async with Glasses(source) as glasses:
            asleep.append(camera.asleep)
            await glasses.keep_camera_awake(on=True)
            await asyncio.sleep(3 * AWAKE_S)
            asleep.append(camera.asleep)
            source.faults.cut_for(60)
            await asyncio.sleep(AWAKE_S + 0.5)
            asleep.append(camera.asleep)
            await asyncio.sleep(60)  # back, and still wanted
            asleep.append(camera.asleep)
        assert asleep == [True, False, True, False]

    run_virtual(main())


def test_a_picture_of_halo_that_takes_three_seconds_is_waited_for() -> None:
    async def main() -> None:
        async with Glasses(EmulatorSource(parse_uri("emulator:halo?strict=1"))) as glasses:
            photo = await glasses.take_photo()
            assert photo.camera_s > 3
            assert photo.orientation == 1

    run_virtual(main())
