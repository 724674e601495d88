"""Playing the wearer of glasses that run: in this process, in the confined one, and the air around them."""

from __future__ import annotations

import asyncio
import io
import pickle
import wave

import numpy as np
import pytest
from frame_desk import Desk, on_desk
from halo_desk import HaloDesk, on_halo
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from firmware_bridge.emulator.acts import Act, Charge, Cut, Disturb, Hear, Press, See, Tap, Turn
from firmware_bridge.emulator.clock import DeviceClock, run_virtual
from firmware_bridge.emulator.confined import ConfinedGlasses
from firmware_bridge.emulator.inputs import PICTURE_MAX_PIXELS, picture_to_show, sound_to_play
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.sound import LiveSound, Recording
from firmware_bridge.emulator.source import EmulatorSource
from firmware_bridge.errors import InputError

TONE = np.rint(9000 * np.sin(np.arange(8000) / 5)).astype(np.int16)
RECORD = (
    "function take(s) local t = frame.time.utc() while frame.time.utc() - t < s do "
    "local d = frame.microphone.read(240) "
    "if d and #d > 0 then frame.bluetooth.send(d) else frame.sleep(0.01) end end end"
)


def wav(samples: np.ndarray = TONE, rate_hz: int = 16_000) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()


def png(width: int = 90, height: int = 60, colour: str = "blue") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(("kind", "taps"), [("single", 1), ("double", 2), ("triple", 3)])
def test_frame_is_tapped_so_often(kind: str, taps: int) -> None:
    async def main(desk: Desk) -> None:
        await desk.lua("frame.imu.tap_callback(function() print('tap') end)")
        desk.heard.clear()
        desk.frame.act(Tap(kind))
        desk.frame.act(Press())  # it has no button
        await desk.lua(wait=1)
        await asyncio.sleep(1)
        assert [value for _, value in desk.heard] == [b"tap"] * taps

    on_desk(main)


def test_halo_is_tapped_and_its_button_pressed() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.imu.tap_callback(function(kind) print(kind) end)")
        await desk.lua("frame.button.double(function() print('pressed') end)")
        desk.heard.clear()
        desk.halo.act(Tap("triple"))
        await asyncio.sleep(1)
        desk.halo.act(Press(-1))
        await asyncio.sleep(1)
        assert [value for _, value in desk.heard if value != b"\n"] == [b"triple", b"pressed"]

    on_halo(main)


def test_the_head_turns_and_the_battery_changes() -> None:
    async def main(desk: Desk) -> None:
        assert abs(float(await desk.one("print(frame.imu.direction().pitch)"))) < 2
        desk.frame.act(Turn(90, 30, 0))
        desk.frame.act(Charge(12))
        assert float(await desk.one("print(frame.imu.direction().pitch)")) == pytest.approx(30, abs=2)
        assert await desk.one("print(frame.battery_level())") == "12.0"

    on_desk(main)


def test_a_sound_is_heard_whole_and_then_the_room_again() -> None:
    async def main(desk: Desk) -> None:
        await desk.lua("frame.microphone.start{sample_rate=16000, bit_depth=16}", RECORD)
        desk.heard.clear()
        desk.frame.written(b"take(1.5)")
        await asyncio.sleep(0.3)
        desk.frame.act(Hear(TONE.astype("<i2").tobytes()))
        await asyncio.sleep(2)
        heard = np.frombuffer(b"".join(value[1:] for _, value in desk.heard), "<i2")
        at = int(np.argmax(np.abs(heard) > 1000)) - 1
        assert np.array_equal(heard[at : at + len(TONE)], TONE)
        assert np.abs(heard[:at]).max() < 100
        assert len(heard) > at + len(TONE) + 1000
        assert np.abs(heard[at + len(TONE) :]).max() < 100

    on_desk(main)


def test_halo_hears_it_too() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.microphone.start{sample_rate = 16000}", RECORD)
        desk.halo.act(Hear(TONE.astype("<i2").tobytes()))
        pieces = await desk.lua("take(1.5)", wait=2)
        heard = np.frombuffer(b"".join(piece[1:] for piece in pieces), "<i2")
        at = int(np.argmax(np.abs(heard) > 1000)) - 1
        assert np.array_equal(heard[at : at + len(TONE)], TONE)

    on_halo(main)


@pytest.mark.parametrize("uri", ["emulator:frame", "emulator:halo"])
def test_a_picture_lies_before_the_camera(uri: str) -> None:
    async def main() -> None:
        source = EmulatorSource(parse_uri(uri))
        try:
            camera = source.device.camera
            source.act(picture_to_show("blue.png", png()))
            field = camera._images.field()  # type: ignore[attr-defined]
            assert np.array_equal(field[240, 320], [0, 0, 255])
            source.act(See())
            assert not np.array_equal(camera._images.field()[240, 320], [0, 0, 255])  # type: ignore[attr-defined]
        finally:
            await source.close()

    run_virtual(main())


def test_the_link_gets_slow_lossy_and_breaks() -> None:
    async def main() -> None:
        values: list[float] = []
        lost: list[Exception] = []
        clock = asyncio.get_running_loop().time
        source = EmulatorSource(parse_uri("emulator:frame"))
        link = await source.connect(lambda _: values.append(clock()), lost.append)
        await asyncio.sleep(1)
        values.clear()

        async def answer_s() -> float:
            begun = clock()
            await link.write(b"print(1)")
            await asyncio.sleep(3)
            return values.pop() - begun

        quick = await answer_s()
        source.act(Disturb(delay_s=0.5))
        assert await answer_s() == pytest.approx(quick + 1.0, abs=0.05)
        source.act(Disturb(loss=0.9))
        assert await answer_s() > quick
        source.act(Disturb())
        assert await answer_s() == pytest.approx(quick, abs=0.05)
        source.act(Cut(5.0))
        await asyncio.sleep(0)
        assert len(lost) == 1
        begun = clock()
        await source.connect(lambda _: None, lost.append)
        assert clock() - begun > 5
        await source.close()

    run_virtual(main())


