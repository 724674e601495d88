"""The device app as one minified file."""

from __future__ import annotations

from importlib import resources

import pytest
from lupa import lua54

from firmware_bridge.app_image import MAX_LINE_BYTES, app_image, minify

LUA = lua54.LuaRuntime(encoding=None)
FILES = sorted(
    path for path in (resources.files("firmware_bridge") / "device_app").iterdir() if path.name.endswith(".lua")
)


def dump(source: bytes) -> bytes:
    """The code without names and lines: what the minifier must not change."""
    load = LUA.globals()[b"load"]
    return LUA.eval(b"string.dump")(load(source), True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_minified_code_is_the_same_code(path) -> None:
    text = path.read_text("ascii")
    code = dict(minify(text))
    in_place = "\n".join(code.get(n, "") for n in range(1, text.count("\n") + 2))  # the code names its lines
    assert dump(in_place.encode()) == dump(text.encode())
    assert sum(map(len, code.values())) < len(text)


def test_the_image_is_named_by_its_content_and_fits_the_glasses() -> None:
    image = app_image("frame")
    assert image.name == "sl" + image.hash
    assert len(image.source) < 0x10000  # device reference 2.10, largest file
    assert image.hash.encode() in image.source
    assert max(map(len, image.source.splitlines())) <= MAX_LINE_BYTES
    assert len(image.start) < 200


def test_errors_are_located_in_the_original_files() -> None:
    image = app_image("frame")
    text = image.source.decode()
    wire = text[text.index("--wire\n") + 7 :].splitlines()
    line = next(n for n, code in enumerate(wire, 1) if ".pump(" in code and "function" in code)
    original = (resources.files("firmware_bridge") / "device_app" / "wire.lua").read_text().splitlines()
    located = image.locate(f"wire:{line}: boom")
    file, number, rest = located.split(":", 2)
    assert file == "wire.lua"
    assert "function M.pump" in original[int(number) - 1]
    assert rest == " boom"
    assert image.locate("dialect:1: x").startswith("frame.lua:")
    assert image.locate("other:1: x, wire:99999: y") == "other:1: x, wire:99999: y"


def test_text_that_is_no_lua_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2: '@'"):
        list(minify("local a\n@"))


@pytest.mark.parametrize(
    ("text", "small"),
    [
        ("a - -1", "a- -1"),
        ("x = 1 .. 2", "x=1 ..2"),
        ('s = "-- no comment"', 's="-- no comment"'),
        ("--[[ a\nb ]] return", "return"),
        ("local one = two.one", "local a=two.one"),
        ("local one, t = 1, { one = one }", "local one,a=1,{one=one}"),
        ("local function go(far) return go(far, fast) end", "local function b(a)return b(a,fast)end"),
    ],
)
def test_tokens_that_must_not_touch(text: str, small: str) -> None:
    assert [line for _, line in minify(text)] == [small]
