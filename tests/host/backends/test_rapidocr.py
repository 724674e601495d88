"""The embedded reader, for real: what it reads, that it fetches nothing, and that its death is one error."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rapidocr")
pytest.importorskip("onnxruntime")

from drawn_photos import TAG, photo

from host.backends import rapidocr
from host.config import Settings
from host.errors import BackendError, ModelMissingError

ROOT = Path(__file__).parents[3]


def test_it_reads_counts_its_cost_and_survives_its_own_death():
    async def main():
        cpu = []
        reader = await rapidocr.start("auto", Settings(), {}, cpu.append)
        try:
            lines = await reader.read(photo(TAG))
            glance = await reader.glance(photo(TAG))
            assert lines == await reader.read(photo(TAG))  # whatever was looked at before
            assert await reader.glance(photo(TAG)[::4, ::4])  # smaller than a glance
            for look in (reader.read, reader.glance):
                assert await look(np.full((3, 500, 3), 255, np.uint8)) == []
                assert await look(np.full((9, 2000, 3), 255, np.uint8)) == []
            assert await reader.read(np.full((200, 200, 3), 255, np.uint8)) == []
            os.kill(reader._process._process.pid, signal.SIGKILL)
            with pytest.raises(BackendError) as caught:
                await reader.read(photo(TAG))
            again = await reader.read(photo(TAG))
        finally:
            await reader.close()
            await reader.close()
        return lines, glance, cpu, caught.value, again

    lines, glance, cpu, died, again = asyncio.run(main())
    found = {line.text: line for line in lines}
    assert {"TOMATO SOUP", "29.90"} <= found.keys()
    price = found["29.90"]
    assert price.confidence > 0.9
    assert 80 < price.height < 160
    assert 280 < price.box.left < 310
    assert price.box.top > found["TOMATO SOUP"].box.bottom
    assert {line.text for line in glance} >= {"TOMATO SOUP", "29.90"}
    assert cpu
    assert died.retry
    assert died.hint == "Take the photo again"
    assert {line.text for line in again} == set(found)


CUT_OFF = """
import sys
def refuse(event, args):
    if event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
        if event in ("socket.connect", "socket.bind") and isinstance(args[1], (str, bytes)):
            return  # this computer's own
        print("NETWORK", event, flush=True)
        raise OSError("the network is cut")
sys.addaudithook(refuse)
"""

READ = """
import asyncio
from drawn_photos import TAG, photo
from host.backends import rapidocr
from host.config import Settings
async def main():
    reader = await rapidocr.start("auto", Settings(), {}, None)
    print(sorted(line.text for line in await reader.read(photo(TAG))))
    await reader.close()
if __name__ == "__main__":
    asyncio.run(main())
"""


def test_it_reads_without_a_network_and_leaves_nothing_behind(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(CUT_OFF)  # in every process, the networks' too
    (tmp_path / "read.py").write_text(READ)
    path = os.pathsep.join([str(tmp_path), str(ROOT), str(ROOT / "tests")])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "read.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "29.90" in done.stdout, done.stderr
    assert "NETWORK" not in done.stdout
    assert done.stderr == ""
    assert not (tmp_path / "home").exists()


def test_a_library_without_models_says_so(monkeypatch, tmp_path):
    (tmp_path / "rapidocr").mkdir()
    (tmp_path / "rapidocr" / "__init__.py").write_text("")
    monkeypatch.delitem(sys.modules, "rapidocr", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModelMissingError, match="brings no models") as caught:
        asyncio.run(rapidocr.start("auto", Settings(), {}, None))
    assert "pip install 'sidelight[read]'" in caught.value.hint


def test_threads_that_have_nothing_to_do_sleep():
    engine = rapidocr._Engine(rapidocr._bundled("det"), rapidocr._bundled("rec"))
    for network in (engine._library.text_det, engine._library.text_rec):
        options = network.session.session.get_session_options()
        assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
