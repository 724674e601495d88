"""The Frame's Lua side of the link; section numbers are those of the device reference."""

from __future__ import annotations

import asyncio

import pytest
from frame_desk import Desk, on_desk
from hypothesis import example, given, settings
from hypothesis import strategies as st


@pytest.mark.reference("1.3 MTU", "1.3 max_length")
def test_max_length_follows_the_mtu_and_survives_the_link() -> None:
    """1.3: -1 before the first exchange, min(247, client) - 4 after it, not reset on disconnect."""

    async def main(desk: Desk) -> None:
        length = "n = frame.bluetooth.max_length()"
        await desk.lua(length)
        desk.connect(517)
        assert await desk.one("print(n)") == "-1"
        assert await desk.one("print(frame.bluetooth.max_length())") == "243"
        desk.frame.disconnected()
        await desk.lua(length)
        desk.connect(23)
        assert await desk.one("print(n)") == "243"
        assert await desk.one("print(frame.bluetooth.max_length())") == "19"

    on_desk(main, connect=False)


@pytest.mark.reference("2.2 address")
def test_is_connected_and_address() -> None:
    """2.2: the address least significant byte first, so that it ends like the name."""

    async def main(desk: Desk) -> None:
        assert await desk.one("print(frame.bluetooth.is_connected())") == "true"
        address = await desk.one("print(frame.bluetooth.address())")
        assert len(address) == 17
        assert address.endswith(":B7")
        assert ":".join(reversed(address.split(":"))) == desk.frame.bluetooth.address
        desk.frame.disconnected()
        await desk.lua("c = frame.bluetooth.is_connected()")
        desk.connect()
        assert await desk.one("print(c)") == "false"

    on_desk(main, "emulator:frame?name=Frame B7")


@pytest.mark.reference("1.8 empty", "1.8 wire")
def test_send_is_one_notification_behind_a_01() -> None:
    """1.8: wire; the empty string is the single byte 01; numbers are strings too."""

    async def main(desk: Desk) -> None:
        assert await desk.lua("frame.bluetooth.send('a\\0b')") == [b"\x01a\0b"]
        assert await desk.lua("frame.bluetooth.send('')") == [b"\x01"]
        assert await desk.lua("frame.bluetooth.send(12)") == [b"\x0112"]
        assert await desk.lua("frame.bluetooth.send(('x'):rep(243))") == [b"\x01" + b"x" * 243]

    on_desk(main)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("frame.bluetooth.send(('x'):rep(244))", "string length is greater than max_length()"),
        ("frame.bluetooth.send()", "bad argument #1 to 'send' (string expected, got no value)"),
        ("frame.bluetooth.send({})", "bad argument #1 to 'send' (string expected, got table)"),
        ("frame.bluetooth.send(nil)", "bad argument #1 to 'send' (string expected, got nil)"),
        ("frame.bluetooth.send(print)", "bad argument #1 to 'send' (string expected, got function)"),
        ("frame.bluetooth.receive_callback()", "expected nil or function"),
        ("frame.bluetooth.receive_callback({})", "expected nil or function"),
    ],
)
@pytest.mark.reference("1.8 too long", "2.2 receive_callback")
def test_error_texts_carry_the_position_of_the_caller(call: str, error: str) -> None:
    """1.8, 2.2: as luaL_error: the caller's line; neither that nor a name where the caller is C, such as pcall."""

    async def main(desk: Desk) -> None:
        assert await desk.one(call) == f'[string "{call}"]:1: {error}'
        function, _, arguments = call.partition("(")
        protected = f"pcall({function}, {arguments[:-1]})" if arguments != ")" else f"pcall({function})"
        assert await desk.one(f"print(select(2, {protected}))") == error.replace("'send'", "'?'")

    on_desk(main)


@pytest.mark.reference("1.8 busy", "5 send")
def test_busy_is_an_error_at_once() -> None:
    """1.8: queue full, notifications off and not connected are all "bluetooth is busy"."""
    send = "print(select(2, pcall(frame.bluetooth.send, 'b')))"

    async def main(desk: Desk) -> None:
        desk.slot_s = 0.004
        await desk.lua("frame.bluetooth.send('a') e = select(2, pcall(frame.bluetooth.send, 'b'))")
        assert await desk.one("print(e)") == "bluetooth is busy"
        desk.frame.subscribed(False)
        await desk.lua(send.replace("print(", "(function(x) e2 = x end)("))
        desk.frame.disconnected()
        await desk.lua(send.replace("print(", "(function(x) e3 = x end)("))
        desk.connect()
        await desk.lua("assert(e2 == e and e3 == e) print('all')")
        assert desk.heard[-1][1] == b"all"
        assert desk.frame.counters.busy_sends == 3

    on_desk(main)


