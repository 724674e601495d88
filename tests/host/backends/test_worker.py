"""A model in a process of its own: what its callers see when it works, fails, dies or hangs."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from model_stand_ins import Calculator, DiesAtBirth, NeedsModel, SlowToLoad

from firmware_bridge.emulator import run_virtual
from host.backends import worker
from host.backends.worker import ModelProcess
from host.errors import BackendError, LanguageError, ModelMissingError

ROOT = Path(__file__).parents[3]
posix_only = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


def with_process(use, *args, make=Calculator, **options):
    """Run `use(process)` with a started one, in real time."""

    async def main():
        process = ModelProcess(make, *args, name="calculator", **options)
        await process.start()
        try:
            return await use(process)
        finally:
            await process.close()

    return asyncio.run(main())


def test_calls_run_in_another_process_one_after_another_and_are_counted():
    spent = []

    async def use(process):
        assert await process.call("add", 2, 3) == 5
        assert await process.call("sum", np.full(16000, 3, np.int16)) == 48000
        assert await process.call("pid") != os.getpid()
        first, second = process.call("compute", 0.05), process.call("compute", 0.05)
        running = asyncio.gather(first, second)
        await asyncio.sleep(0)
        assert process.load.waiting == 2
        assert len(set(await running)) == 1
        return process.load

    load = with_process(use, on_cpu=spent.append)
    assert (load.calls, load.waiting, load.starts) == (5, 0, 1)
    assert load.cpu_s == pytest.approx(sum(spent))
    assert 0.1 <= load.cpu_s < 0.5


def test_errors_cross_the_pipe_as_what_they_are_and_the_process_lives_on():
    async def use(process):
        with pytest.raises(BackendError, match="the model is confused") as confused:
            await process.call("refuse")
        assert (confused.value.retry, confused.value.hint) == (True, "Speak slower")
        with pytest.raises(LanguageError, match="Elvish"):
            await process.call("refuse_language")
        with pytest.raises(BackendError, match="calculator failed: ZeroDivisionError: a mistake of ours") as mistake:
            await process.call("break_down")
        assert not mistake.value.retry
        return process.load

    assert with_process(use).starts == 1


@posix_only
def test_a_crash_fails_that_call_and_the_next_one_starts_it_again():
    async def use(process):
        before = await process.call("pid")
        with pytest.raises(BackendError, match="calculator failed: its process ended by SIGSEGV") as crash:
            await process.call("crash")
        assert crash.value.retry
        assert await process.call("pid") != before
        with pytest.raises(BackendError, match="exit code 3"):
            await process.call("leave", 3)
        assert await process.call("add", 1, 1) == 2
        return process.load

    assert with_process(use).starts == 3


@posix_only
def test_three_crashes_in_a_row_are_for_good():
    async def use(process):
        for attempt in range(worker.MAX_CRASHES):
            with pytest.raises(BackendError) as crash:
                await process.call("leave", 1)
            assert crash.value.retry is (attempt < worker.MAX_CRASHES - 1)
        assert crash.value.hint == "Choose another with --transcriber"

    with_process(use)


@posix_only
def test_a_process_killed_between_calls_is_started_again_unseen():
    async def use(process):
        os.kill(await process.call("pid"), signal.SIGKILL)
        await asyncio.sleep(0.1)
        return await process.call("add", 1, 2)

    assert with_process(use) == 3


def test_a_model_that_hangs_is_killed():
    async def use(process):
        with pytest.raises(BackendError, match=r"no answer in 0 s") as hung:
            await process.call("sleep", 60)
        assert hung.value.retry

    began = time.monotonic()
    with_process(use, call_timeout_s=0.3)
    assert time.monotonic() - began < 30


@posix_only
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_to_the_whole_group_leave_it_to_finish(number):
    async def use(process):
        pid = await process.call("pid")
        call = asyncio.create_task(process.call("compute", 0.2))
        await asyncio.sleep(0.05)
        os.kill(pid, number)
        return await call == pid and process.load.starts == 1

    assert with_process(use)


LARGER_THAN_A_PIPE = np.full(4 << 20, 3, np.int16)


@posix_only
def test_a_stopped_process_that_takes_nothing_more_is_killed():
    async def use(process):
        os.kill(await process.call("pid"), signal.SIGSTOP)
        with pytest.raises(BackendError, match=r"no answer in 0 s") as hung:
            await process.call("sum", LARGER_THAN_A_PIPE)
        assert hung.value.retry
        return await process.call("sum", LARGER_THAN_A_PIPE)

    async def bounded():
        async with asyncio.timeout(30):
            process = ModelProcess(Calculator, name="calculator", call_timeout_s=0.4)
            await process.start()
            try:
                return await use(process)
            finally:
                await process.close()

    assert asyncio.run(bounded()) == 3 * len(LARGER_THAN_A_PIPE)


@posix_only
def test_closing_ends_a_stopped_process_that_a_call_is_being_sent_to():
    async def main():
        process = ModelProcess(Calculator, name="calculator")
        await process.start()
        pid = await process.call("pid")
        os.kill(pid, signal.SIGSTOP)
        call = asyncio.create_task(process.call("sum", LARGER_THAN_A_PIPE))
        await asyncio.sleep(0.1)
        async with asyncio.timeout(30):
            await process.close()
        with pytest.raises(BackendError):
            await call
        return pid

    assert not psutil.pid_exists(asyncio.run(main()))


@pytest.mark.parametrize("wait_s", [0.0, 0.02, 0.2, 1.0])
def test_giving_up_while_it_loads_ends_it(wait_s, tmp_path):
    async def main():
        process = ModelProcess(SlowToLoad, tmp_path, name="calculator")
        starting = asyncio.create_task(process.start())
        await asyncio.sleep(wait_s)
        starting.cancel()
        async with asyncio.timeout(30):  # it loads for longer
            await asyncio.wait({starting})
        assert starting.cancelled()

    asyncio.run(main())
    assert not [pid for pid in map(int, (p.name for p in tmp_path.iterdir())) if psutil.pid_exists(pid)]


def test_a_missing_model_is_said_at_the_start():
    with pytest.raises(ModelMissingError, match="there is no model at /nowhere") as missing:
        with_process(None, "/nowhere", make=NeedsModel)
    assert missing.value.hint == "Give one with --model"


@posix_only
def test_a_library_that_dies_when_loaded_is_an_error():
    with pytest.raises(BackendError, match="calculator cannot be loaded: its process ended by SIGKILL"):
        with_process(None, make=DiesAtBirth)


def test_closing_ends_it_at_once_even_in_the_middle_of_a_call():
    async def main():
        process = ModelProcess(Calculator, name="calculator")
        await process.start()
        pid = await process.call("pid")
        waiting = [asyncio.create_task(process.call("sleep", 60)) for _ in range(3)]
        await asyncio.sleep(0.1)
        await process.close()
        await process.close()
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(error, BackendError) for error in ended)
        with pytest.raises(BackendError, match="calculator is closed"):
            await process.call("add", 1, 1)
        return pid

    assert not psutil.pid_exists(asyncio.run(main()))


def test_a_cancelled_call_leaves_the_others_in_order():
    async def use(process):
        first = asyncio.create_task(process.call("compute", 0.1))
        await asyncio.sleep(0.02)
        first.cancel()
        assert await process.call("add", 4, 4) == 8
        process.forget("break_down")  # nobody is told
        return await process.call("add", 5, 5)

    assert with_process(use) == 10


def test_too_many_waiting_calls_are_refused(monkeypatch):
    monkeypatch.setattr(worker, "MAX_WAITING", 2)

    async def use(process):
        waiting = [asyncio.create_task(process.call("compute", 0.01)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(BackendError, match="calculator is 2 calls behind"):
            await process.call("add", 1, 1)
        await asyncio.gather(*waiting)

    with_process(use)


def test_virtual_time_waits_for_a_call():
    async def main():
        process = ModelProcess(Calculator, name="calculator")
        await process.start()
        try:
            clock = asyncio.get_running_loop().time
            began = clock()
            async with asyncio.timeout(1.0):  # virtual seconds: none pass while the child computes
                await process.call("sleep", 0.2)
            return clock() - began
        finally:
            await process.close()

    assert run_virtual(main()) == 0.0


def test_libraries_do_not_write_into_the_captions(capfd):
    async def use(process):
        await process.call("chatter")

    with_process(use)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


PROGRAM = """
import asyncio, sys
from model_stand_ins import Calculator
from host.backends.worker import ModelProcess

