"""The wire protocol: the host's end alone, and both ends together (Python and the real wire.lua)."""

from __future__ import annotations

import heapq
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lua_end import LuaEnd

from firmware_bridge import wire
from firmware_bridge.errors import LocalProtocolError
from firmware_bridge.wire import Endpoint, Reassembler, check, encode_message

messages = st.lists(st.tuples(st.integers(0, 31), st.binary(max_size=600)), max_size=12)


@pytest.fixture(scope="module")
def lua() -> LuaEnd:
    return LuaEnd()


@settings(max_examples=200)
@given(st.binary(max_size=700))
def test_check_is_the_same_in_lua(lua: LuaEnd, data: bytes) -> None:
    assert lua.check(data) == check(data)


@pytest.mark.parametrize(("blocks", "check_bits"), [(1, 16), (5, 32)], ids=["56 bytes", "a full packet"])
def test_check_finds_every_single_and_double_flipped_bit(blocks: int, check_bits: int) -> None:
    """A flip at bit b of the word k places before the end changes the sum by 2^b M^k; the check is its upper bits.

    Two flips stay unseen only where their changes add up to less than the check's lowest bit (a carry may make one of
    it). A flipped bit of the check itself counts as the change that would set it right.
    """
    mask = (1 << 64) - 1
    powers = [pow(wire._MULTIPLIER, k, 1 << 64) for k in range(blocks * 8)]
    in_body = [(power << bit) * wire._FOLD & mask for power in powers for bit in range(56)]
    changes = np.array([*in_body, *(1 << bit for bit in range(64 - check_bits, 64))], np.uint64)
    both = np.sort(np.concatenate([changes, (~changes) + np.uint64(1)])[:-1])  # the last is its own negative, 2^63
    limit = np.uint64(1 << (64 - check_bits))
    assert both.min() >= limit
    assert (~both.max()) + np.uint64(1) >= limit
    # The sum of two changes is below the limit only where one is near the other's negative, which is in `both` too:
    # so no two neighbours of the sorted list may be closer than the limit.
    assert np.diff(both).min() >= limit


@given(st.binary(min_size=1, max_size=240), st.data())
def test_a_packet_opens_as_it_was_closed_and_damaged_not_at_all(body: bytes, data: st.DataObject) -> None:
    packet = wire.closed(body)
    assert len(packet) - len(body) == (2 if len(body) <= 56 else 4)
    assert wire.opened(packet) == body
    flips = data.draw(st.sets(st.integers(0, len(packet) * 8 - 1), min_size=1, max_size=2))
    damaged = int.from_bytes(packet, "little") ^ sum(1 << bit for bit in flips)
    assert wire.opened(damaged.to_bytes(len(packet), "little")) is None


@pytest.mark.parametrize("size", range(60))
def test_empty_air_is_no_packet(size: int) -> None:
    assert wire.opened(bytes(size)) is None
    assert wire.opened(b"\xff" * size) is None


@given(messages, st.integers(1, 50))
def test_reassembler_yields_each_message_whatever_the_cuts(sent: list[tuple[int, bytes]], size: int) -> None:
    stream = b"".join(encode_message(code, body) for code, body in sent)
    reassembler = Reassembler()
    got = [m for at in range(0, len(stream), size) for m in reassembler.feed(stream[at : at + size])]
    assert got == sent


def test_a_message_too_long_is_our_own_fault() -> None:
    with pytest.raises(LocalProtocolError, match="65536 bytes"):
        encode_message(1, bytes(65536))


def test_packets_too_small_are_refused() -> None:
    with pytest.raises(LocalProtocolError, match="12 bytes are too small"):
        Endpoint(12)