def test_values_that_are_late_keep_their_order_when_the_delay_ends() -> None:
    async def main() -> None:
        got: list[bytes] = []
        source = EmulatorSource(parse_uri("emulator:frame"))
        source.faults.delay_s = 0.5
        source.faults.pass_on("up", b"1", got.append)
        source.faults.delay_s = 0.0
        source.faults.pass_on("up", b"2", got.append)
        source.faults.pass_on("down", b"3", got.append)
        await asyncio.sleep(1)
        assert got == [b"3", b"1", b"2"]
        await source.close()

    run_virtual(main())


@pytest.mark.parametrize(
    "made",
    [
        lambda: Tap("quadruple"),
        lambda: Press(-2),
        lambda: Press(float("nan")),
        lambda: Turn(361),
        lambda: Turn(0, 91),
        lambda: Turn(0, 0, float("inf")),
        lambda: See(1, 1, b""),
        lambda: Charge(101),
        lambda: Disturb(loss=0.95),
        lambda: Disturb(delay_s=3),
        lambda: Cut(-1),
    ],
)
def test_what_cannot_be_is_refused(made: object) -> None:
    with pytest.raises(InputError):
        made()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.wav", b"", "not a recording"),
        ("a.wav", b"RIFF" + bytes(40), "not a recording"),
        ("\x1b[2J.wav", b"x", r"\\x1b\[2J.wav is not a recording"),
        ("a.wav", wav(np.empty(0, np.int16)), "is empty"),
        ("a.wav", wav(np.zeros(1000 * 31 * 60, np.int16), 1000), "longer than 30 minutes"),
    ],
)
def test_what_is_no_sound_is_said(name: str, content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        sound_to_play(name, content)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (b"GIF89a", "not a picture"), (png()[:-30], "is damaged"), (png(9000, 9000), "more than 80")],
)
def test_what_is_no_picture_is_said(content: bytes, message: str) -> None:
    assert PICTURE_MAX_PIXELS < 9000 * 9000
    with pytest.raises(InputError, match=message):
        picture_to_show("a.png", content)


def test_a_large_picture_is_made_as_large_as_a_camera_needs() -> None:
    shown = picture_to_show("a.png", png(3000, 6000))
    assert (shown.width, shown.height) == (1280, 2560)
    assert sound_to_play("a.wav", wav()).pcm == TONE.astype("<i2").tobytes()


@given(plays=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40)), max_size=8), ends=st.booleans())
def test_what_is_played_into_a_sound_is_taken_from_there_on(plays: list[tuple[int, int]], *, ends: bool) -> None:
    """Against a plain list of samples that each play overwrites."""
    room = Recording(np.full(1000, -1, np.int16), loop=not ends)
    sound = LiveSound(room)
    wanted = np.full(1000, -1, np.int16)
    at = 0
    for number, (later, length) in enumerate(plays):
        at += later
        sound.play(np.full(length, number, np.int16), at, 0)
        wanted[at:] = -1
        wanted[at : at + length] = number
    end = at + plays[-1][1] if plays and ends else 1000
    assert sound.length == (None if not ends else end)
    for start in range(0, end, 37):
        assert np.array_equal(sound.take(start, min(50, end - start)), wanted[start:end][:50])


def test_confined_glasses_are_played_too_and_remember_it_when_they_start_again() -> None:
    async def main() -> None:
        glasses = ConfinedGlasses(parse_uri("emulator:frame"))
        answers: asyncio.Queue[bytes] = asyncio.Queue(99)

        class Air:
            free = True
            clock = DeviceClock(asyncio.get_running_loop())

            def notify(self, value: bytes) -> bool:
                answers.put_nowait(value)
                self.clock.loop.call_soon(self.on_free)  # type: ignore[attr-defined]
                return True

        async def connected() -> None:
            await asyncio.sleep(0.3)
            glasses.link_up(Air())  # type: ignore[arg-type]
            glasses.mtu_exchanged(247)
            glasses.subscribed(True)

        async def answer(text: str) -> str:
            glasses.written(text.encode())
            return (await answers.get()).decode()

        async with asyncio.timeout(60):
            await glasses.start()
            await connected()
            acts: tuple[Act, ...] = (
                Charge(7),
                Turn(0, 30),
                picture_to_show("a.png", png()),
                Hear(TONE.tobytes()),
                Press(1.5),
            )
            for act in acts:
                assert pickle.loads(pickle.dumps(act)) == act  # noqa: S301 - our own
                glasses.act(act)  # type: ignore[arg-type] # none is of the air
            assert await answer("print(frame.battery_level())") == "7.0"
            await answer("frame.imu.tap_callback(function() print('tap') end) print('set')")
            glasses.act(Tap())
            assert await answers.get() == b"tap"
            glasses._process.kill()  # type: ignore[union-attr]
            while not glasses.resets or not glasses.powered:  # noqa: ASYNC110 - it comes when it comes
                await asyncio.sleep(0.05)
            await connected()
            assert await answer("print(frame.battery_level())") == "7.0"
            assert float(await answer("print(frame.imu.direction().pitch)")) == pytest.approx(30, abs=2)
            await glasses.close()

    asyncio.run(main())
