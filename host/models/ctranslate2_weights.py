"""Whether a file is CTranslate2's weights, whole: found out by its lengths, without reading the weights; no library.

The layout is that of `ModelSpec._serialize` in ctranslate2/specs/model_spec.py 4.8 (version 6); of the versions before
4, only the head is looked at, which is the same.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO, Final

__all__ = ["NEWEST", "require_whole"]

NEWEST: Final = 6
"""The version of the layout that ctranslate2 4 writes; it reads those before."""

_LENGTHS: Final = 4  # the first version whose variables tell their bytes
_VARIABLES: Final = 100_000  # models of 600 million weights have 700


def require_whole(path: Path) -> None:
    """Find out whether weights are whole.

    Raises:
        ValueError: they are not, or this is something else; says which.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        try:
            version = _number(file, "<I")
            _skip_text(file, path)
        except (EOFError, ValueError) as error:
            raise ValueError(f"its {path.name} holds no weights of CTranslate2") from error
        if not 1 <= version <= NEWEST:
            raise ValueError(f"its {path.name} is of version {version} of CTranslate2's format, or no model")
        if version < _LENGTHS:
            return
        try:
            _skip_variables(file, path)
        except EOFError as error:
            raise ValueError(f"its {path.name} is cut off") from error


def _skip_variables(file: IO[bytes], path: Path) -> None:
    size = path.stat().st_size
    _number(file, "<I")  # of the specification
    count = _number(file, "<I")
    if count > _VARIABLES:
        raise ValueError(f"its {path.name} is damaged")
    for _ in range(count):
        _skip_text(file, path)
        file.seek(4 * _number(file, "<B") + 1, 1)  # dimensions and type
        if file.seek(_number(file, "<I"), 1) > size:
            raise EOFError
    for _ in range(min(_number(file, "<I"), _VARIABLES)):
        _skip_text(file, path)
        _skip_text(file, path)


def _skip_text(file: IO[bytes], path: Path) -> None:
    """A name, with the zero at its end."""
    length = _number(file, "<H")
    text = file.read(length)
    if len(text) < length:
        raise EOFError
    if not text.endswith(b"\0") or not text[:-1].isascii():
        raise ValueError(f"its {path.name} is damaged")


def _number(file: IO[bytes], form: str) -> int:
    data = file.read(struct.calcsize(form))
    if len(data) < struct.calcsize(form):
        raise EOFError
    return int(struct.unpack(form, data)[0])