class Air:
    """Carries packets both ways with delays and faults drawn from a seed; time in milliseconds."""

    def __init__(self, seed: int, fault_rate: float, limit: int) -> None:
        self.random = random.Random(seed)
        self.fault_rate = fault_rate
        self.host = Endpoint(limit)
        self.lua = LuaEnd(limit)
        self.lua.restart(63)
        self.flying: list[tuple[int, int, bool, bytes]] = []
        self.count = 0
        self.now = 0
        self.at_lua: list[tuple[int, bytes]] = []
        self.at_host: list[tuple[int, bytes]] = []

    def launch(self, packet: bytes, *, to_lua: bool) -> None:
        copies = [packet]
        delay = self.random.randint(5, 20)
        if self.random.random() < self.fault_rate:
            match self.random.choice(["drop", "twice", "late", "flip", "cut", "noise"]):
                case "drop":
                    copies = []
                case "twice":
                    copies = [packet, packet]
                case "late":
                    delay += self.random.randint(0, 200)
                case "flip":
                    damaged = bytearray(packet)
                    for _ in range(self.random.randint(1, 3)):
                        damaged[self.random.randrange(len(damaged))] ^= 1 << self.random.randrange(8)
                    copies = [bytes(damaged)]
                case "cut":
                    copies = [packet[: self.random.randrange(len(packet))]]
                case "noise":
                    copies = [self.random.randbytes(len(packet)), packet]
        for copy in copies:
            self.count += 1
            at = self.now + delay + self.random.randint(0, 10)
            heapq.heappush(self.flying, (at, self.count, to_lua, copy))

    def run(self, until) -> None:
        while not until():
            self.now += 1
            assert self.now < 600_000, "the channel hangs"
            while self.flying and self.flying[0][0] <= self.now:
                _, _, to_lua, packet = heapq.heappop(self.flying)
                if to_lua and self.random.random() < 0.5:
                    self.at_lua += self.lua.interrupted(packet, self.random.randint(1, 250), self.now)
                elif to_lua:
                    self.at_lua += self.lua.receive(packet)
                elif packet and packet[0] >> 6 == 0:
                    self.at_host += self.host.receive(packet, self.now / 1000)
            if self.now % 3 == 0:
                self.at_lua += self.lua.looked()
                for packet in self.lua.packets(self.now):
                    self.launch(packet, to_lua=False)
            while (packet := self.host.poll(self.now / 1000)) is not None:
                self.launch(packet, to_lua=True)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32),
    st.sampled_from([0.0, 0.1, 0.4]),
    st.sampled_from([16, 60, 243]),
    messages,
    messages,
)
def test_both_ends_get_every_message_once_and_in_order(seed, fault_rate, limit, orders, reports) -> None:
    air = Air(seed, fault_rate, limit)
    acknowledged: list[int] = []
    for number, (code, body) in enumerate(orders):
        air.host.queue(encode_message(code, body), lambda n=number: acknowledged.append(n))
    for code, body in reports:
        air.lua.report(code, body)
    air.run(lambda: len(air.at_lua) >= len(orders) and len(air.at_host) >= len(reports) and air.host.idle)
    assert air.at_lua == orders
    assert air.at_host == reports
    assert acknowledged == list(range(len(orders)))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), messages, messages)
def test_a_connection_can_begin_anew_at_any_moment(seed, before, after) -> None:
    air = Air(seed, 0.2, 100)
    for code, body in before:
        air.host.queue(encode_message(code, body))
    stop = air.random.randint(0, 300)
    air.run(lambda: air.now >= stop)
    air.flying.clear()
    air.host.restart(encode_message(1, b"\x01\x02\x03\x04"))
    air.at_lua.clear()
    for code, body in after:
        air.host.queue(encode_message(code, body))
    air.run(lambda: len(air.at_lua) > len(after) and air.host.idle)
    assert air.at_lua == [(1, b"\x01\x02\x03\x04"), *after]


@settings(max_examples=100)
@given(st.lists(st.binary(max_size=60), max_size=20))
def test_arbitrary_bytes_yield_nothing_and_break_nothing(values: list[bytes]) -> None:
    host = Endpoint(243)
    lua = LuaEnd()
    lua.restart(63)
    for value in values:
        assert host.receive(value, 0.0) == []
        assert lua.receive(value) == []
    host.queue(encode_message(7, b"still works"))
    assert lua.receive(host.poll(1.0)) == [(7, b"still works")]


def test_urgent_messages_overtake_bulk_between_two_messages() -> None:
    host = Endpoint(100)
    lua = LuaEnd()
    lua.restart(63)
    for n in range(4):
        host.queue(encode_message(n, bytes(80)), urgent=False)
    got: list[int] = []
    for step in range(8):
        packet = host.poll(step)
        if packet is None:
            break
        got += [code for code, _ in lua.receive(packet)]
        if step == 0:
            host.queue(encode_message(25, b"now"))
        for answer in lua.packets(step * 1000):
            host.receive(answer, step)
    assert sorted(got) == [0, 1, 2, 3, 25]
    assert got.index(25) <= 2


