"""One file over https, resumed where an earlier try stopped, and checked.

    PATH.part   what there is so far           PATH.part.json   of which file that is: address, validator, length

Only https, also after a redirect, with the system's certificates; no proxy, no key, no cookie. What is there is gone
on with by Range and If-Range (RFC 9110, 13.1.5): a server whose file has changed meanwhile, or that knows no ranges,
sends it whole, and it is begun anew. A stalled or broken connection is tried again as long as each try brings
something.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import shutil
import socket
import ssl
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from host.errors import DiskFullError, DownloadError
from host.models.digests import digest_in_release, published_digest, release_of
from host.models.model import ModelFile
from host.store.private import create_private_file, explained

__all__ = ["LEFT_FREE", "Downloaded", "download", "mirrored"]

CONNECT_TIMEOUT_S: Final = 10.0  # three lost SYN packets
STALL_TIMEOUT_S: Final = 30.0  # a server that sends nothing for so long has forgotten us
PAUSE_S: Final = 1.0  # before the next try
FRUITLESS_TRIES: Final = 3  # one after another that bring no byte

_REDIRECTS: Final = 5  # GitHub and the Hugging Face Hub send on twice
_BLOCK: Final = 1 << 18
_JSON_LIMIT: Final = 8 << 20  # a release of k2-fsa lists hundreds of files
LEFT_FREE: Final = 64 << 20  # bytes, for the rest of the system


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What came.

    Attributes:
        size: bytes.
        published: the digest that the server itself gives ("sha256:HEX" or "git:HEX"); empty if it gives none.
    """

    size: int
    published: str


@dataclass(frozen=True, slots=True)
class _State:
    """What a part belongs to."""

    url: str
    validator: str
    length: int
    published: str = ""


class _BrokenError(Exception):
    """The connection broke or stalled; `args[0]` says how."""


def mirrored(url: str, mirror: str) -> str:
    """The address of a file at a mirror: its own host and path, below the mirror's address."""
    return f"{mirror.rstrip('/')}/{url.removeprefix('https://')}" if mirror else url


def download(file: ModelFile, url: str, path: Path, on_bytes: Callable[[int], None]) -> Downloaded:
    """Have the file at `path`, whole; a part of it that is left by an earlier try is gone on with.

    Interrupted or failed, the part stays for the next try.

    Args:
        file: what is wanted.
        url: where from: its own address, or a mirror's.
        path: where to; its folder must be there.
        on_bytes: told how many bytes of it there are, again and again.

    Raises:
        DownloadError: it cannot be had, or is larger than it may be.
        DiskFullError: no room for it; nothing was downloaded, or the part stays.
        StoreError: it cannot be written.
    """
    fruitless, most = 0, _size(_part(path))
    while True:
        try:
            return _try(file, url, path, on_bytes)
        except _BrokenError as broken:
            have = _size(_part(path))
            fruitless, most = (0, have) if have > most else (fruitless + 1, most)
            if fruitless >= FRUITLESS_TRIES:
                raise DownloadError(
                    f"{_host(url)} {broken.args[0]}", "Try again later; it goes on where it stopped", retry=True
                ) from broken.__cause__
        time.sleep(PAUSE_S)


def _try(file: ModelFile, url: str, path: Path, on_bytes: Callable[[int], None]) -> Downloaded:
    part = _part(path)
    state = _state(path)
    if state is None or state.url != url or not state.validator:
        state = None
    have = _size(part) if state else 0
    headers = {"Range": f"bytes={have}-", "If-Range": state.validator} if state and have else {}
    with _answer(url, headers) as (response, published):
        if response.status == 416 and state:  # what is there is not a part of what the server has
            part.unlink(missing_ok=True)
            raise _BrokenError("answered that there is no such part of the file")
        if response.status not in (200, 206):
            raise _refused(response.status, url)
        if response.status == 206:
            begin, total = _range(response, url)
            if state is None or begin != have or total != state.length:
                part.unlink(missing_ok=True)
                raise _BrokenError("answered with another part of the file than was asked for")
        else:
            have, total = 0, _length(response, url)
            _check_size(file, total)
            state = _State(url, _validator(response), total, published or _from_release(url))
            _note(path, state)
        _check_room(part, total - have)
        _write(response, part, have, total, on_bytes)
    part.replace(path)
    _state_path(path).unlink(missing_ok=True)
    return Downloaded(total, state.published)


def _write(
    response: http.client.HTTPResponse, part: Path, have: int, total: int, on_bytes: Callable[[int], None]
) -> None:
    """Add what comes to the part, up to `total` bytes in all."""
    with explained(str(part)), open(create_private_file(part), "r+b") as out:  # noqa: PTH123 - a descriptor
        out.truncate(have)
        out.seek(have)
        on_bytes(have)
        while have < total:
            block = _read(response, min(_BLOCK, total - have))
            if not block:
                raise _BrokenError("broke off")
            out.write(block)
            have += len(block)
            on_bytes(have)


def _read(response: http.client.HTTPResponse, count: int) -> bytes:
    try:
        return response.read1(count)
    except TimeoutError as error:
        raise _BrokenError(f"sent nothing for {STALL_TIMEOUT_S:g} s") from error
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenError("broke off") from error


@contextlib.contextmanager
def _answer(url: str, headers: dict[str, str]) -> Iterator[tuple[http.client.HTTPResponse, str]]:
    """The answer at the end of the redirects, and the digest that one of the answers named."""
    published = ""
    for _ in range(_REDIRECTS):
        parts = _split(url)
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=CONNECT_TIMEOUT_S, context=context
        )
        try:
            response = _asked(connection, parts, headers)
            published = published or published_digest(response.headers)
            if response.status not in (301, 302, 303, 307, 308):
                yield response, published
                return
            url = _followed(url, response.headers["Location"] or "")
        finally:
            connection.close()
    raise DownloadError(f"{_host(url)} sends requests on and on", "Try again later")


