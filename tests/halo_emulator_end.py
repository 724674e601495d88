"""Our glasses on halo-emulator 2.3.0, a Halo emulator by others, through the same link contract as any.

It has no transport, camera, prompt or break; those are made here, of its private names, which is why its version is
pinned. Where it differs from the device reference (2.10 files) it is made to follow that, and nothing else is changed:

- a line that is read comes with its newline, a mode is more than its first letter, a missing file has an error of
  Python, `/` is the computer's own folder, and a folder is listed as names alone
- there is no `frame.camera`, and `HARDWARE_VERSION` is "EMULATOR"
"""

from __future__ import annotations

import asyncio
import queue
import threading
from typing import Any

from halo_emulator import HaloEmulator
from halo_emulator.stubs.system import EmulatorStopException

from firmware_bridge.errors import LinkLostError
from firmware_bridge.link import Link, LinkInfo, LinkSource, OnLost, OnValue

BREAK = b"\x03"
_FOLLOWS_THE_REFERENCE = """
local open, list = frame.file.open, frame.file.listdir
frame.HARDWARE_VERSION = 'halo'
function frame.file.open(name, mode)
  local ok, f = pcall(open, name, (mode or 'r'):sub(1, 1))
  if not ok then error("cannot open file '" .. name .. "': -2", 2) end
  return {
    read = function() local line = f.read() return line and (line:gsub('\\n$', '')) end,
    write = function(_, text) f.write(text) end,
    close = function() f.close() end,
  }
end
function frame.file.listdir(path)
  local entries = {}
  for name in python.iter(list((path:gsub('^/', '')))) do
    entries[#entries + 1] = { name = name, size = 0, type = 1 }
  end
  return entries
end
local at = 1
frame.camera = {
  power_save = function() end,
  capture = function() at = 1 end,
  image_ready = function() return true end,
  read = function(n)
    local part = JPEG:sub(at, at + n - 1)
    at = at + n
    return part ~= '' and part or nil
  end,
}
"""


class IndependentHalo(LinkSource):
    """One pair of such glasses; its Lua runs on a thread, in real time.

    Args:
        jpeg: what its camera gives.

    Attributes:
        emulator: `halo_emulator.HaloEmulator`.
    """

    input_ended = None

    def __init__(self, jpeg: bytes = b"") -> None:
        self._loop = asyncio.get_running_loop()
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._link: _Link | None = None
        self._nonce = 0
        self.emulator: Any = HaloEmulator(print_handler=lambda text: self._notify(text.encode("latin-1")))
        self.emulator._bluetooth.add_send_listener(lambda data: self._notify(b"\x01" + data))
        self.emulator.connect()
        self.emulator._lua.globals().JPEG = jpeg.decode("latin-1")
        self.emulator._lua.execute(_FOLLOWS_THE_REFERENCE)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> Link:
        self._nonce += 1
        size = self.emulator._bluetooth.max_length() + 1
        self._link = _Link(self, LinkInfo("emulator", "Halo 00", "", size, self._nonce, "halo"), on_value)
        return self._link

    def pause_input(self, *, paused: bool) -> None:
        pass

    async def close(self) -> None:
        self._link = None
        self._lines.put(None)
        self.emulator._stop_event.set()
        await asyncio.to_thread(self._thread.join)
        self.emulator.__exit__()

    def written(self, value: bytes) -> None:
        """A value of the host arrives."""
        if value[:1] == b"\x01":
            self.emulator.inject_bluetooth_data(value[1:])
        elif value == BREAK:
            self.emulator._bluetooth.receive_callback(None)
            self.emulator._stop_event.set()
        else:
            for line in value.split(b"\n"):
                self._lines.put(line)

    def _notify(self, value: bytes) -> None:
        self._loop.call_soon_threadsafe(self._tell, value)

    def _tell(self, value: bytes) -> None:
        if self._link is not None:
            self._link.on_value(value)

    def _run(self) -> None:
        """The prompt: a line at a time; what waits is let in while there is none."""
        emulator = self.emulator
        while True:
            try:
                line = self._lines.get(timeout=0.02)
            except queue.Empty:
                line = b"frame['yield']()"
            if line is None:
                return
            emulator._stop_event.clear()
            try:
                emulator.execute_lua(line.decode("latin-1"))
            except EmulatorStopException:
                self._notify(b"interrupted")
            except Exception as error:  # noqa: BLE001 - of Lua or of its Python functions
                for text in (str(error).encode("utf-8", "replace"), b"\n"):
                    self._notify(text)


class _Link(Link):
    def __init__(self, glasses: IndependentHalo, info: LinkInfo, on_value: OnValue) -> None:
        self._glasses, self._info, self.on_value = glasses, info, on_value

    @property
    def info(self) -> LinkInfo:
        return self._info

    async def write(self, value: bytes, *, response: bool = False) -> None:
        if self._glasses._link is not self:
            raise LinkLostError("the link has ended")
        self._glasses.written(value)
        await asyncio.sleep(0)

    async def disconnect(self) -> None:
        if self._glasses._link is self:
            self._glasses._link = None
