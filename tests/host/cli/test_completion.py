"""Shell completion, in the shells themselves."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from host.cli.program import VERBS, main


@pytest.fixture
def script(capsys, tmp_path):
    def written(shell):
        assert main(["completion", shell]) == 0
        path = tmp_path / f"_sidelight.{shell}"
        path.write_text(capsys.readouterr().out)
        return path

    return written


def in_shell(shell, *lines):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: apt install {shell}")
    done = subprocess.run([shell, "-c", "\n".join(lines)], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def completed_by_bash(path, *words):
    typed = " ".join(f"'{word}'" for word in ["sidelight", *words])
    return in_shell(
        "bash",
        f"source '{path}'",
        f"COMP_WORDS=({typed}); COMP_CWORD={len(words)}; COMPREPLY=()",
        "$(complete -p sidelight | sed 's/.*-F \\([^ ]*\\) .*/\\1/') sidelight \"${COMP_WORDS[COMP_CWORD]}\" x",
        'printf "%s\\n" "${COMPREPLY[@]}"',
    )


def test_bash_completes_verbs_arguments_and_choices(script):
    path = script("bash")
    assert completed_by_bash(path, "trans") == {"transcribe", "transcripts", "translate"}
    assert completed_by_bash(path, "transcribe", "--captions-s") == {"--captions-size"}
    assert completed_by_bash(path, "transcripts", "ex") == {"export"}
    assert completed_by_bash(path, "transcripts", "export", "--format", "s") == {"srt"}
    assert completed_by_bash(path, "transcribe", "--log", "d") == {"debug"}


def test_bash_completes_names_of_files(script, tmp_path, monkeypatch):
    path = script("bash")
    (tmp_path / "talk.wav").touch()
    monkeypatch.chdir(tmp_path)
    assert completed_by_bash(path, "transcribe", "--audio", "tal") == {"talk.wav"}


def test_fish_completes_verbs_and_arguments(script):
    path = script("fish")
    assert {"transcribe", "transcripts"} <= in_shell("fish", f"source '{path}'; complete -C 'sidelight tr' | cut -f1")
    assert "--captions-size" in in_shell("fish", f"source '{path}'; complete -C 'sidelight transcribe --cap' | cut -f1")


def test_zsh_finds_the_script_and_can_read_it(script):
    path = script("zsh")
    path.rename(path.with_name("_sidelight"))
    known = in_shell(
        "zsh",
        f"fpath=('{path.parent}' $fpath)",
        "autoload -U compinit; compinit -u -D",
        "autoload +X _sidelight && print $_comps[sidelight]",
    )
    assert known == {"_sidelight"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_every_verb_is_known(script, shell):
    text = script(shell).read_text()
    assert all(verb.name in text for verb in VERBS)


def test_a_shell_that_there_is_not(capsys):
    assert main(["completion", "tcsh"]) == 2
    assert "'tcsh' is none of bash, zsh, fish, powershell" in capsys.readouterr().err
