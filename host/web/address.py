"""Where the page is, and who may reach it there."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from host.errors import UsageError

__all__ = ["LOOPBACK", "Address", "address_of", "tls_of"]

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_ANY: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - refused
_TYPED: Final = re.compile(
    r"(?:(?P<host>\[[0-9A-Fa-f:.]+\]|(?![0-9]+$)[^\s:/\[\]]*)(?::(?=[0-9])|$))?(?P<port>[0-9]{1,5})?"
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page is.

    Attributes:
        host: a name or number of this computer.
        port: 0 for any that is free.
        certificate: chain of TLS certificates, PEM; None for loopback without TLS.
        key: its private key, if that is not in the same file.
    """

    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None
    key: Path | None = None


def address_of(text: str, certificate: str = "", key: str = "") -> Address:
    """An address as it is typed: PORT, HOST or HOST:PORT, "" for any port of this computer alone.

    Raises:
        UsageError: it is none, or others could reach it without TLS.
    """
    typed = _TYPED.fullmatch(text.strip())
    if typed is None or int(typed["port"] or 0) > 65535:
        raise UsageError(f"{text!r} is no address for the page", "Write a port, or HOST:PORT")
    host = (typed["host"] or "127.0.0.1").strip("[]").lower()
    if not typed["port"] and not certificate and host not in LOOPBACK and not re.search(r"[.:]", host):
        raise UsageError(f"{text!r} is no address for the page", "Write a port, or HOST:PORT")  # more likely a mistake
    if host not in LOOPBACK and not certificate:
        raise UsageError(
            f"the page at {host} could be reached from other computers, unprotected",
            "Set web.certificate and web.key_file to a TLS certificate and its key, or leave web.address out",
        )
    if host in _ANY:
        raise UsageError(
            f"no browser asks for {host}", "Write the name or the number that others reach this computer by"
        )
    return Address(
        host, int(typed["port"] or 0), Path(certificate) if certificate else None, Path(key) if key else None
    )


def tls_of(address: Address) -> ssl.SSLContext | None:
    """What encrypts the page; None where nothing does.

    Raises:
        UsageError: the certificate cannot be used.
    """
    if address.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(address.certificate, address.key, password="")  # else OpenSSL asks the terminal
    except (OSError, ssl.SSLError) as error:
        message = f"the certificate {address.certificate} cannot be used: {error.strerror or error}"
        raise UsageError(
            message,
            "Set web.certificate and web.key_file to PEM files that belong together, the key without a password",
        ) from error
    return context
