"""What every error says to do next reads alike."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def hints() -> Iterator[tuple[str, str]]:
    """(place, first characters) of every hint that is written down as text."""
    for path in (ROOT / "host").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [k.value for k in node.keywords if k.arg == "hint"]
            given += node.args[1:2] if name.endswith("Error") else []
            for value in given:
                text = value.values[0] if isinstance(value, ast.JoinedStr) else value
                if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", text.value


def test_hints_begin_with_a_capital_letter_or_with_our_own_command():
    found = list(hints())
    assert len(found) > 100
    assert [(place, text) for place, text in found if text[0].islower() and not text.startswith("sidelight ")] == []
