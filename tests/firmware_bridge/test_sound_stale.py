"""A packet that waited in the glasses while the link was lost is not the measure of what comes after it."""

from __future__ import annotations

import numpy as np

from firmware_bridge.sound import SoundAssembler
from firmware_bridge.sound_coding import Pcm
from firmware_bridge.wire import AudioPacket

RATE = 16000


def packet(index: int) -> AudioPacket:
    return AudioPacket(1, index, np.full(100, 7, "<i2").tobytes())


def test_sound_goes_on_after_a_long_cut_that_one_packet_had_waited_through() -> None:
    """One packet is on its way to the radio when the link breaks; the ring behind it is given up for half a minute."""
    assembler = SoundAssembler(RATE)
    assembler.begin(1, Pcm(16), 0.0)
    chunks = assembler.feed(packet(0), 0.1)
    assembler.link_lost()
    chunks += assembler.feed(packet(100), 30.0)
    for n in range(3):
        chunks += assembler.feed(packet(28 * RATE + 100 * n), 30.1 + 0.01 * n)
    assert [chunk.start + len(chunk.samples) for chunk in chunks][-1] == 28 * RATE + 300
    assert assembler.lost_samples == 28 * RATE - 200
