"""Uploads that fail and links that break: what packages by others keep to themselves, and ours mends or says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from peer_rig import Printed, by_devices, by_peers, caption_changes, now, with_ours, with_peer

from firmware_bridge import GlassesError, UploadError
from firmware_bridge.link import GlassesKind
from host.bench.link_rig import Rig

pytestmark = pytest.mark.filterwarnings("default")  # the packages' own warnings are not ours to fix

REFUSE = b"frame.file.open=(function(o)return function(...)local f=o(...)return setmetatable({write=function()"
REFUSE += b"error('no space')end},{__index=function(_,k)return function(_,...)return f[k](f,...)end end})end end)"
REFUSE += b"(frame.file.open)"


@by_devices
def test_ours_says_that_the_program_could_not_be_stored(device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        await refuse_writing(frame)
        with pytest.raises(UploadError, match="could not be stored"):
            await client.start()

    with_ours(body, device, start=False)


@by_peers
def test_others_upload_to_glasses_that_refuse_it_without_an_error(name: str, device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        peer = client._library.FrameMsg() if name == "frame-msg" else client._library.BrilliantMsg()
        await peer.connect()
        await refuse_writing(frame)
        printed = Printed(frame)
        await peer.upload_file_from_string("x" * 500, "file.lua")
        assert any(b"no space" in text for text in printed.failures)
        await peer.disconnect()

    with_peer(name, body, device, start=False)


async def refuse_writing(frame: Rig) -> None:
    """Whatever is written to a file from here on is an error."""
    frame.device.written(REFUSE)
    await asyncio.sleep(0.3)


@by_devices
def test_what_ours_waits_for_ends_when_the_link_is_lost(device: GlassesKind) -> None:
    """A session says so at once; what the user asked for is done on the next one."""

    async def body(frame: Rig, client: Any) -> None:
        session = client.glasses.session
        asked = now()
        frame.faults.drop_next("down")  # so that the answer never comes
        waiting = asyncio.create_task(client.caption("shown in the end"))
        await asyncio.sleep(0.02)
        frame.faults.cut_now()
        assert isinstance(await session.over, GlassesError)
        assert now() - asked < 0.2
        await waiting
        await asyncio.sleep(0.3)
        assert caption_changes(frame, asked) == 1
        assert now() - asked < 5

    with_ours(body, device)


def test_frame_ble_lets_one_wait_for_five_seconds_on_a_link_that_is_lost() -> None:
    async def body(frame: Rig, client: Any) -> None:
        asked = now()
        frame.faults.drop_next("down")
        waiting = asyncio.create_task(client.client.ble.send_data(b"anything", await_data=True))
        await asyncio.sleep(0.1)
        frame.faults.cut_now()
        with pytest.raises(Exception, match="device didn't respond"):
            await waiting
        assert now() - asked > 5

    with_peer("frame-msg", body, "frame")


@by_devices
def test_ours_connects_again_by_itself(device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        await client.caption("before")
        frame.faults.cut_for(5)
        await asyncio.sleep(10)
        asked = now()
        await client.caption("after")
        await asyncio.sleep(0.3)
        assert caption_changes(frame, asked) == 1

    with_ours(body, device)


@by_peers
def test_others_stay_disconnected(name: str, device: GlassesKind) -> None:
    async def body(frame: Rig, client: Any) -> None:
        await client.caption("before")
        frame.faults.cut_for(5)
        await asyncio.sleep(20)
        assert not client.client.is_connected()
        with pytest.raises(Exception, match=r"."):
            await client.caption("after")

    with_peer(name, body, device)
