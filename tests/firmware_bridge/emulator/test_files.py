from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parts_board import PartsBoard, call, error_of

from firmware_bridge.emulator.board import LuaApiError
from firmware_bridge.emulator.files import ERASE_BLOCK_S, PROGRAM_WORD_S, Files
from firmware_bridge.emulator.flash_folder import host_name
from firmware_bridge.errors import InputError


def make(root: Path | None = None, *, paired: bool = True, strict: bool = False) -> Files:
    return Files(PartsBoard(strict=strict), root, paired=paired)


def method(handle: Any, name: str, *arguments: Any) -> Any:
    return call(handle, name, handle, *arguments)


def write(files: Files, name: bytes, content: bytes, mode: bytes = b"w") -> None:
    handle = call(files.api(), "open", name, mode)
    method(handle, "write", content)
    method(handle, "close")


def lines(files: Files, name: bytes, limit: int = 1000) -> list[bytes]:
    handle = call(files.api(), "open", name)
    found = []
    while len(found) < limit and (line := method(handle, "read")) is not None:
        found.append(line)
    method(handle, "close")
    return found


@pytest.mark.reference("2.10 read", "2.10 write")
def test_write_then_read_back_line_by_line() -> None:
    files = make()
    write(files, b"notes.txt", b"one\ntwo\n\nfour")
    assert lines(files, b"notes.txt") == [b"one", b"two", b"", b"four"]


@pytest.mark.reference("2.10 read", "5 files")
def test_read_ignores_its_argument_and_stops_at_512_bytes() -> None:
    """2.10: the argument is ignored; one line, at most 512 bytes, newline removed."""
    files = make()
    write(files, b"long", b"x" * 512 + b"\n" + b"y" * 600)
    handle = call(files.api(), "open", b"long", b"read")
    assert method(handle, "read", 3) == b"x" * 512
    assert method(handle, "read", 3) == b""  # the newline that the limit left over
    assert method(handle, "read") == b"y" * 512
    assert method(handle, "read") == b"y" * 88
    assert method(handle, "read") is None


@pytest.mark.reference("2.10 read")
def test_strict_end_after_a_newline_may_be_an_empty_string() -> None:
    """2.10: the end-of-file character is an uninitialised variable: "" instead of nil after a final newline."""
    files = make(strict=True)
    write(files, b"a", b"one\n")
    write(files, b"b", b"one")
    assert lines(files, b"a", limit=5) == [b"one", b"", b"", b"", b""]
    assert lines(files, b"b", limit=5) == [b"one"]


@pytest.mark.parametrize("mode", [b"read", b"r", b"rb+"])
@pytest.mark.reference("2.10 open")
def test_only_the_first_letter_of_the_mode_counts(mode: bytes) -> None:
    """2.10: first letter r/w/a only."""
    files = make()
    write(files, b"f", b"1", b"write")
    write(files, b"f", b"2", b"append")
    handle = call(files.api(), "open", b"f", mode)
    assert method(handle, "read") == b"12"


@pytest.mark.reference("2.10 open")
def test_errors_of_open() -> None:
    """2.10: texts of open."""
    api = make().api()
    assert error_of(api, "open", b"f", b"x") == "mode must be 'r', 'w', or 'a'"
    assert error_of(api, "open", b"f", b"") == "mode must be 'r', 'w', or 'a'"
    assert error_of(api, "open", b"nothing.lua") == "cannot open file nothing.lua"
    assert error_of(api, "open", b"no/such/folder", b"w") == "cannot open file no/such/folder"
    assert error_of(api, "open", b"n" * 257, b"w") == "cannot open file " + "n" * 257
    assert error_of(api, "open", b"", b"w") == "cannot open file "
    assert error_of(api, "open") == "bad argument #1 to 'open' (string expected, got no value)"
    call(api, "mkdir", b"dir")
    assert error_of(api, "open", b"dir", b"w") == "cannot open file dir"
    assert error_of(api, "open", b"dir") == "cannot open file dir"


@pytest.mark.reference("2.10 limits")
def test_a_name_of_256_bytes_is_allowed() -> None:
    """2.10: name at most 256 bytes."""
    files = make()
    write(files, b"n" * 256, b"1")
    assert lines(files, b"n" * 256) == [b"1"]


