"""Digests: as others compute them, and as servers name them."""

from __future__ import annotations

import json
from email.message import Message

import pytest

from host.models.digests import digest_in_release, has_digest, published_digest, release_of


def test_digests_of_a_known_file(tmp_path):
    file = tmp_path / "hello"
    file.write_bytes(b"hello\n")
    assert has_digest(file, "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")
    assert has_digest(file, "git:ce013625030ba8dba906f756967f9e9ca394464a")  # git hash-object
    assert not has_digest(file, "git:" + "0" * 40)
    with pytest.raises(ValueError, match="md5"):
        has_digest(file, "md5:x")


def test_the_check_sum_of_google_cloud_storage(tmp_path):
    pytest.importorskip("google_crc32c")
    file = tmp_path / "digits"
    file.write_bytes(b"123456789")
    assert has_digest(file, "crc32c:4waSgw==")  # E3069283, the check value of CRC-32C
    assert not has_digest(file, "crc32c:AAAAAA==")


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ('"' + "a" * 64 + '"', "sha256:" + "a" * 64),
        ('W/"' + "B" * 40 + '"', "git:" + "b" * 40),
        ("a" * 63, ""),
        ('"v1"', ""),
        ("", ""),
        ("g" * 64, ""),
    ],
)
def test_what_the_hub_names(tag, expected):
    headers = Message()
    headers["X-Linked-Etag"] = tag
    assert published_digest(headers) == expected
    assert published_digest(Message()) == ""


def test_where_github_describes_a_release():
    assert release_of("https://github.com/k2-fsa/sherpa-onnx/releases/download/asr-models/x-1.tar.bz2") == (
        "https://api.github.com/repos/k2-fsa/sherpa-onnx/releases/tags/asr-models",
        "x-1.tar.bz2",
    )
    for other in ("https://github.com/a/b/archive/x.tar.gz", "https://example.org/a/b/releases/download/c/d"):
        assert release_of(other) is None


def test_what_github_says_of_a_file():
    digest = "sha256:" + "c" * 64
    held = {"assets": [{"name": "a", "digest": None}, {"name": "b", "digest": digest}, {"name": "c", "digest": "x"}]}
    assert digest_in_release(json.dumps(held).encode(), "b") == digest
    for name in ("a", "c", "d"):
        assert digest_in_release(json.dumps(held).encode(), name) == ""
    for body in (b"", b"[]", b'{"assets": 3}', b'{"assets": [1]}', b"[" * 100_000):
        assert digest_in_release(body, "a") == ""
