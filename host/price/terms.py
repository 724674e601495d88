"""Words that make an amount something else than what one pays for one of the article; pure.

A month's payment, the lowest of several prices, what each costs for those who take two, a voucher, a clock: by the
words of `words.py`, and by "per" before anything that is neither a weight nor a measure nor the article itself.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from host.price.offers import offer
from host.price.quantities import measures
from host.price.words import TERMS, Word, folded, leads, says

__all__ = ["heads", "surround"]

_PER: Final = re.compile(
    r"\W{0,2}(?:/|(?:per|pr|(?-i:pro)|je|za|cada)\b\.?|[\u6bce\u6bcf])\s?(?:\d{1,4}\s?)?(?P<what>[^\W\d_]+)",
    re.IGNORECASE,
)
_ARTICLE: Final = re.compile(
    r"st(?:k|yck|uk|uck|ueck)?|szt(?:uke)?|pcs?|pk[gt]?|piece|pezzo|pieza|pack(?:ung|et|age)?|pak(?:ke|ning)?|paquet"
    r"|forp\w*|opakowanie|item|units?|unid\w*|unite|uno|una|enhet|each|ea|kpl|boks|box|boite|tin|can|blik|burk|flasche"
    r"|fl|flask[ea]|bottle|bouteille|botella|fles|pose|pase|bag|beutel|zak|glass?|bunt|bund|bunch|bos|pair|pa[ai]re?|sett?"
    r"|barquette|bakke|kasse|kart(?:ong|on)"
)
"""What a package, a bottle or one of something is called: a price for that is the article's, folded."""

_TIMES: Final = re.compile(r"\d\s?[x\u00d7]\s?$", re.IGNORECASE)
_BY: Final = re.compile(r"\s?[x\u00d7](?:\s|\d|$)", re.IGNORECASE)  # "20,50 x 30,00"
_OPEN: Final = re.compile(r"\s?[~\uff5e\u301c]\s*$")  # "980円~": and more
_PAYMENTS: Final = re.compile(
    r"\W?(?:\d{1,2}\s?x(?:\s?(?:de|a|\u00e0))?|[x\u00d7]\s?\d{1,2}(?!\d).*"
    r"|(?:(?:i|in|on|a|\u00e0|en|over|por|per|na|for|durante|pendant)\s)?\d{1,2}\s?"
    r"(?:m[\u00e5a]n(?:eder|ader)?|mnd|mdr|months?|monate?n?|mois|mes(?:es|i)|maanden|kk|rat\w*))\W?",
    re.IGNORECASE,
)  # "12x de", "x 10 rat", "i 24 måneder"
_FOR_SEVERAL: Final = re.compile(
    r"(?:pr|per)?\.?\s?(?:stk|stuk|stuck)?\.?\s?(?:(?:for|fur|pour|para|voor|za)\s|v/)\s?[2-9](?:\s?[^\W\d_]+\.?)?"
)  # "for 2 stk", "pr stk v/3", folded
_LABEL_WORDS: Final = 5
_ANYWHERE: Final[tuple[Word, ...]] = ("several", "part")  # in a label, not only at its beginning
_SMALL: Final = re.compile(r"(?<![\d.,])\d{1,3}(?![\d.,])")


def surround(text: str, before: str, after: str) -> bool:
    """Whether words around an amount on its own line make it no price of one.

    Args:
        text: of the line, up to the amount.
        before: the part of it behind the amount before.
        after: what follows, up to the next amount.
    """
    if _TIMES.search(text) or _BY.match(after) or _OPEN.match(after) or _per_something(after):
        return True
    return says(text, "several") or any(says(before, word) or leads(after, word) for word in TERMS)


def heads(text: str) -> bool:
    """Whether a line by itself, beside an amount, says so: "per month", "from", "when you buy 2", "12 rater à"."""
    rest = _SMALL.sub(" ", unicodedata.normalize("NFKC", text))
    if (
        len(text.split()) > _LABEL_WORDS
        or re.search(r"\d", rest)
        or offer(text) is not None
        or any(q.unit != "piece" for _, _, q in measures(text)[0])
    ):
        return False
    if _PAYMENTS.fullmatch(text.strip()) or _FOR_SEVERAL.fullmatch(folded(text).strip()):
        return True
    if any(leads(line, word) for line in (text, rest) for word in TERMS) or any(says(text, word) for word in _ANYWHERE):
        return True
    return _per_something(text) and not says(text, "now")


def _per_something(text: str) -> bool:
    """Whether "per" stands there, and what follows is no weight, no measure and not the article."""
    match = _PER.match(unicodedata.normalize("NFKC", text))
    return match is not None and not measures(text)[1] and not _ARTICLE.fullmatch(folded(match["what"]))
