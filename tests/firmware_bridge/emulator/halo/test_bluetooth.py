"""Halo's `frame.bluetooth`, and its link in this process."""

from __future__ import annotations

import asyncio

import pytest
from halo_desk import HaloDesk, on_halo

from firmware_bridge.emulator import EmulatorSource, parse_uri, run_virtual
from firmware_bridge.emulator.halo.bluetooth import RING_BYTES
from firmware_bridge.errors import LinkError
from firmware_bridge.gatt import INSUFFICIENT_RESOURCES

LISTEN = "got = {} frame.bluetooth.receive_callback(function(d) got[#got + 1] = d end)"


@pytest.mark.halo_reference("1.9 merged", "5 merge")
def test_two_quick_packets_are_one_call() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua(LISTEN)
        desk.halo.written(b"\x01ab")
        desk.halo.written(b"\x01cd")
        await asyncio.sleep(0.1)
        desk.halo.written(b"\x01ef")
        assert await desk.lua(b"", "print(table.concat(got, '|'))") == [b"abcd|ef"]

    on_halo(main)


@pytest.mark.halo_reference("1.9 in C", "1.9 overwritten", "2.1 sleep", "5 merge")
def test_no_callback_during_sleep_and_what_comes_meanwhile_overwrites() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(function(d) print(d) end)")
        at = desk.clock.now()
        desk.halo.written(b"frame.sleep(0.5) print('woken')")
        for text in (b"\x01first", b"\x01second"):
            await asyncio.sleep(0.1)
            desk.halo.written(text)
        assert await desk.lua(b"", wait=1.0) == [b"second", b"woken"]
        assert desk.heard[-2][0] - at >= 0.5
        assert desk.halo.counters.receive_overwrites == 1

    on_halo(main)