async def main():
    process = ModelProcess(Calculator, name="calculator")
    await process.start()
    try:
        print(await process.call("pid"), flush=True)
        await (process.call("sleep", 60) if "busy" in sys.argv else asyncio.sleep(60))
    finally:
        await process.close()

if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(130)
"""


FORGETFUL = """
import asyncio
from model_stand_ins import Calculator
from host.backends.worker import ModelProcess

async def main():
    process = ModelProcess(Calculator, name="calculator")
    await process.start()
    print(await process.call("pid"), flush=True)

if __name__ == "__main__":
    asyncio.run(main())
"""


@posix_only
def test_a_program_that_does_not_close_it_ends_all_the_same(tmp_path):
    (tmp_path / "program.py").write_text(FORGETFUL)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    done = subprocess.run(
        [sys.executable, tmp_path / "program.py"], env=environment, capture_output=True, timeout=60, check=True
    )
    assert done.stderr == b""
    assert gone(int(done.stdout))


def started_program(tmp_path, *arguments):
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    return subprocess.Popen(
        [sys.executable, str(program), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )


def gone(pid, timeout_s=10.0):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


@posix_only
def test_the_child_ends_with_a_program_that_is_killed(tmp_path):
    program = started_program(tmp_path)
    child = int(program.stdout.readline())
    program.kill()
    program.communicate()
    assert gone(child)


@posix_only
@pytest.mark.parametrize("state", ["idle", "busy"])
def test_ctrl_c_ends_both_without_a_word(tmp_path, state):
    program = started_program(tmp_path, state)
    child = int(program.stdout.readline())
    os.killpg(program.pid, signal.SIGINT)  # as a terminal does: to everybody
    _out, err = program.communicate(timeout=30)
    assert (program.returncode, err) == (130, "")
    assert gone(child)


@posix_only
def test_ctrl_c_while_the_child_starts_shows_no_traceback(tmp_path):
    for wait_s in (0.15, 0.3, 0.45):
        program = started_program(tmp_path)
        time.sleep(wait_s)
        os.killpg(program.pid, signal.SIGINT)
        _out, err = program.communicate(timeout=30)
        assert "spawn_main" not in err  # the program itself may be hit while Python starts; the child says nothing
