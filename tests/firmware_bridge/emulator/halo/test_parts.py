"""Halo's files, LZ4, motion sensor and camera."""

from __future__ import annotations

import asyncio
import io

import numpy as np
import pytest
from halo_desk import HaloDesk, on_halo
from PIL import Image

from firmware_bridge.emulator.halo.files import PARTITION_BYTES


@pytest.mark.halo_reference("2.10 open", "2.10 read", "2.10 write", "2.10 close")
def test_files_are_written_and_read() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("f = frame.file.open('a.txt', 'write') f:write('one\\ntwo\\n\\nend') f:close() f:close()")
        await desk.lua("f = frame.file.open('a.txt')")
        for line in (b"one", b"two", b"", b"end", b"nil", b"nil"):
            assert await desk.lua("print(f:read())") == ([line] if line else [])
        await desk.lua(
            "f = frame.file.open('a.txt', 'append') f:write(('x'):rep(600)) f:close() f = frame.file.open('a.txt')"
        )
        assert await desk.lua("print(#f:read(7), #f:read(9999), f:read(0), #f:read(2))") == [
            *(b"7", b"\t", b"512", b"\t", b"\t", b"2")
        ]
        assert await desk.error("f:write('x')") == "file opened in read-only mode"
        await desk.lua("f:close()")
        assert await desk.error("f:read()") == "attempt to use a closed file"
        await desk.lua("do local f <close> = frame.file.open('c', 'w') f:write('kept') end")
        assert await desk.one("print(frame.file.open('c'):read())") == "kept"

    on_halo(main)


@pytest.mark.halo_reference("2.10 open", "2.10 listdir", "2.10 mkdir", "2.10 remove and rename", "2.10 path")
def test_file_errors_have_numbers() -> None:
    async def main(desk: HaloDesk) -> None:
        for text, error in (
            ("frame.file.open('nix')", "cannot open file 'nix': -2"),
            ("frame.file.open('a', 'x')", "mode must be 'r', 'w', or 'a'"),
            ("frame.file.open(('x'):rep(300))", "filename too long"),
            ("frame.file.listdir('nix')", "directory not found: -2"),
            ("frame.file.remove('nix')", "error removing file/directory: -2"),
            ("frame.file.rename('nix', 'new')", "error renaming file/directory: -2"),
        ):
            assert await desk.error(text) == error
        await desk.lua("frame.file.mkdir('a/b') frame.file.mkdir('a/b') frame.file.mkdir('a/c')")
        await desk.lua("frame.file.open('a/b/f', 'w'):close()")
        assert await desk.error("frame.file.remove('a')") == "error removing file/directory: -39"
        assert await desk.lua("for _, e in ipairs(frame.file.listdir('a')) do print(e.name) print(e.type) end") == [
            *(b"b", b"2", b"c", b"2")
        ]
        await desk.lua("frame.file.rename('a/b/f', 'g') frame.file.remove_all()")
        assert await desk.lua("for _, e in ipairs(frame.file.listdir('')) do print(e.name) end") == [b"settings"]

    on_halo(main)


@pytest.mark.halo_reference("2.10 file system", "5 file system")
def test_the_partition_is_full_at_128_kib(tmp_path) -> None:
    async def main(desk: HaloDesk) -> None:
        answer = await desk.lua(
            "f = frame.file.open('big', 'w') for i = 1, 400 do n = i f:write(('x'):rep(500)) end", wait=3
        )
        assert answer[0].endswith(b"error writing to file: -28")
        assert PARTITION_BYTES * 0.7 < 500 * int(await desk.one("print(n)")) <= PARTITION_BYTES

    on_halo(main)


@pytest.mark.halo_reference("2.10 file system", "3 main.lua")
def test_files_are_kept_in_a_folder(tmp_path) -> None:
    uri = f"emulator:halo?flash={tmp_path / 'flash'}"

    async def first(desk: HaloDesk) -> None:
        await desk.lua("f = frame.file.open('main.lua', 'w') f:write('print(42)') f:close()")

    async def second(desk: HaloDesk) -> None:
        assert await desk.lua(b"\x04") == [b"42"]

    on_halo(first, uri)
    on_halo(second, uri)