@pytest.mark.reference("2.10 write", "2.10 close")
def test_handle_errors() -> None:
    """2.10: read-only handles and closed handles."""
    files = make()
    write(files, b"f", b"1")
    handle = call(files.api(), "open", b"f")
    with pytest.raises(LuaApiError, match=r"^file opened in read-only mode$"):
        method(handle, "write", b"2")
    method(handle, "close")
    for name, arguments in (("read", ()), ("write", (b"2",)), ("close", ())):
        with pytest.raises(LuaApiError, match=r"^attempt to use a closed file$"):
            method(handle, name, *arguments)


@pytest.mark.reference("2.10 limits", "5 files")
def test_a_file_holds_at_most_64_kib() -> None:
    """2.10: file at most 64 KiB."""
    files = make()
    handle = call(files.api(), "open", b"f", b"w")
    method(handle, "write", b"x" * 65536)
    with pytest.raises(LuaApiError, match=r"^error writing to file$"):
        method(handle, "write", b"x")
    method(handle, "close")
    assert call(files.api(), "listdir", b"/")[2] == {"name": b"f", "size": 65536, "type": 1}


@pytest.mark.reference("2.10 file system")
def test_the_flash_fills_up() -> None:
    """2.10: 200 to 300 KiB of flash are left; strict takes the smallest."""
    for strict, pages in ((False, 64), (True, 50)):
        files = make(strict=strict)
        for n in range(pages - 2):  # two pages are the root's own
            write(files, b"f%d" % n, b"x" * 4096)
        with pytest.raises(LuaApiError, match="error writing to file"):
            write(files, b"one more", b"x" * 4096)


@pytest.mark.reference("2.10 unclosed", "5 files")
def test_unclosed_handles_lose_their_data_at_a_reset() -> None:
    """2.10 and 5, Frame 7: close before reset."""
    files = make()
    write(files, b"f", b"old")
    handle = call(files.api(), "open", b"f", b"w")
    method(handle, "write", b"new")
    files.reset()
    assert lines(files, b"f") == [b"old"]


@pytest.mark.reference("2.10 listdir")
def test_listdir_includes_the_dots() -> None:
    """2.10: list of name, size and type, "." and ".." first."""
    files = make()
    write(files, b"b.lua", b"123")
    call(files.api(), "mkdir", b"a")
    write(files, b"a/inner", b"")
    dots = [{"name": b".", "size": 0, "type": 2}, {"name": b"..", "size": 0, "type": 2}]
    listed = [{"name": b"a", "size": 0, "type": 2}, {"name": b"b.lua", "size": 3, "type": 1}]
    for root in (b"/", b"", b".", b"a/.."):
        assert call(files.api(), "listdir", root) == [*dots, *listed]
    assert call(files.api(), "listdir", b"/a/") == [*dots, {"name": b"inner", "size": 0, "type": 1}]
    for wrong in (b"nothing", b"b.lua"):
        assert error_of(files.api(), "listdir", wrong) == "directory not found"


@pytest.mark.reference("2.10 mkdir", "5 mkdir")
def test_mkdir_fails_on_any_level_that_exists() -> None:
    """2.10 and 5, Frame 8: mkdir creates each level and fails on one that exists."""
    api = make().api()
    call(api, "mkdir", b"a/b/c")
    assert error_of(api, "mkdir", b"a") == "error creating directory"
    assert error_of(api, "mkdir", b"a/d") == "error creating directory"
    assert [entry["name"] for entry in call(api, "listdir", b"a")] == [b".", b"..", b"b"]


