"""Which models setup proposes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.app.models import Got
from host.app.setup import models
from host.app.setup.models import OFFERED, Carries, proposals, this_computer, translation_offer
from host.errors import BackendError
from host.languages import LANGUAGES
from host.models.catalogue import MODELS
from host.models.installed import Installed, ModelFolder

LARGE = Carries(memory=64 * 10**9, disk=10**12, cores=32)
SMALL = Carries(memory=10**9, disk=10**12, cores=1)


def names(language: str, computer: Carries) -> list[str]:
    return [proposal.name for proposal in proposals(language, computer)]


def test_the_best_that_fits_comes_first() -> None:
    assert names("en", LARGE)[0] == "moonshine-medium-streaming-en"
    assert "whisper-large-v3-turbo" not in names("de", SMALL)
    assert "whisper-large-v3-turbo" in names("de", LARGE)


def test_licences_without_commercial_use_come_last_and_are_marked() -> None:
    offered = proposals("es", LARGE)
    commercial = [MODELS[proposal.name].commercial for proposal in offered]
    assert commercial == sorted(commercial, reverse=True)
    for proposal, free in zip(offered, commercial, strict=True):
        assert ("NON-COMMERCIAL" in proposal.about) is not free


def test_a_full_disk_is_proposed_nothing() -> None:
    assert names("en", Carries(memory=None, disk=10**9, cores=8)) == []


@given(
    st.sampled_from(sorted(LANGUAGES)),
    st.builds(Carries, st.none() | st.integers(0, 10**11), st.integers(0, 10**12), st.integers(1, 64)),
)
def test_what_is_proposed_fits(language: str, computer: Carries) -> None:
    offered = proposals(language, computer)
    assert len(offered) <= OFFERED
    for proposal in offered:
        model = MODELS[proposal.name]
        assert language in model.languages
        assert model.size < computer.disk
        assert computer.memory is None or model.size < computer.memory
        assert f"{model.size / 1e6:.0f} MB" in proposal.about


def test_this_computer_tells_what_it_has(tmp_path: Path) -> None:
    here = this_computer(tmp_path / "not" / "there")
    assert here.cores >= 1
    assert here.disk > 0


@pytest.mark.parametrize(
    ("factor", "missing", "said"),
    [
        (0.25, "", "whisper-tiny is here, 0.25 of real time"),
        (1.5, "", "whisper-tiny is here, 1.50 of real time; slower than speech"),
        (None, "", "whisper-tiny is here; how fast it is could not be measured: it is broken"),
        (0.25, "pip install x", "whisper-tiny is here; its library is not: pip install x"),
    ],
)
def test_a_model_that_has_come_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, factor: float | None, missing: str, said: str
) -> None:
    def measured(_here: Installed, _folder: ModelFolder) -> float:
        if factor is None:
            raise BackendError("it is broken")
        return factor

    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    came = Got(Installed(MODELS["whisper-tiny"], tmp_path), (), missing)
    monkeypatch.setattr(models, "get", lambda *_args, **_options: came)
    monkeypatch.setattr(models, "measured", measured)
    assert models.get_model("whisper-tiny", lambda _text: None, accepted=False) == said


def test_a_translation_model_is_offered_between_what_is_spoken_and_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    assert translation_offer("en", "de", LARGE).startswith(
        "To translate on this computer: sidelight models get opus-mt-en-de (79 MB, CC-BY-4.0"
    )
    for spoken, read in (("auto", "de"), ("de", "de"), ("auto", "en"), ("en", "en"), ("ja", "fr")):
        assert "get m2m100-418m (496 MB, MIT" in translation_offer(spoken, read, LARGE)
    assert "nllb-200-600m (630 MB, NON-COMMERCIAL, CC-BY-NC-4.0" in translation_offer("ky", "en", LARGE)
    assert "opus-mt-en-de" in translation_offer("en", "de", SMALL)
    assert translation_offer("ja", "fr", Carries(memory=None, disk=10**9, cores=8)) == ""
    assert translation_offer("kw", "en", LARGE) == ""
    (tmp_path / "data" / "models" / "m2m100-418m").mkdir(parents=True)
    (tmp_path / "data" / "models" / "m2m100-418m" / "sidelight.json").write_text("{}")
    assert translation_offer("en", "de", LARGE) == ""