def literals(content: bytes) -> bytes:
    """A block of LZ4 that is all literals."""
    size = len(content)
    if size < 15:
        return bytes([size << 4]) + content
    return b"\xf0" + b"\xff" * ((size - 15) // 255) + bytes([(size - 15) % 255]) + content


def frame(contents: list[bytes]) -> bytes:
    """Blocks in a frame without checksums."""
    blocks = [literals(content) for content in contents]
    sized = b"".join(len(block).to_bytes(4, "little") + block for block in blocks)
    return b"\x04\x22\x4d\x18\x60\x40\x82" + sized + bytes(4)


@pytest.mark.halo_reference("2.12 errors", "2.12 last block", "2.12 limits")
def test_lz4() -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.error("frame.compression.process_function(1)") == "expected function or nil"
        assert await desk.error("frame.compression.decompress('x', 9)") == "no process_function registered"
        await desk.lua("got = {} frame.compression.process_function(function(d) got[#got + 1] = #d .. d:sub(1, 2) end)")
        assert await desk.error("frame.compression.decompress('x', 0)") == "block_size must be greater than 0"
        assert await desk.error("frame.compression.decompress('x', 1 << 21)") == "block_size too large (max 1MB)"
        assert await desk.error("frame.compression.decompress('abcdefgh', 9)") == "decompression failed: -21"
        assert await desk.error("frame.compression.decompress('abc', 9)") == "decompression failed: -20"
        await desk.lua("function byte(hex) return string.char(tonumber(hex, 16)) end")
        for blocks in ([b"first", b"second"], [b"z" * 5000]):
            data = frame(blocks).hex()
            await desk.lua("data = ''")
            for at in range(0, len(data), 400):
                await desk.lua(f"data = data .. ('{data[at : at + 400]}'):gsub('..', byte)")
            await desk.lua("frame.compression.decompress(data, 8192)")
        assert await desk.one("print(table.concat(got, ' '))") == "6se 4096zz"

    on_halo(main)


@pytest.mark.halo_reference("1.9 later firmware")
def test_later_firmware_hands_over_every_block() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.compression.process_function(function(d) print(d) end)")
        await desk.lua("frame.bluetooth.receive_callback(function(d) frame.compression.decompress(d, 99) end)")
        assert await desk.lua(b"\x01" + frame([b"one", b"two", b"three"])) == [b"one", b"two", b"three"]

    on_halo(main, "emulator:halo?firmware=later")


@pytest.mark.halo_reference("2.9 raw", "2.9 direction", "2.9 taps", "2.9 config")
def test_motion(tmp_path) -> None:
    head, taps = tmp_path / "head", tmp_path / "taps"
    head.write_text("0 90 30 0\n")
    taps.write_text("6 triple\n")

    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.imu.tap_callback(function(...) print(...) end)")
        up, ahead, left = (
            float(value)
            for value in await desk.lua("r = frame.imu.raw().accelerometer print(r.x) print(r.y) print(r.z)")
        )
        assert (up, ahead, left) == pytest.approx((866, 500, 0), abs=12)
        field = [float(v) for v in await desk.lua("r = frame.imu.raw().compass print(r.x) print(r.y) print(r.z)")]
        assert 100 < np.linalg.norm(field) < 1200
        pitch, roll, heading = (
            float(v) for v in await desk.lua("d = frame.imu.direction() print(d.pitch) print(d.roll) print(d.heading)")
        )
        assert (pitch, roll, heading) == (pytest.approx(30, abs=1), pytest.approx(0, abs=1), 0.0)
        assert await desk.error("frame.imu.tap_callback()") == "expected function or nil"
        assert await desk.error("frame.imu.config(1)") == "expected table argument"
        await desk.lua("frame.imu.tap_config{threshold = 99, mode = 'robust'} c = frame.imu.tap_config()")
        assert await desk.lua("print(c.threshold) print(c.mode) print(c.wait_for_timeout)") == [
            b"99",
            b"robust",
            b"true",
        ]
        assert await desk.error("frame.imu.tap_config{threshold = 'x'}") == "threshold must be a number"
        desk.heard.clear()
        await asyncio.sleep(6)
        assert [value for _, value in desk.heard] == [b"triple"]
        desk.heard.clear()
        await desk.lua("frame.sleep(0.5)", wait=0.1)
        for _ in range(12):
            desk.halo.tap("double")
        assert await desk.lua(b"", wait=1) == [b"double"] * 8

    on_halo(main, f"emulator:halo?head={head}&taps={taps}")


PHOTO = (
    "while not frame.camera.image_ready() do frame.sleep(0.02) end while true do local d = frame.camera.read(400) "
    "if not d then break end frame.bluetooth.send(d) end"
)


@pytest.mark.halo_reference("2.6 capture", "2.6 asleep", "2.6 read", "2.6 size", "2.6 ready", "2.6 quality")
def test_photos(tmp_path) -> None:
    rows, columns = np.mgrid[0:640, 0:480]
    scene = np.uint8(127 + 120 * np.sin(rows / 3) * np.cos(columns / 5))
    Image.fromarray(scene).save(tmp_path / "waves.png")

    async def main(desk: HaloDesk) -> None:
        assert await desk.error("frame.camera.capture{}") == "camera is asleep"
        assert await desk.error("frame.camera.image_ready()") == "camera is asleep"
        await desk.lua("frame.camera.power_save(false)")
        assert "attempt to index a nil value" in (await desk.lua("frame.camera.capture()"))[0].decode()
        assert await desk.error("frame.camera.capture{resolution = 512}") == "camera resolution not supported"
        assert (await desk.error("frame.camera.capture{quality = 'BEST'}")).startswith(
            "quality must be either VERY_HIGH"
        )
        assert await desk.error("frame.camera.read(0)") == "bytes must be greater than 0"
        sizes = []
        for quality in ("VERY_HIGH", "HIGH", "MEDIUM", "LOW"):
            await desk.lua(f"frame.camera.capture{{quality = '{quality}'}}", wait=0.05)
            pieces = await desk.lua(PHOTO, wait=2)
            jpeg = b"".join(piece[1:] for piece in pieces)
            sizes.append(len(jpeg))
            with Image.open(io.BytesIO(jpeg)) as photo:
                assert photo.size == (640, 480)
                seen = np.asarray(photo.convert("L"), float)[:, 140:500]  # beside it its edges go on
        assert sizes == sorted(sizes, reverse=True)
        small = np.asarray(Image.fromarray(scene).resize((360, 480), Image.Resampling.BOX), float)
        assert np.corrcoef(seen.ravel(), small.ravel())[0, 1] > 0.9  # upright, and all of it
        await desk.lua(
            "frame.camera.capture{} old = frame.camera.image_ready() frame.sleep(0.01) now = frame.camera.image_ready()"
        )
        assert await desk.lua("print(old) print(now)") == [b"true", b"false"]
        assert desk.halo.camera.captures == 5

    on_halo(main, f"emulator:halo?camera={tmp_path / 'waves.png'}")


@pytest.mark.halo_reference("2.6 interrupt", "2.6 raw", "1.7 lets go")
def test_an_interrupt_takes_the_photo_away_and_raw_is_bayer() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.camera.power_save(false) frame.camera.capture{}", wait=1)
        assert await desk.one("print(#frame.camera.read_raw(999999))") == "307200"
        await desk.lua(b"\x03")
        assert await desk.lua("print(frame.camera.image_ready(), frame.camera.read(10))") == [b"false", b"\t", b"nil"]
        assert await desk.error("frame.camera.read_raw(10)") == "raw buffer not set"
        await desk.lua("frame.camera.capture{}", wait=1)
        assert await desk.one("print(frame.camera.image_ready())") == "true"
        await desk.lua(b"\x04")
        assert await desk.error("frame.camera.image_ready()") == "camera is asleep"

    on_halo(main)


@pytest.mark.halo_reference("2.6 size")
def test_the_other_size() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.camera.power_save(false) frame.camera.capture{quality = 'LOW'}", wait=0.1)
        pieces = await desk.lua(PHOTO, wait=4)
        with Image.open(io.BytesIO(b"".join(piece[1:] for piece in pieces))) as photo:
            assert photo.size == (320, 240)

    on_halo(main, "emulator:halo?strict=1")
