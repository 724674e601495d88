"""Who may use the page: checks of what a browser sends, pure but for chance.

The address that the program prints carries a token behind `#`, which no browser sends anywhere. The page's own script
exchanges it for a cookie that no script can read and that no other site's request carries. Every request names the host
that it wants, and one that changes or reads something the page that it comes from: a name that leads here from outside
(DNS rebinding) and a foreign page are refused by these. All ports of a host share their cookies, so ours is for one
path, drawn by lot, that only the page's script is told: no other server of this computer is ever sent it.
"""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["HEADERS", "Guard", "RefusedError", "policy"]

COOKIE: Final = "sidelight"
TRIES: Final = 10  # wrong tokens in `TRIES_S` after which nobody is let in for a while
TRIES_S: Final = 60.0
SESSIONS: Final = 32  # browsers let in at once; the oldest has to come again

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every answer, beside the content security policy."""


def policy(origin: str) -> str:
    """The content security policy of the page: its own files, pictures that it made itself, and its own socket."""
    socket = origin.replace("http", "ws", 1)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
            f"connect-src 'self' {socket}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


class RefusedError(Exception):
    """A request that is refused.

    Attributes:
        status: of the answer.
        message: what was wrong.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Guard:
    """Lets browsers in that know the token.

    Attributes:
        token: that the address carries, 256 bits.
        cookie: its name, of this port alone, for a host's ports share their cookies.
    """

    def __init__(self, names: Iterable[str], port: int, scheme: str) -> None:
        """Serve these names of hosts at a port by `scheme` ("http" or "https")."""
        self.token = secrets.token_urlsafe(32)
        self.cookie = f"{COOKIE}-{port}"
        self._scheme = scheme
        usual = port == {"http": 80, "https": 443}[scheme]
        self._hosts = frozenset(host for name in names for host in (f"{name}:{port}", *([name] if usual else ())))
        self._sessions: dict[str, str] = {}  # secrets by path, oldest first
        self._wrong: deque[float] = deque(maxlen=TRIES)

    def check_host(self, headers: Mapping[str, str]) -> str:
        """The origin that a request wants.

        Raises:
            RefusedError: it names another host than this one.
        """
        host = headers.get("Host", "")
        if host.lower() not in self._hosts:
            raise RefusedError(421, "This is not the host that was asked for.")
        return f"{self._scheme}://{host.lower()}"

    def check_origin(self, headers: Mapping[str, str]) -> None:
        """A request that does something comes from our own page.

        Raises:
            RefusedError: it comes from another page, or does not say.
        """
        if headers.get("Origin", "").lower() != self.check_host(headers):
            raise RefusedError(403, "Only the page itself may ask for this.")

    def let_in(self, token: object, now_s: float) -> tuple[str, str]:
        """The path of a session and its secret, for the cookie, of whoever knows the token.

        Raises:
            RefusedError: they do not, or too many before did not.
        """
        if len(self._wrong) == TRIES and now_s - self._wrong[0] < TRIES_S:
            raise RefusedError(429, "Too many wrong tokens; wait a minute.")
        if not isinstance(token, str) or not _same(token, self.token):
            self._wrong.append(now_s)
            raise RefusedError(401, "The token is wrong: open the address that the program printed.")
        path, secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._sessions[path] = secret
        while len(self._sessions) > SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        return path, secret

    def check_session(self, path: str, secret: str | None) -> None:
        """Somebody who was let in.

        Raises:
            RefusedError: they were not.
        """
        known = self._sessions.get(path, "")
        if not known or not _same(secret or "", known):
            raise RefusedError(401, "Open the address that the program printed; it carries a token.")


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), known.encode())
