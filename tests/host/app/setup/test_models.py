"""Which models setup proposes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from host.app.setup.models import OFFERED, Carries, proposals, this_computer
from host.languages import LANGUAGES
from host.models.catalogue import MODELS

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