@pytest.mark.reference("2.10 remove", "2.10 rename")
def test_remove_and_rename() -> None:
    """2.10: texts; a directory must be empty."""
    files = make()
    api = files.api()
    assert error_of(api, "remove", b"f") == "error deleting file/directory"
    assert error_of(api, "rename", b"f", b"g") == "error renaming file/directory"
    call(api, "mkdir", b"d")
    write(files, b"d/f", b"1")
    assert error_of(api, "remove", b"d") == "error deleting file/directory"
    call(api, "rename", b"d", b"e")
    assert lines(files, b"e/f") == [b"1"]
    assert error_of(api, "rename", b"e", b"e/inside") == "error renaming file/directory"
    call(api, "remove", b"e/f")
    call(api, "remove", b"e")
    assert len(call(api, "listdir", b"/")) == 2
    write(files, b"x", b"1")
    write(files, b"y", b"2")
    call(api, "rename", b"x", b"y")
    assert lines(files, b"y") == [b"1"]


def test_wiped_at_each_vm_start_while_unpaired() -> None:
    """1.2: while unpaired the file system is reformatted at every VM start."""
    files = make(paired=False)
    write(files, b"f", b"1")
    files.reset()
    assert error_of(files.api(), "open", b"f") == "cannot open file f"
    files.paired = True
    write(files, b"f", b"1")
    files.reset()
    assert lines(files, b"f") == [b"1"]


def test_require_finds_a_module_and_names_a_missing_one() -> None:
    """1.6: cannot open file: NAME.lua."""
    files = make()
    write(files, b"main.lua", b"return 1\n")
    assert files.read_module(b"main") == b"return 1\n"
    with pytest.raises(LuaApiError, match=r"^cannot open file: nothing\.lua$"):
        files.read_module(b"nothing")


def test_flash_work_is_charged() -> None:
    """The time of page erases and word writes (nRF52840): 8 KiB cost two erases and 2048 words."""
    board = PartsBoard()
    files = Files(board, None, paired=True)
    handle = call(files.api(), "open", b"f", b"w")
    for _ in range(4):
        method(handle, "write", b"x" * 2048)
    assert board.now() == pytest.approx(2 * ERASE_BLOCK_S + 2048 * PROGRAM_WORD_S)
    before = board.now()
    method(handle, "close")
    assert 0 < board.now() - before < 0.002
    before = board.now()
    write(files, b"small", b"x" * 100)
    assert board.now() - before < 0.003  # kept in the metadata


def test_a_folder_keeps_the_files(tmp_path: Path) -> None:
    root = tmp_path / "flash"
    files = make(root)
    names = [b"main.lua", b"../up", b"UPPER", b"con.txt", b".hidden", b"tail.", b"\xff\xfe", b"a b;$(x)"]
    call(files.api(), "mkdir", b"d")
    for name in names:
        write(files, name, name)
    write(files, b"d/x", b"1\n2")
    again = make(root)
    assert sorted(e["name"] for e in call(again.api(), "listdir", b"/")[2:]) == sorted(
        [b"d", b"up", *(n for n in names if n != b"../up")]
    )
    for name in names:
        assert lines(again, name) == [name]
    assert lines(again, b"d/x") == [b"1", b"2"]
    assert {p.name for p in tmp_path.iterdir()} == {"flash"}
    call(again.api(), "remove", b"main.lua")
    call(again.api(), "rename", b"d", b"e")
    assert not (root / "main.lua").exists()
    assert (root / "e" / "x").read_bytes() == b"1\n2"
    again.paired = False
    again.reset()
    assert [entry.name for entry in root.iterdir()] == [".sidelight-glasses"]


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(InputError, match="folder of the glasses' files cannot be used"):
        make(blocked)
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="files that are not the glasses'"):
        make(other, paired=False)
    assert (other / "letter.txt").read_text() == "dear"
    big = tmp_path / "big"
    make(big)
    (big / "f").write_bytes(b"x" * 65537)
    with pytest.raises(InputError, match="too large for the glasses"):
        make(big)
    full = tmp_path / "full"
    make(full)
    for n in range(5):
        (full / f"f{n}").write_bytes(b"x" * 65536)
    with pytest.raises(InputError, match="more than the glasses' flash"):
        make(full)


@settings(max_examples=100, deadline=None)
@given(name=st.binary(min_size=1, max_size=60).filter(lambda name: b"/" not in name))
def test_host_names_are_harmless_and_come_back(name: bytes) -> None:
    text = host_name(name)
    assert unquote_to_bytes(text) == name
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-.%ABCDEF")
    assert not text.startswith(".")
    assert not text.endswith(".")
