"""Digests of files: which a server names, and whether a file has it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from email.message import Message
from pathlib import Path
from typing import Any, Final

from host.errors import BackendMissingError

__all__ = ["digest_in_release", "has_digest", "published_digest", "release_of", "require_checks", "sha256"]

_BLOCK: Final = 1 << 20
_RELEASE: Final = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)/releases/download/([\w.-]+)/([\w.+-]+)")


def published_digest(headers: Message) -> str:
    """The digest in an answer of the Hugging Face Hub: of Git LFS, or Git's own; empty where there is none.

    `X-Linked-Etag` is the file's, whichever server delivers it (huggingface_hub, `constants.py`).
    """
    tag = str(headers["X-Linked-Etag"] or "").removeprefix("W/").strip('"').lower()
    if re.fullmatch(r"[0-9a-f]{64}", tag):
        return f"sha256:{tag}"
    return f"git:{tag}" if re.fullmatch(r"[0-9a-f]{40}", tag) else ""


def release_of(url: str) -> tuple[str, str] | None:
    """Where GitHub describes the release that a file belongs to, and the file's name; None for other addresses."""
    found = _RELEASE.fullmatch(url)
    return (f"https://api.github.com/repos/{found[1]}/releases/tags/{found[2]}", found[3]) if found else None


def digest_in_release(body: bytes, name: str) -> str:
    """The digest of a file in GitHub's description of its release; empty where there is none."""
    try:
        held: Any = json.loads(body)
        digests = [str(asset.get("digest") or "") for asset in held["assets"] if asset["name"] == name]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    return next((d for d in digests if re.fullmatch(r"sha256:[0-9a-f]{64}", d)), "")


def has_digest(path: Path, digest: str) -> bool:
    """Whether the file is what the digest says.

    Args:
        path: the file.
        digest: "sha256:HEX", "git:HEX" (Git's, of a file) or "crc32c:BASE64" (Google Cloud Storage's).

    Raises:
        BackendMissingError: nothing here computes this digest.
        ValueError: there is no such kind of digest.
    """
    kind, _, wanted = digest.partition(":")
    if kind == "sha256":
        return sha256(path) == wanted
    if kind == "git":
        held = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
        return _fed(path, held) == wanted
    if kind == "crc32c":
        return _crc32c(path) == wanted
    raise ValueError(digest)


def require_checks(digests: Iterable[str]) -> None:
    """Find out before a download whether it could be checked. Raises BackendMissingError."""
    if any(digest.startswith("crc32c:") for digest in digests):
        _library()


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    return _fed(path, hashlib.sha256())


def _fed(path: Path, held: Any) -> str:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            held.update(block)
    return str(held.hexdigest())


def _crc32c(path: Path) -> str:
    held: Any = _library().Checksum()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            held.update(block)
    return base64.b64encode(held.digest()).decode("ascii")


def _library() -> Any:
    """What computes CRC-32C fast enough for hundreds of megabytes; comes with moonshine-voice."""
    try:
        import google_crc32c  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise BackendMissingError(
            "checking this model needs google-crc32c, which comes with its library",
            "Install it: pip install 'sidelight[moonshine]'",
        ) from error
    return google_crc32c