@pytest.mark.reference("1.4 data", "1.9 delivery", "1.9 no callback")
def test_one_packet_is_one_callback() -> None:
    """1.9: without the 01, any bytes, at the idle REPL and inside sleep and in a busy loop; removed by nil."""

    async def main(desk: Desk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(function(d) got = d frame.bluetooth.send(d) end)")
        assert await desk.lua(b"\x01a\0\xff") == [b"\x01a\0\xff"]
        assert await desk.lua(b"\x01") == [b"\x01"]
        await desk.lua("frame.sleep(1)", wait=0.1)
        assert await desk.lua(b"\x01in sleep", wait=0.1) == [b"\x01in sleep"]
        await asyncio.sleep(1)
        await desk.lua("for i = 1, 1e6 do end", wait=0.1)
        assert await desk.lua(b"\x01in a loop", wait=0.1) == [b"\x01in a loop"]
        await asyncio.sleep(2)
        await desk.lua("frame.bluetooth.receive_callback(nil)")
        assert await desk.lua(b"\x01unheard", "print(got)") == [b"in a loop"]

    on_desk(main)


@pytest.mark.reference("1.9 one buffer", "5 overwrites")
def test_a_second_packet_before_the_hook_overwrites_the_first() -> None:
    """1.9, 5 Frame 1: one buffer; the loss is silent, and counted here."""

    async def main(desk: Desk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(function(d) frame.bluetooth.send(d) end)")
        desk.frame.written(b"\x01first")
        desk.frame.written(b"\x01second")
        await asyncio.sleep(0.1)
        assert [value for _, value in desk.heard] == [b"\x01second"]
        assert desk.frame.counters.receive_overwrites == 1

    on_desk(main)


@pytest.mark.reference("1.9 one hook", "3 hooks")
def test_hooks_share_one_slot() -> None:
    """1.9, 3 Hooks: a tap replaces data that waits, data replaces a tap, a break replaces both."""

    async def main(desk: Desk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(function(d) print(d) end)")
        await desk.lua("frame.imu.tap_callback(function() print('tap') end)")
        desk.frame.written(b"\x01data")
        desk.frame.tap()
        await asyncio.sleep(0.1)
        desk.frame.tap()
        desk.frame.written(b"\x01data")
        await asyncio.sleep(0.1)
        desk.frame.written(b"\x01data")
        desk.frame.written(b"\x03")
        await asyncio.sleep(0.1)
        assert [value for _, value in desk.heard] == [b"tap", b"data"]
        assert desk.frame.counters.receive_overwrites == 2

    on_desk(main)


def test_data_that_comes_during_a_callback_is_delivered_after_it() -> None:
    """1.9: the handler gives the slot back before it calls Lua."""

    async def main(desk: Desk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(function(d) frame.sleep(0.5) print(d) end)")
        desk.frame.written(b"\x01one")
        await asyncio.sleep(0.1)
        desk.frame.written(b"\x01two")
        await asyncio.sleep(2)
        assert [value for _, value in desk.heard] == [b"one", b"two"]

    on_desk(main)


@pytest.mark.reference("1.9 errors", "5 callback errors")
def test_errors_of_a_callback_hit_whatever_runs() -> None:
    """1.9, 5 Frame 6: the main loop dies of it; inside sleep with an extra prefix; at the idle REPL in silence."""
    callback = "frame.bluetooth.receive_callback(function() error('boom') end)"
    boom = f'[string "{callback[:45]}..."]:1: boom'

    async def main(desk: Desk) -> None:
        await desk.lua(callback)
        assert await desk.lua(b"\x01x") == []
        await desk.lua("while true do end")
        assert await desk.one(b"\x01x") == boom
        await desk.lua("frame.sleep(9)")
        assert await desk.one(b"\x01x") == '[string "frame.sleep(9)"]:1: ' + boom
        await desk.lua("print(pcall(frame.sleep, 9))")
        assert await desk.lua(b"\x01x") == [b"false", b"\t", boom.encode()]
        await desk.lua("frame.bluetooth.receive_callback(function() error({}) end) while true do end")
        assert await desk.one(b"\x01x") == "(null)"

    on_desk(main)


def test_a_callback_cannot_yield_and_is_not_broken() -> None:
    """3 Hooks: it runs inside a hook of the main thread."""

    async def main(desk: Desk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(function() coroutine.yield() end) while true do end")
        assert await desk.one(b"\x01x") == "attempt to yield from outside a coroutine"
        await desk.lua(
            "m = coroutine.running() frame.bluetooth.receive_callback(function() local c, t = coroutine.running() "
            "print(c == m and t and not coroutine.isyieldable()) end)"
        )
        assert await desk.lua(b"\x01x") == [b"true"]
        await desk.lua("frame.bluetooth.receive_callback(function() frame.sleep(1) print('whole') end)")
        await desk.lua("while true do end", b"\x01x", wait=0.1)
        assert await desk.lua(b"\x03", wait=0.5) == []
        assert await desk.lua(wait=1) == []
        await asyncio.sleep(1)
        assert [value for _, value in desk.heard][-2:] == [b"whole", b"break signal"]

    on_desk(main)


@pytest.mark.reference("1.9 stale")
def test_the_callback_is_not_cleared_by_a_reset() -> None:
    """1.9: a packet after 0x04 calls a stale reference until the new program registers its own."""

    async def main(desk: Desk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(print)", b"\x04")
        await desk.lua("while true do end")
        assert await desk.one(b"\x01x") == "attempt to call a nil value"
        assert await desk.lua(b"\x01x") == []
        await desk.lua("frame.bluetooth.receive_callback(print)")
        assert await desk.lua(b"\x01fresh") == [b"fresh"]

    on_desk(main)


def test_observers_see_every_value_both_ways() -> None:
    async def main(desk: Desk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(function(d) frame.bluetooth.send(d) end)")
        desk.seen.values.clear()
        await desk.lua(b"\x01abc", "print(1)")
        assert desk.seen.values == [("down", b"\x01abc"), ("up", b"\x01abc"), ("down", b"print(1)"), ("up", b"1")]

    on_desk(main)


@pytest.mark.reference("1.1 write")
def test_values_that_the_softdevice_refuses_never_arrive() -> None:
    """1.1: at most 244 bytes, at least one."""

    async def main(desk: Desk) -> None:
        await desk.lua(b"", b"x = 1 --" + b"-" * 240)
        assert await desk.one("print(x)") == "nil"
        assert [value for _, value in desk.seen.values] == [b"print(x)", b"nil"]

    on_desk(main)


@pytest.mark.reference("1.4 first byte")
def test_text_after_a_lone_control_byte() -> None:
    """1.4: only the first byte decides, whatever follows a break or a reset."""

    async def main(desk: Desk) -> None:
        await desk.lua("x = 1 while true do end")
        assert await desk.lua(b"\x03print('no')") == [b"break signal"]
        await desk.lua(b"\x04print('no')")
        assert await desk.one("print(x)") == "nil"

    on_desk(main)


async def woken(desk: Desk) -> None:
    """Wake a device that text which had waited in the slot sent to sleep."""
    if not desk.frame.powered:
        desk.frame.tap()
        await asyncio.sleep(0.5)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.binary(max_size=260),
                st.sampled_from([b"\x01", b"\x03", b"\x04", b"\0", b"\x01abc", b"\x03\x04"]),
                st.sampled_from(
                    [
                        b"frame.bluetooth.receive_callback(function(d) frame.bluetooth.send(d) end)",
                        b"frame.bluetooth.receive_callback(error)",
                        b"while true do frame.sleep(0.01) end",
                        b"while true do pcall(frame.bluetooth.send, 'x') end",
                        b"for i = 1, 1e5 do end",
                        b"frame.sleep()",
                        b"frame.imu.tap_callback(print)",
                        b"return 1, 2, 3",
                        b"error({})",
                        b"debug.sethook(print, 'crl')",
                        b"T = {} while true do T[#T + 1] = {} end",
                    ]
                ),
                st.sampled_from(["tap", "disconnect", "connect", "unsubscribe", "restart"]),
            ),
            st.sampled_from([0.0, 0.0001, 0.003, 0.05]),
        ),
        max_size=10,
    )
)
@example(steps=[(b"while true do frame.sleep(0)end", 0.05), (b"frame.sleep()", 0.0)])
def test_no_order_of_writes_harms_the_device(steps: list[tuple[bytes | str, float]]) -> None:
    """Whatever comes, and whenever: afterwards breaks and a reset bring the prompt back."""

    async def main(desk: Desk) -> None:
        for what, pause in steps:
            if isinstance(what, bytes):
                desk.frame.written(what)
            elif what == "tap":
                desk.frame.tap()
            elif what == "restart":
                desk.frame.restart()
            elif what == "connect":
                desk.connect()
            elif what == "unsubscribe":
                desk.frame.subscribed(False)
            else:
                desk.frame.disconnected()
            await asyncio.sleep(pause)
        await asyncio.sleep(0.5)
        desk.frame.tap()
        await asyncio.sleep(0.5)
        answer: list[bytes] = []
        for n in range(40):  # a loop of protected calls swallows most breaks (1.7)
            await woken(desk)
            desk.connect()  # the watchdog may have come in between
            await desk.lua(b"\x03", wait=0.01 + 0.00071 * n)
            await desk.lua(b"\x04", wait=0.1)
            answer = await desk.lua("print('alive')", wait=0.03)
            if answer[-1:] == [b"alive"]:
                break
        assert answer[-1] == b"alive"

    on_desk(main)