@pytest.mark.halo_reference("1.9 ring", "1.9 full")
def test_a_full_ring_is_an_att_error() -> None:
    async def main(desk: HaloDesk) -> None:
        codes = [desk.halo.written(b"\x01" + bytes(500)) for _ in range(10)]
        assert codes == [0] * (RING_BYTES // 500) + [INSUFFICIENT_RESOURCES] * 2
        assert desk.halo.counters.refused_packets == 2
        await asyncio.sleep(0.1)
        assert desk.halo.written(b"\x01" + bytes(500)) == 0

    on_halo(main)


def test_what_the_pending_buffer_does_not_hold_comes_by_itself() -> None:
    """The ring holds a byte more than what the data thread passes on at once."""

    async def main(desk: HaloDesk) -> None:
        await desk.lua("N = 0 frame.bluetooth.receive_callback(function(d) N = N + #d end)")
        desk.halo.written(b"for i = 1, 1000000 do end")
        await asyncio.sleep(0.05)
        sizes = [500] * (RING_BYTES // 500) + [RING_BYTES % 500]
        assert [desk.halo.written(b"\x01" + bytes(size)) for size in sizes] == [0] * len(sizes)
        await asyncio.sleep(5)
        assert await desk.one("print(N)") == str(RING_BYTES)

    on_halo(main)


@pytest.mark.halo_reference("1.9 errors")
def test_an_error_of_a_callback_hits_nobody() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(function(d) error('boom') end)")
        desk.halo.written(b"for i = 1, 40 do frame.sleep(0.01) end print('on')")
        await asyncio.sleep(0.1)
        assert await desk.lua(b"\x01x", wait=1.0) == [b"on"]
        assert desk.seen.failures == [b'[string "frame.bluetooth.receive_callback(function(d) ..."]:1: boom']

    on_halo(main)


@pytest.mark.halo_reference("1.9 callback", "2.2 receive_callback")
def test_what_receive_callback_takes() -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.error("frame.bluetooth.receive_callback()") == "expected function or nil"
        assert await desk.error("frame.bluetooth.receive_callback(1)") == "expected function or nil"
        await desk.lua(LISTEN, "frame.bluetooth.receive_callback(nil)", b"\x01x")
        assert await desk.one("print(#got)") == "0"
        await desk.lua(LISTEN, b"\x04", b"\x01x")
        assert await desk.one("print(got)") == "nil"

    on_halo(main)


@pytest.mark.halo_reference("1.8 fragments", "1.8 wire", "1.8 empty", "5 send")
def test_send_cuts_and_an_empty_text_sends_nothing() -> None:
    async def main(desk: HaloDesk) -> None:
        sent = await desk.lua("frame.bluetooth.send(('x'):rep(1100))")
        assert [(piece[0], len(piece)) for piece in sent] == [(1, 509), (1, 509), (1, 85)]
        assert await desk.lua("frame.bluetooth.send('')", "frame.bluetooth.send(12)") == [b"\x0112"]

    on_halo(main)


@pytest.mark.halo_reference("1.8 blocks", "1.3 one notification")
def test_send_waits_until_it_is_out() -> None:
    async def main(desk: HaloDesk) -> None:
        desk.slot_s = 0.05
        await desk.lua("t = frame.time.utc() for i = 1, 4 do frame.bluetooth.send('x') end t = frame.time.utc() - t")
        desk.slot_s = 0.0
        assert 0.14 < float((await desk.lua("print(t)", wait=0.5))[-1]) < 0.17
        assert [value for _, value in desk.heard[:4]] == [b"\x01x"] * 4

    on_halo(main)


@pytest.mark.halo_reference("1.8 errors")
def test_send_fails_without_a_listener_or_a_link() -> None:
    async def main(desk: HaloDesk) -> None:
        desk.halo.subscribed(False)
        await desk.lua("_, problem = pcall(frame.bluetooth.send, 'x')")
        desk.halo.subscribed(True)
        assert await desk.one("print(problem)") == "invalid conversion '%u' to 'lua_pushfstring'"
        desk.halo.disconnected()
        await desk.lua("_, problem = pcall(frame.bluetooth.send, 'x')")
        desk.connect()
        assert await desk.one("print(problem)") == "not connected"

    on_halo(main)


@pytest.mark.halo_reference("1.3 max_length", "1.3 MTU", "2.2 address", "1.1 name")
def test_length_address_and_connection() -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.one("print(frame.bluetooth.max_length())") == "508"
        desk.halo.mtu_exchanged(247)
        assert await desk.one("print(frame.bluetooth.max_length())") == "243"
        assert await desk.one("print(frame.bluetooth.address())") == desk.halo.address == "EC:F7:F1:4F:48:4C"
        desk.halo.disconnected()
        await desk.lua("n = frame.bluetooth.max_length() c = frame.bluetooth.is_connected()")
        desk.connect(23)
        assert await desk.lua("print(n) print(c)") == [b"508", b"false"]

    on_halo(main)


@pytest.mark.halo_reference("1.3 max_length")
def test_the_worst_header_is_longer() -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.one("print(frame.bluetooth.max_length())") == "504"

    on_halo(main, "emulator:halo?strict=1")


@pytest.mark.halo_reference("1.3 interval", "1.5 full", "4 throughput")
def test_as_a_link_in_this_process() -> None:
    async def main() -> None:
        source = EmulatorSource(parse_uri("emulator:halo"))
        heard: list[bytes] = []
        came: list[float] = []

        def hear(value: bytes) -> None:
            heard.append(value)
            came.append(asyncio.get_running_loop().time())

        link = await source.connect(hear, lambda _reason: None)
        assert (link.info.name, link.info.max_value_bytes) == ("Halo 4F", 495)
        started = asyncio.get_running_loop().time()
        await link.write(b"print('hello')", response=True)
        assert 0.03 < asyncio.get_running_loop().time() - started < 0.13
        await asyncio.sleep(0.2)
        assert heard == [b"hello"]
        await link.write(b"frame.sleep(2)", response=True)
        await link.write(b"-" * 490, response=True)
        await link.write(b"-" * 490, response=True)
        with pytest.raises(LinkError, match="did not take what was written"):
            await link.write(b"-" * 490, response=True)
        await asyncio.sleep(3)
        heard.clear()
        await link.write(b"for i = 1, 100 do frame.bluetooth.send(('x'):rep(500)) end")
        start = asyncio.get_running_loop().time()
        await asyncio.sleep(2.5)
        assert len(heard) == 100
        rate = 50_000 / (came[-1] - start)
        assert 20_000 < rate < 90_000
        await link.disconnect()
        await source.close()

    run_virtual(main())


@pytest.mark.halo_reference("1.9 later firmware")
def test_in_later_firmware_packets_stay_apart() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua(LISTEN)
        desk.halo.written(b"frame.sleep(0.3)")
        for text in (b"\x01ab", b"\x01cd", b"\x01ef"):
            await asyncio.sleep(0.03)
            desk.halo.written(text)
        await asyncio.sleep(0.5)
        assert await desk.one("print(table.concat(got, '|'))") == "ab|cd|ef"
        assert await desk.one("print(frame.bluetooth.receive_buffer_size())") == "4096"
        await desk.lua("frame.bluetooth.receive_buffer_size(16384)")
        desk.halo.written(b"frame.sleep(0.3)")
        await asyncio.sleep(0.05)
        codes = [desk.halo.written(b"\x01" + bytes(500)) for _ in range(40)]
        assert codes == [0] * 32 + [INSUFFICIENT_RESOURCES] * 8
        assert "size must be between" in await desk.error("frame.bluetooth.receive_buffer_size(1)", wait=0.5)

    on_halo(main, "emulator:halo?firmware=later")


@pytest.mark.halo_reference("1.9 later firmware", "1.9 overwritten")
@pytest.mark.parametrize(("firmware", "heard"), [("0.8.8", [b"single"]), ("later", [b"data", b"single"])])
def test_a_later_event_takes_the_hook_of_an_earlier_one(firmware: str, heard: list[bytes]) -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(print) frame.imu.tap_callback(print)")
        desk.halo.written(b"frame.sleep(0.3)")
        await asyncio.sleep(0.05)
        desk.halo.written(b"\x01data")
        await asyncio.sleep(0.05)
        desk.halo.tap()
        assert await desk.lua(b"", wait=0.6) == heard

    on_halo(main, f"emulator:halo?firmware={firmware}")


def test_a_long_value_takes_as_many_packets_as_it_fills() -> None:
    """Of one packet in each connection event, one of 251 bytes."""

    async def main() -> None:
        source = EmulatorSource(parse_uri("emulator:halo?packets=1&interval_ms=100"))
        link = await source.connect(lambda _value: None, lambda _reason: None)
        took = []
        for size in (100, 244, 245, 490):
            start = asyncio.get_running_loop().time()
            await link.write(b"-" * size, response=True)
            took.append(asyncio.get_running_loop().time() - start)
            await asyncio.sleep(1 - took[-1])  # to the same moment between two events
        assert [round(more - took[0], 3) for more in took] == [0, 0, 0.1, 0.1]
        await link.disconnect()
        await source.close()

    run_virtual(main())
