"""`sidelight service` as a user types it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from systemd_units import value, verify

from host.app import service
from host.app.service import closed_kernel
from host.cli import main
from host.systemd import MADE_BY

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux only")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home whose name needs quoting, with Sidelight installed in it and systemd on the path."""
    home = tmp_path / "ho me%h"
    (home / "bin").mkdir(parents=True)
    for name in ("sidelight", "systemctl"):
        (home / "bin" / name).write_text("#!/bin/sh\n")
        (home / "bin" / name).chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(home / "bin" / "python"))
    monkeypatch.setenv("PATH", f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(home))
    for name in ("SIDELIGHT_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(service, "_TEMPORARY", (Path("/nowhere"),))  # which the home of a test is in
    return home


def unit(home: Path) -> Path:
    return home / ".config" / "systemd" / "user" / "sidelight.service"


def run(capsys, *words):
    code = main(["service", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_shown_and_nothing_is_written(home, capsys):
    code, out, err = run(capsys)
    assert (code, err) == (0, "")
    assert out.startswith(MADE_BY)
    quoted = str(home).replace("%", "%%")
    assert value(out, "ExecStart") == f'"{quoted}/bin/sidelight" transcribe'
    assert value(out, "ReadWritePaths") == f'"{quoted}/.local/share/sidelight"'
    assert value(out, "EnvironmentFile") == f"-{quoted}/.config/sidelight/service.env"
    assert not (home / ".config").exists()
    code, out, _ = run(capsys, "--json")
    event = json.loads(out)
    assert (event["event"], event["installed"], event["path"]) == ("service", False, str(unit(home)))


def test_installed_changed_and_removed(home, capsys):
    code, out, err = run(capsys, "install", "--runs", "transcribe --glasses 'ble:Frame 4F' --language de")
    assert (code, out) == (0, f"written: {unit(home)}\n")
    for told in ("systemctl --user enable --now", "journalctl --user -u sidelight -f", "loginctl enable-linger"):
        assert told in err
    assert value(unit(home).read_text(), "ExecStart").endswith('transcribe --glasses "ble:Frame 4F" --language de')
    assert verify(unit(home)) == ""
    assert (home / ".local" / "share" / "sidelight").stat().st_mode & 0o777 == 0o700
    secrets = home / ".config" / "sidelight" / "service.env"
    assert secrets.stat().st_mode & 0o777 == 0o600
    secrets.write_text("SIDELIGHT_OPENAI_API_KEY=mine\n")
    secrets.chmod(0o600)

    assert run(capsys, "install", "--runs", "transcribe --glasses 'ble:Frame 4F' --language de")[0] == 0  # the same
    code, _, err = run(capsys, "install")
    assert (code, err) == (
        2,
        f"error: there is another unit at {unit(home)}. Look at it, and add --force to replace it\n",
    )
    assert run(capsys, "install", "--force")[0] == 0
    assert value(unit(home).read_text(), "ExecStart").endswith('/sidelight" transcribe')
    assert secrets.read_text() == "SIDELIGHT_OPENAI_API_KEY=mine\n"
    assert "mine" not in unit(home).read_text()

    (unit(home).parent / "default.target.wants").mkdir()
    started = unit(home).parent / "default.target.wants" / "sidelight.service"
    started.symlink_to(unit(home))
    code, out, err = run(capsys, "remove")
    assert (code, out) == (0, f"removed: {unit(home)}\n")
    assert "systemctl --user stop sidelight" in err
    assert not unit(home).exists()
    assert not started.is_symlink()
    assert secrets.exists()
    code, out, err = run(capsys, "remove")
    assert (code, out, err) == (0, "", f"there is nothing to remove at {unit(home)}\n")


def test_everyday_mode_has_a_folder_for_its_control_socket(home, capsys, monkeypatch):
    assert run(capsys, "install", "--runs", "run --taps-triple price")[0] == 0
    assert value(unit(home).read_text(), "ExecStart").endswith('/sidelight" run --taps-triple price')
    assert value(unit(home).read_text(), "RuntimeDirectory") == "sidelight"
    assert verify(unit(home)) == ""
    monkeypatch.setenv("SIDELIGHT_HOME", str(home / "all"))
    assert run(capsys, "install", "--force", "--no-sandbox", "--runs", "run")[0] == 0
    assert (home / "all" / "run").stat().st_mode & 0o777 == 0o700
    _, shown, _ = run(capsys, "--runs", "run")
    assert value(shown, "ReadWritePaths").endswith('/all/run"')


def test_keys_are_erased_with_everything_else(home, capsys):
    run(capsys, "install")
    assert main(["erase", "--yes"]) == 0
    assert "keys" in capsys.readouterr().out
    assert not (home / ".config" / "sidelight").exists()


def test_a_place_that_its_own_tmp_hides(home, capsys, monkeypatch):
    own = home
    monkeypatch.setattr(service, "_TEMPORARY", (Path("/tmp"), Path("/var/tmp")))
    monkeypatch.setattr(service, "_program", lambda: Path("/opt/sidelight"))
    for home, said in (("/var/tmp/s", "without /var/tmp/s/data"), ("/home/me/tmp", "")):
        monkeypatch.setenv("SIDELIGHT_HOME", home)
        assert service.hidden_by_its_own_tmp() == ("/var/tmp/s/data" if said else "")
    monkeypatch.setattr(service, "hidden_by_its_own_tmp", lambda: "/var/tmp/s/data")
    monkeypatch.delenv("SIDELIGHT_HOME")
    code, out, err = run(capsys, "install")
    assert (code, out) == (2, "")
    assert "it would not start: it has a /tmp of its own, without /var/tmp/s/data" in err
    assert "systemctl" not in err
    assert not unit(own).exists()
    assert run(capsys, "install", "--no-sandbox")[0] == 0


def test_a_link_into_tmp_is_hidden_too(monkeypatch, tmp_path):
    monkeypatch.setattr(service, "_program", lambda: Path("/opt/sidelight"))
    monkeypatch.setattr(service, "_TEMPORARY", (Path("/var/tmp"),))
    (tmp_path / "link").symlink_to("/var/tmp/there")
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "link"))
    assert service.hidden_by_its_own_tmp() == str(tmp_path / "link" / "data")


def test_where_things_are_kept_is_the_same_for_the_service(home, capsys, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", f"{home}/my data")
    monkeypatch.setenv("SIDELIGHT_LANGUAGE", "de")
    monkeypatch.setenv("SIDELIGHT_OPENAI_API_KEY", "sk-mine")
    code, _, err = run(capsys, "install")
    text = unit(home).read_text()
    quoted = str(home).replace("%", "%%")
    assert (code, value(text, "Environment")) == (0, f'"XDG_DATA_HOME={quoted}/my data"')
    assert value(text, "ReadWritePaths") == f'"{quoted}/my data/sidelight"'
    assert "not set for it, but here: SIDELIGHT_LANGUAGE, SIDELIGHT_OPENAI_API_KEY" in err
    assert "sk-mine" not in text + err


def test_a_unit_of_somebody_else_is_left_alone(home, capsys):
    unit(home).parent.mkdir(parents=True)
    unit(home).write_text("[Service]\nExecStart=/bin/true\n")
    assert run(capsys, "install")[0] == 2
    code, _, err = run(capsys, "remove")
    assert (code, "was not made by this command" in err) == (2, True)
    assert unit(home).read_text().endswith("/bin/true\n")
    assert run(capsys, "remove", "--force")[0] == 0
    assert not unit(home).exists()


@pytest.mark.parametrize(("command", "message"), [
    ("", "a service cannot run ''. It can run transcribe, run, with flags of it"),
    ("demo", "a service cannot run 'demo'"),
    ("transcribe --help", "a service cannot run 'transcribe --help'"),
    ("transcribe 'x", "--runs cannot be read: no closing quotation. Close the quotation mark"),
    ("transcribe --lnguage de", "unknown argument --lnguage; did you mean --language?"),
    ("transcribe --language klingon", "klingon"),
    ("transcribe --out talk.srt", "writes no file by --out. Export them when you want them"),
    ("transcribe --lens-out pictures", "writes no file by --lens-out"),
    ("transcribe --record link.jsonl", "writes no file by --record"),
    ("transcribe --audio talk.wav", "a service starts in your home folder, where 'talk.wav' is not"),
])  # fmt: skip
def test_what_it_cannot_run_is_said_at_once(home, capsys, command, message):
    code, out, err = run(capsys, "install", "--runs", command)
    assert (code, out) == (2, "")
    assert message in err
    assert not unit(home).exists()


def test_the_name_of_the_program_may_be_typed(capsys):
    assert value(run(capsys, "--runs", "sidelight transcribe --audio mic")[1], "ExecStart").endswith(
        "transcribe --audio mic"
    )


def test_without_systemd_or_an_installation(home, capsys, monkeypatch):
    (home / "bin" / "systemctl").unlink()
    monkeypatch.setenv("PATH", str(home / "bin"))
    code, _, err = run(capsys, "install")
    assert (code, err) == (2, "error: this system has no systemd. See docs/service.md\n")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setattr(sys, "argv", ["/opt/sidelight/host/cli/__main__.py"])
    code, _, err = run(capsys)
    assert (code, "Sidelight runs from its source, and a service needs it installed" in err) == (2, True)


def test_on_another_system(capsys, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    code, _, err = run(capsys)
    assert code == 2
    assert "services are made for systemd, which darwin does not have. See docs/service.md" in err


def test_a_folder_that_cannot_be_written(home, capsys):
    (home / ".config").mkdir()
    (home / ".config" / "systemd").write_text("a file")
    code, _, err = run(capsys, "install")
    assert code == 1
    assert "is a file where a folder must be" in err


def test_a_home_that_no_unit_can_hold(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("SIDELIGHT_HOME", f"{tmp_path}/a\nb")
    code, _, err = run(capsys)
    assert (code, "a service of systemd cannot have these characters" in err) == (2, True)


@pytest.mark.parametrize(("switch", "content", "found"), [
    ("sys/kernel/apparmor_restrict_unprivileged_userns", "1\n", "kernel.apparmor_restrict_unprivileged_userns"),
    ("sys/kernel/unprivileged_userns_clone", "0\n", "kernel.unprivileged_userns_clone"),
    ("sys/user/max_user_namespaces", "0\n", "user.max_user_namespaces"),
    ("sys/user/max_user_namespaces", "15000\n", ""),
])  # fmt: skip
def test_a_kernel_that_refuses_the_sandbox(tmp_path, capsys, monkeypatch, switch, content, found):
    path = tmp_path / "proc" / switch
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert closed_kernel(tmp_path) == found
    monkeypatch.setattr(service, "closed_kernel", lambda: found)
    _, _, err = run(capsys, "install")
    assert ("may refuse its sandbox; then add --no-sandbox --force" in err) == bool(found)
    code, _, err = run(capsys, "install", "--force", "--no-sandbox")
    assert (code, "--no-sandbox" in err) == (0, False)
