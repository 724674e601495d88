"""Photos: what packages by others lose or damage without a word, and ours mends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from peer_rig import WAIT_S, by_devices, by_peers, camera_jpeg, with_ours, with_peer

from firmware_bridge.link import GlassesKind
from host.bench.link_peers import CAPTURE, PEERS
from host.bench.link_rig import Rig

pytestmark = pytest.mark.filterwarnings("default")  # the packages' own warnings are not ours to fix


def lose_a_packet(frame: Rig, number: int) -> None:
    """The n-th notification from here never arrives."""
    frame.after_sent(number, lambda: frame.faults.drop_next("up"))


# --- a packet in the middle is lost -------------------------------------------------------------------------------


@by_devices
def test_ours_mends_a_photo_that_lost_a_packet(device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        lose_a_packet(frame, 40)
        assert await client.photo() == camera_jpeg(frame)
        assert frame.faults.counts == {"drop": 1}

    with_ours(body, device)


@by_peers
def test_others_hand_out_a_damaged_photo_without_an_error(name: str, device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        lose_a_packet(frame, 40)
        jpeg = await client.photo()
        assert frame.faults.counts == {"drop": 1}
        assert jpeg.startswith(b"\xff\xd8")
        assert len(jpeg) < len(camera_jpeg(frame))

    with_peer(name, body, device)


# --- the first packet is lost -------------------------------------------------------------------------------------


@by_devices
def test_ours_takes_photos_after_one_whose_beginning_was_lost(device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        lose_a_packet(frame, 2)
        for _ in range(3):
            assert await client.photo() == camera_jpeg(frame)

    with_ours(body, device)


@by_peers
def test_others_never_hand_out_a_photo_again_after_one_whose_beginning_was_lost(name: str, device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        queue = await photos(client).attach(client.client)
        assert await next_photo(client, queue) is not None
        lose_a_packet(frame, 2)
        assert await next_photo(client, queue) is None
        assert [await next_photo(client, queue) for _ in range(2)] == [None, None]

    with_peer(name, body, device)


def photos(client: Any, **options: Any) -> Any:
    """The package's receiver of photos, as its users make it."""
    return client._library.RxPhoto(**options)


async def next_photo(client: Any, queue: asyncio.Queue[bytes], *, raw: bool = False) -> bytes | None:
    """Take a photo; None if there is none."""
    settings = client._library.TxCaptureSettings(resolution=client.stage.photo_pixels, quality_index=4, raw=raw)
    try:
        await client.client.send_message(CAPTURE, settings.pack())
        return bytes(await asyncio.wait_for(queue.get(), WAIT_S))
    except TimeoutError:
        return None


# --- the header of photos that come without one -------------------------------------------------------------------


@by_devices
def test_every_photo_of_ours_has_one_header(device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        for _ in range(2):
            jpeg = await client.photo()
            assert jpeg.count(b"\xff\xd8\xff") == 1
            assert len(jpeg) == len(camera_jpeg(frame))

    with_ours(body, device)


@pytest.mark.parametrize("name", PEERS)  # what Halo calls raw are the sensor's bytes, and no JPEG
def test_others_put_the_stored_header_before_a_raw_photo_twice(name: str) -> None:
    async def body(frame: Rig, client: Any) -> None:
        kept = {"quality": "VERY_HIGH", "resolution": frame.stage.photo_pixels, "upright": False}
        whole = photos(client, **kept)
        await next_photo(client, await whole.attach(client.client))
        whole.detach(client.client)
        raw = await next_photo(client, await photos(client, **kept, is_raw=True).attach(client.client), raw=True)
        assert raw is not None
        assert len(raw) == len(camera_jpeg(frame)) + 623
        assert raw.count(b"\xff\xd8\xff") == 2

    with_peer(name, body, "frame")


# --- a photo is what the camera made ------------------------------------------------------------------------------


@by_devices
def test_a_photo_of_ours_is_the_bytes_of_the_camera(device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        assert await client.photo() == camera_jpeg(frame)

    with_ours(body, device)


@by_peers
def test_others_encode_a_photo_anew_to_turn_it_upright(name: str, device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        jpeg = await next_photo(client, await photos(client).attach(client.client))
        assert jpeg is not None
        assert jpeg != camera_jpeg(frame)
        assert jpeg.startswith(b"\xff\xd8")

    with_peer(name, body, device)