def _asked(
    connection: http.client.HTTPSConnection, parts: urllib.parse.SplitResult, headers: dict[str, str]
) -> http.client.HTTPResponse:
    host = parts.hostname or ""
    target = urllib.parse.quote(parts.path or "/", safe="/%~:@!$&'()*+,;=") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.connect()
        connection.sock.settimeout(STALL_TIMEOUT_S)
        connection.request("GET", target, headers={"User-Agent": "sidelight", "Accept-Encoding": "identity", **headers})
        return connection.getresponse()
    except socket.gaierror as error:
        raise DownloadError(
            f"there is no computer named {host} in reach",
            "Check the network; or get the files on another computer, and give their folder with --from",
            retry=True,
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise DownloadError(
            f"the certificate of {host} is not trusted: {error.verify_message}", "Check the date, and the network"
        ) from error
    except ssl.SSLError as error:
        raise DownloadError(f"{host} does not speak https", "Check the address") from error
    except TimeoutError as error:
        raise _BrokenError(f"did not answer in {connection.timeout:g} s") from error
    except ConnectionRefusedError as error:
        raise DownloadError(
            f"{host} refuses the connection", "Check the network, and models.mirror", retry=True
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _BrokenError("broke off") from error


def _from_release(url: str) -> str:
    """The digest that GitHub gives of a release's file; empty where it cannot be had."""
    release = release_of(url)
    if release is None:
        return ""
    address, name = release
    headers = {"Accept": "application/vnd.github+json"}
    failures = (DownloadError, _BrokenError, OSError, http.client.HTTPException)
    with contextlib.suppress(*failures), _answer(address, headers) as (response, _):
        if response.status == 200:
            return digest_in_release(response.read(_JSON_LIMIT), name)
    return ""


def _followed(url: str, location: str) -> str:
    """Where a redirect leads."""
    try:
        return urllib.parse.urljoin(url, location)
    except ValueError as error:
        raise DownloadError(
            f"{_host(url)} sends us to {location!a:.100}, which is no address", "Try again later"
        ) from error


def _split(url: str) -> urllib.parse.SplitResult:
    try:
        parts = urllib.parse.urlsplit(url)
        _ = parts.port  # looked at now, as it raises, too
    except ValueError as error:
        raise DownloadError(f"{url!a:.100} is no address", "Try again later; or check models.mirror") from error
    if parts.scheme != "https" or not parts.hostname:
        raise DownloadError(
            f"{_host(url)} would be asked without https, which is refused: anybody on the way could change the file",
            "Try again later; a mirror needs an https address",
        )
    return parts


def _host(url: str) -> str:
    """The server's name, fit for a message."""
    name = urllib.parse.urlsplit(url).hostname or "the server"
    return "".join(c for c in name if c.isprintable())[:80]


def _refused(status: int, url: str) -> DownloadError:
    path = urllib.parse.urlsplit(url).path[:200]
    if status in (401, 403):
        return DownloadError(
            f"{_host(url)} does not give {path!a} to anybody", "Get it by hand; --from takes its folder"
        )
    if status in (404, 410):
        return DownloadError(
            f"{_host(url)} has no {path!a} any more",
            "Update Sidelight; or get it elsewhere, and give its folder with --from",
        )
    return DownloadError(f"{_host(url)} answered {status}", "Try again later", retry=True)


def _length(response: http.client.HTTPResponse, url: str) -> int:
    said = response.headers["Content-Length"] or ""
    if not re.fullmatch(r"\d{1,15}", said):
        raise DownloadError(f"{_host(url)} does not say how long the file is", "Try again later, or another mirror")
    return int(said)


def _range(response: http.client.HTTPResponse, url: str) -> tuple[int, int]:
    found = re.fullmatch(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15})", response.headers["Content-Range"] or "")
    if found is None:
        raise DownloadError(f"{_host(url)} does not say which part of the file it sends", "Try again later")
    return int(found[1]), int(found[2])


def _validator(response: http.client.HTTPResponse) -> str:
    """What If-Range takes: a strong entity tag, else nothing (a date is too coarse to trust)."""
    tag = response.headers["ETag"] or ""
    return tag if tag.startswith('"') else ""


def _check_size(file: ModelFile, total: int) -> None:
    if total > file.limit:
        raise DownloadError(
            f"{file.name} has {total:,} bytes on the server, and at most {file.limit:,} were expected",
            "Update Sidelight: the file has changed",
        )


def _check_room(part: Path, missing: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if free < missing + LEFT_FREE:
        raise DiskFullError(
            f"no room on the disk: {missing // 1_000_000} MB are still to come, and {free // 1_000_000} MB are free",
            f"Free some room on the disk of {part.parent}",
        )


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _state_path(path: Path) -> Path:
    return path.with_name(path.name + ".part.json")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _state(path: Path) -> _State | None:
    """What the part there belongs to; None where that cannot be told."""
    try:
        held: Any = json.loads(_state_path(path).read_text(encoding="utf-8"))
        return _State(str(held["url"]), str(held["validator"]), int(held["length"]), str(held["published"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note(path: Path, state: _State) -> None:
    """Say what the part belongs to, before anything is in it."""
    part = _part(path)
    part.unlink(missing_ok=True)
    with explained(str(part.parent)):
        _state_path(path).write_text(json.dumps(asdict(state)), encoding="utf-8")