def test_several_messages_share_a_packet() -> None:
    host = Endpoint(243)
    for n in range(10):
        host.queue(encode_message(n, b"1234"))
    lua = LuaEnd()
    lua.restart(63)
    assert len(lua.receive(host.poll(0.0))) == 10
    assert host.sent == 1


def test_the_last_message_of_a_packet_and_an_acknowledgement_say_no_more_than_they_must() -> None:
    host = Endpoint(243)
    for n in range(2):
        host.queue(encode_message(n, b"1234"))
    lua = LuaEnd()
    lua.restart(63)
    packet = host.poll(0.0)
    assert packet[2:-2] == b"\x00\x04\x001234" + b"\x211234"
    assert lua.receive(packet) == [(0, b"1234"), (1, b"1234")]
    (answer,) = lua.packets(0)
    assert answer == wire.acknowledgement(packet) == wire.closed(b"\x00")
    assert len(answer) == 3


def test_a_message_that_begins_in_one_packet_and_ends_in_another_keeps_its_length() -> None:
    host = Endpoint(60)
    lua = LuaEnd()
    lua.restart(63)
    host.queue(encode_message(2, bytes(70)))
    host.queue(encode_message(3, b"behind"))
    got = []
    for step in range(2):
        got += lua.receive(host.poll(step))
        for answer in lua.packets(step * 1000):
            host.receive(answer, step)
    assert got == [(2, bytes(70)), (3, b"behind")]
    assert host.sent == 2


def test_a_damaged_packet_is_repeated_at_once_and_not_after_the_timer() -> None:
    host = Endpoint(243)
    lua = LuaEnd()
    lua.restart(63)
    host.queue(encode_message(1, b"abc"))
    packet = bytearray(host.poll(0.0))
    packet[3] ^= 1
    assert lua.receive(bytes(packet)) == []
    for answer in lua.packets(10):
        host.receive(answer, 0.03)
    assert host.deadline == pytest.approx(0.03)
    assert lua.receive(host.poll(0.031)) == [(1, b"abc")]


def test_a_busy_radio_loses_no_report() -> None:
    lua = LuaEnd()
    lua.restart(63)
    lua.busy = True
    lua.report(0x82, b"tap!")
    assert lua.packets(0) == []
    lua.busy = False
    host = Endpoint(243)
    assert [m for p in lua.packets(1) for m in host.receive(p, 0.0)] == [(0x82, b"tap!")]


def test_reports_are_bounded() -> None:
    lua = LuaEnd()
    lua.restart(63)
    assert [lua.report(1, b"") for _ in range(33)] == [True] * 32 + [False]


def test_stream_packets_come_as_they_are() -> None:
    lua = LuaEnd()
    lua.restart(63)
    lua.audio(5, 70000, b"\x01\x02")
    assert not lua.free()
    (packet,) = lua.packets(0)
    assert wire.decode_audio(packet) == wire.AudioPacket(5, 70000, b"\x01\x02")
    lua.photo(65, b"jpeg")
    (packet,) = lua.packets(0)
    assert wire.decode_photo(packet) == wire.PhotoPacket(1, b"jpeg")
    lua.sensor(3, b"xyz")
    (packet,) = lua.packets(0)
    assert wire.decode_sensor(packet) == wire.SensorPacket(3, b"xyz")
    assert wire.decode_sensor(packet[:-1] + b"\x00") is None


def test_a_report_of_the_last_connection_is_not_taken_for_an_answer_of_this_one() -> None:
    lua = LuaEnd()
    lua.restart(63)
    lua.report(0x82, b"tap!")
    (stale,) = lua.packets(0)  # number 0, never acknowledged: it is repeated as soon as there is a link
    host = Endpoint(243)
    host.restart(encode_message(1, b"hello"), 17)
    assert host.receive(stale, 0.0) == []
    assert lua.receive(host.poll(0.1)) == [(1, b"hello")]
    lua.report(0x81, b"ready")
    assert [m for packet in lua.packets(1000) for m in host.receive(packet, 0.2)] == [(0x81, b"ready")]
