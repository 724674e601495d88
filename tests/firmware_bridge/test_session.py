"""Opening a session in every state the glasses can be in, and ending it at any moment."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from glasses_end import address
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge import GlassesError, LinkLostError, LinkTimeoutError, LocalProtocolError, UploadError
from firmware_bridge.emulator import EmulatorSource, parse_uri, run_virtual
from firmware_bridge.link import Link, OnLost, OnValue
from firmware_bridge.messages import Show
from firmware_bridge.session import Session, SessionState
from firmware_bridge.wire import Endpoint

pytestmark = pytest.mark.usefixtures("each_device")


class Listener:
    """Remembers what it hears."""

    def __init__(self) -> None:
        self.states: list[SessionState] = []

    def on_state(self, state: SessionState) -> None:
        self.states.append(state)

    def on_report(self, report: object) -> None: ...

    def on_audio(self, packet: object) -> None: ...

    def on_photo(self, packet: object) -> None: ...

    def on_sensor(self, packet: object) -> None: ...


def frame(query: str = "") -> EmulatorSource:
    return EmulatorSource(parse_uri(address(query)))


async def run_lua(source: EmulatorSource, text: str) -> None:
    """Leave another program's Lua running on the glasses."""
    link: Link = await source.connect(lambda _value: None, lambda _error: None)
    await link.write(text.encode())
    await asyncio.sleep(0.5)
    await link.disconnect()


@pytest.mark.parametrize(
    "program",
    [
        "while true do end",
        "while true do frame.sleep(0.5) end",
        "while true do pcall(string.rep, 'x', 100) frame.sleep(0.01) end",
        "while true do local f = load('return 1') pcall(f) end",
        "frame.bluetooth.receive_callback(function(d) error(d) end) while true do frame.sleep(0.1) end",
        "function f() frame.microphone.start{sample_rate=8000} while true do frame.sleep(1) end end f()",
        "frame.display.text('other program', 1, 1) frame.display.show()",
    ],
)
def test_whatever_runs_on_the_glasses_our_app_takes_over(program: str) -> None:
    async def main() -> None:
        source = frame()
        await run_lua(source, program)
        async with Session(source, Listener()) as session:
            await session.send(Show(1))
        await source.close()

    run_virtual(main())


@pytest.mark.frame_only("Halo's break goes on until the program has ended")
def test_a_program_that_swallows_every_break_is_said_so() -> None:
    async def main() -> None:
        source = frame()
        await run_lua(source, "while true do pcall(frame.sleep, 0.05) end")
        with pytest.raises(LinkTimeoutError, match="cannot be stopped") as caught:
            async with Session(source, Listener()):
                pass
        assert "cradle" in caught.value.hint
        await source.close()

    run_virtual(main())


def test_values_that_come_before_the_connection_is_handed_over() -> None:
    """BlueZ delivers from the moment of the subscription, and the app may be in the middle of something."""

    class Early(EmulatorSource):
        async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> Link:
            endpoint = Endpoint(243)
            endpoint.ping()
            packet = endpoint.poll(0.0)
            assert packet is not None
            for value in (b"\1" + packet, b"half a line", b"\1", b""):
                on_value(value)
            return await super().connect(on_value, on_lost, timeout_s=timeout_s)

    async def main() -> None:
        async with Session(Early(parse_uri(address())), Listener()) as session:
            assert session.state is SessionState.READY

    run_virtual(main())


def test_states_in_order() -> None:
    async def main() -> None:
        source, listener = frame(), Listener()
        async with Session(source, listener):
            pass
        names = [state.value for state in listener.states]
        assert names == ["connecting", "greeting", "starting", "uploading", "ready", "closed"]
        await source.close()

    run_virtual(main())


def test_a_session_is_used_once_and_not_before_it_is_ready() -> None:
    async def main() -> None:
        source = frame()
        session = Session(source, Listener())
        with pytest.raises(LocalProtocolError, match="is new, not ready"):
            await session.send(Show(1))
        async with session:
            pass
        with pytest.raises(LinkLostError, match="closed"):
            await session.send(Show(1))
        with pytest.raises(LocalProtocolError, match="used once"):
            async with session:
                pass
        await source.close()

    run_virtual(main())


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 3.5))
def test_cancelled_at_any_moment_nothing_stays_connected(after: float) -> None:
    async def main() -> None:
        source = frame()

        async def use() -> None:
            async with Session(source, Listener()) as session:
                await session.over

        task = asyncio.create_task(use())
        await asyncio.sleep(after)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        async with Session(source, Listener()) as session:
            await session.send(Show(1))
        await source.close()

    run_virtual(main())


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 3.5))
def test_a_link_cut_at_any_moment_is_an_error_at_once_and_the_next_session_works(after: float) -> None:
    async def main() -> None:
        source = frame()
        loop = asyncio.get_running_loop()
        began = loop.time()
        loop.call_later(after, source.faults.cut_now)
        with contextlib.suppress(GlassesError):
            async with asyncio.timeout(after + 6), Session(source, Listener()) as session:
                if began + after <= loop.time():
                    source.faults.cut_now()  # the first cut came before there was a connection
                error = await session.over
                assert error.retry
                raise error
        async with Session(source, Listener()) as session:
            await session.send(Show(1))
        await source.close()

    run_virtual(main())


def test_whoever_waits_learns_of_a_lost_link() -> None:
    async def main() -> None:
        source = frame()
        async with Session(source, Listener()) as session:
            source.faults.cut_now()
            with pytest.raises(LinkLostError):
                await session.send(Show(1))
            assert isinstance(await session.over, LinkLostError)
        await source.close()

    run_virtual(main())


def test_storage_that_is_full_is_said_so() -> None:
    async def main() -> None:
        source = frame()
        fill = "f=frame.file.open('big'..N,'w') for i=1,120 do pcall(f.write,f,string.rep('x',500)) end f:close()"
        for n in range(8):
            await run_lua(source, f"N={n} " + fill)
            await asyncio.sleep(8)
        with pytest.raises(UploadError, match="could not be stored") as caught:
            async with Session(source, Listener()):
                pass
        assert "storage" in caught.value.hint
        await source.close()

    run_virtual(main())


@pytest.mark.frame_only("Halo has eight times as much")
def test_too_little_memory_is_said_so() -> None:
    async def main() -> None:
        source = frame("strict=1")  # 64 KiB, the least that the firmware guarantees
        with pytest.raises(UploadError, match="too little free memory"):
            async with Session(source, Listener()):
                pass
        await source.close()

    run_virtual(main())


def test_a_lost_packet_costs_less_than_200_ms() -> None:
    async def main() -> None:
        source = frame()
        loop = asyncio.get_running_loop()
        async with Session(source, Listener()) as session:
            for n in range(1, 20):
                asked = loop.time()
                await session.send(Show(n))
                undisturbed = loop.time() - asked
                source.faults.drop_next("down" if n % 2 else "up")
                asked = loop.time()
                await session.send(Show(n))
                assert loop.time() - asked - undisturbed < 0.2
        await source.close()

    run_virtual(main())
