"""Weights that are whole, cut off, or something else."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_translator import weights

from host.models.ctranslate2_weights import NEWEST, require_whole

SHARED = Path(__file__).parents[4] / "shared" / "data" / "models" / "ct2-ar-en-names" / "model.bin"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("weights") / "model.bin"


@given(st.lists(st.integers(0, 300), min_size=1, max_size=4), st.data())
def test_what_is_cut_off_anywhere_is_found(path, sizes, data):
    whole = weights(*sizes)
    path.write_bytes(whole)
    require_whole(path)
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(ValueError, match=r"its model\.bin (is cut off|holds no weights of CTranslate2)"):
        require_whole(path)


@given(st.binary(max_size=200))
def test_whatever_else_it_is_it_is_said(path, content):
    path.write_bytes(content)
    with contextlib.suppress(ValueError):
        require_whole(path)


@pytest.mark.parametrize("begins", ["version https://git-lfs.github.com/spec/v1\n", "<!doctype html><html>", "{}"])
def test_what_comes_instead_of_weights(path, begins):
    path.write_text(begins * 3)
    with pytest.raises(ValueError, match="holds no weights of CTranslate2"):
        require_whole(path)


def test_versions(path):
    path.write_bytes(weights(4, version=NEWEST + 1))
    with pytest.raises(ValueError, match="is of version 7"):
        require_whole(path)
    path.write_bytes(weights(4, version=2)[:40])
    require_whole(path)


def test_what_the_library_writes_is_whole(tmp_path):
    pytest.importorskip("ctranslate2", reason="pip install 'sidelight[ctranslate2]'")
    pytest.importorskip("sentencepiece", reason="pip install 'sidelight[ctranslate2]'")
    from tiny_translator import set_translation  # noqa: PLC0415 - needs what was just looked for

    written = set_translation(tmp_path / "opus-mt-en-de") / "model.bin"
    require_whole(written)
    written.write_bytes(written.read_bytes()[:-1])
    with pytest.raises(ValueError, match="cut off"):
        require_whole(written)


@pytest.mark.skipif(not SHARED.is_file(), reason="the real model of ../shared/data is not here")
def test_a_real_model_is_whole():
    require_whole(SHARED)
