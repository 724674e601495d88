"""What was learned of a battery: the contract between who learns it and who keeps it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Learned"]


@dataclass(frozen=True, slots=True)
class Learned:
    """What a pair of glasses takes, for the next time.

    Attributes:
        drain: per cent an hour.
        drain_sd: how sure that is.
        hours: of readings behind it.

    Raises:
        ValueError: no battery is like that.
    """

    drain: float
    drain_sd: float
    hours: float

    def __post_init__(self) -> None:
        for value, high in ((self.drain, 1000.0), (self.drain_sd, 1000.0), (self.hours, 1e6)):
            if not 0.0 <= value <= high:  # nan, too
                msg = f"no battery has {value}"
                raise ValueError(msg)
