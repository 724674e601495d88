"""A LibreTranslate server: POST {url}/translate, several texts a request. There is no default server.

Reference: docs.libretranslate.com, guides/api_usage. The key, where a server wants one, is a field of the request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from host.backends.openai_protocol import Server, longest_translation, patiently, refusal
from host.config import Settings
from host.contracts import Rendering, TranslatorInfo
from host.endpoint import Answer, Endpoint
from host.errors import BackendError, LanguageError

__all__ = ["LibreTranslator", "sources", "start", "unready"]

ANSWER_TIMEOUT_S: Final = 30.0  # a paragraph on a server without a GPU
LONGEST: Final = 1000  # characters of a text, and of the texts of a request: servers that have a limit take 2000
KEY: Final = "SIDELIGHT_LIBRETRANSLATE_API_KEY"

_SERVER: Final = Server("translation", "libretranslate.url", "libretranslate.url", KEY)
_KEY_WORDS: Final = re.compile(r"\bkey\b", re.IGNORECASE)  # "Invalid API key", "Visit ... to get an API key"
_LATER: Final = {"zh": "zh-Hans"}  # what newer servers call them


def unready(settings: Settings, _environment: Mapping[str, str]) -> tuple[str, str] | None:
    """What is missing and how to get it; None where it can be used."""
    if settings.libretranslate_url:
        return None
    return "no LibreTranslate server is set", "Set libretranslate.url, such as http://localhost:5000"


def sources(_settings: Settings, _target: str) -> frozenset[str] | None:
    """Only the server knows."""
    return None


async def start(
    settings: Settings, environment: Mapping[str, str], _on_cpu: Callable[[float], None] | None
) -> LibreTranslator:
    """The server that the settings name; nothing is sent yet. Raises UsageError."""
    return LibreTranslator(_SERVER.endpoint(settings.libretranslate_url, environment), environment.get(KEY, "").strip())


class LibreTranslator:
    """A server as a `Translator` of `host/contracts`."""

    def __init__(self, endpoint: Endpoint, key: str = "", *, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        """Prepare; nothing is sent.

        Args:
            endpoint: the server, which knows the key too, so that it is in no message.
            key: the server's; empty for none.
            timeout_s: for an answer.
        """
        self.endpoint, self._key, self.timeout_s = endpoint, key, timeout_s

    @property
    def info(self) -> TranslatorInfo:
        """What it can do."""
        return TranslatorInfo(
            name="libretranslate",
            local=self.endpoint.loopback,
            streaming=False,
            sentences=False,
            longest=LONGEST,
            complete=True,
            quality="by the server's models",
            licence="that of the server",
        )

    async def translate(
        self,
        texts: Sequence[str],
        source: str,
        target: str,
        *,
        progress: Callable[[int, str], None] | None = None,  # noqa: ARG002 - the contract's
    ) -> list[Rendering | None]:
        """The texts, as many in a request as a server takes. Cancelling breaks the connection.

        Raises:
            LanguageError, BackendError: as the server says.
        """
        found: list[Rendering | None] = []
        for some in _requests(texts):
            found += await self._translated(some, source, target)
        return found

    async def close(self) -> None:
        """Let go of the server. Repeated calls do nothing. Never raises."""
        self.endpoint.close()

    async def _translated(self, texts: Sequence[str], source: str, target: str) -> list[Rendering]:
        answer = await self._post(texts, source, target)
        if answer.status == 400 and _is_language(answer) and {source, target} & set(_LATER):
            answer = await self._post(texts, _LATER.get(source, source), _LATER.get(target, target))
        if answer.status == 400 and _is_language(answer):
            raise LanguageError(
                f"{self.endpoint} does not translate {source} to {target}", "Install its model on that server"
            )
        if answer.status in (400, 403) and _KEY_WORDS.search(_words(answer)):
            raise BackendError(
                f"{self.endpoint} does not accept the API key: {self.endpoint.censored(_words(answer))}",
                f"Set {KEY} to a key of that server",
            )
        if answer.status == 404:
            raise self._nonsense()
        if answer.status >= 400:
            raise refusal(answer, self.endpoint, _SERVER, "")
        said = self._said(answer, len(texts))
        if any(len(translation) > longest_translation(text) for text, translation in zip(texts, said, strict=True)):
            raise BackendError(
                f"{self.endpoint} answered with far more text than it was given, which is no translation",
                "Look at its model for these languages",
            )
        return [Rendering(translation) for translation in said]

    async def _post(self, texts: Sequence[str], source: str, target: str) -> Answer:
        body: dict[str, Any] = {"q": list(texts), "source": source, "target": target, "format": "text"}
        if self._key:
            body["api_key"] = self._key
        content = json.dumps(body).encode()
        return await patiently(
            lambda: self.endpoint.post("/translate", content, "application/json", timeout_s=self.timeout_s)
        )

    def _said(self, answer: Answer, count: int) -> list[str]:
        try:
            found = json.loads(answer.body)["translatedText"]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise self._nonsense() from error
        texts = [found] if isinstance(found, str) else found
        good = isinstance(texts, list) and len(texts) == count
        if not good or not all(isinstance(text, str) and text.strip() for text in texts):
            raise self._nonsense()
        return [text.strip() for text in texts]

    def _nonsense(self) -> BackendError:
        return BackendError(
            f"{self.endpoint} answered with something that is no translation",
            f"Check {_SERVER.address}; it is the address without /translate",
        )


def _requests(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in order, in lists of `LONGEST` characters at most, or of one text."""
    some: list[str] = []
    for text in texts:
        if some and sum(map(len, some)) + len(text) > LONGEST:
            yield some
            some = []
        some.append(text)
    if some:
        yield some


def _words(answer: Answer) -> str:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    error = found.get("error", "") if isinstance(found, dict) else ""
    return error if isinstance(error, str) else ""


def _is_language(answer: Answer) -> bool:
    """As servers say it: "zh is not supported", "Invalid request: missing target parameter" is none."""
    return bool(re.search(r"not (?:supported|available)|(?:source|target) language", _words(answer), re.IGNORECASE))
