"""The microphones of this computer, asked for in a process of its own.

PortAudio writes to stderr what it dislikes of the sound system, and hangs where that hangs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

from host.app.doctor.checkup import Checkup, in_a_row, ok, unknown, wanted
from host.app.doctor.packages import EXTRAS, install, wants
from host.events import Finding

__all__ = ["microphone"]

_CHECK: Final = "microphone"
_ANSWER_S: Final = 5.0  # a sound server that is asleep takes a second to start
_SHOWN: Final = 4
_ASK: Final = """
import json, sys
from host.computer_microphone import ComputerMicrophone, input_devices
from host.errors import HostError
answer = {"microphones": []}
try:
    answer["microphones"] = [name for _, name in input_devices()]
    ComputerMicrophone(sys.argv[1])
except HostError as error:
    answer |= {"message": error.message, "hint": error.hint}
print(json.dumps(answer))
"""


def microphone(checkup: Checkup) -> Iterator[Finding]:
    """What `--audio mic` needs; needed where the settings name a microphone."""
    named = checkup.settings.audio_device
    if lacking := wants(*EXTRAS["microphone"]):
        yield wanted(_CHECK, in_a_row(lacking), install("microphone"), needed=bool(named))
        return
    try:
        said = subprocess.run(
            [sys.executable, "-P", "-c", _ASK, named],  # -P: not what lies in the folder that we were called from
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_ANSWER_S,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        answer: dict[str, Any] = json.loads(said.stdout)
    except subprocess.TimeoutExpired:
        how = "Restart the sound system, with 'systemctl --user restart pipewire' say"
        yield unknown(_CHECK, f"the sound system did not answer within {_ANSWER_S:.0f} s", how)
        return
    except ValueError:
        yield unknown(_CHECK, f"PortAudio ended the program that asked it (code {said.returncode})")
        return
    if "message" in answer:
        yield wanted(_CHECK, answer["message"], answer["hint"], needed=bool(named))
        return
    names = [f"{name!a:.60}" for name in answer["microphones"]]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    yield ok(_CHECK, f"there is {', '.join(names[:_SHOWN])}{more}")
