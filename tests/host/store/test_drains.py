"""What is learned of batteries is kept, privately, and a damaged file is no more than forgotten."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.contracts.battery import Learned
from host.errors import StoreError
from host.store.drains import DRAINS_NAME, learn, learned_of

ONE, OTHER = Learned(31.25, 2.5, 4.0), Learned(24.0, 1.0, 2.0)


def test_what_was_learned_is_there_the_next_time(tmp_path):
    folder = tmp_path / "data"
    assert learned_of(folder, "A") is None
    learn(folder, {})
    assert not folder.exists()
    learn(folder, {"A": ONE})
    learn(folder, {"B": OTHER})
    assert (learned_of(folder, "A"), learned_of(folder, "B")) == (ONE, OTHER)
    learn(folder, {"A": OTHER})
    assert learned_of(folder, "A") == OTHER
    assert [path.name for path in folder.iterdir()] == [DRAINS_NAME]
    if sys.platform != "win32":
        assert (folder / DRAINS_NAME).stat().st_mode & 0o777 == 0o600


def test_only_so_many_pairs_are_remembered(tmp_path):
    for number in range(40):
        learn(tmp_path, {str(number): ONE})
    assert learned_of(tmp_path, "7") is None
    assert learned_of(tmp_path, "8") == ONE


@given(
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from((b"[]", b"{}", b'{"A": 3}', b'{"A": {"drain": 1}}')),
        st.sampled_from((b"NaN", b"-1", b'"x"', b"null", b"[]")).map(
            lambda drain: b'{"A": {"drain": %b, "drain_sd": 1, "hours": 1}}' % drain
        ),
    )
)
def test_a_damaged_file_is_forgotten(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("data")
    (folder / DRAINS_NAME).write_bytes(content)
    assert learned_of(folder, "A") is None
    learn(folder, {"A": ONE})
    assert learned_of(folder, "A") == ONE


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match="cannot use"):
        learn(tmp_path / "data", {"A": ONE})
