"""Archives: what they may hold comes out, and nothing of them gets anywhere else."""

from __future__ import annotations

import bz2
import contextlib
import io
import stat
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.errors import DownloadError
from host.models.archive import unpack

LIMIT = 10_000


def tar(path, *members, kind="w:bz2"):
    """Members are (name, content) or a TarInfo."""
    with tarfile.open(path, kind) as made:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                made.addfile(member)
                continue
            name, content = member
            info = tarfile.TarInfo(name)
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
    return path


def zipped(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content)
    return path


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in" / "it").mkdir(parents=True)
    return tmp_path / "in" / "it"


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir())


@pytest.mark.parametrize("kind", ["w:bz2", "w:gz", "w:xz", "w"])
def test_a_tar_archive(tmp_path, folder, kind):
    unpack(tar(tmp_path / "a.tar", ("m/a.onnx", b"aa"), ("m/deep/b.txt", b"b"), kind=kind), folder, LIMIT)
    assert files(folder) == ["m/a.onnx", "m/deep/b.txt"]
    assert (folder / "m" / "a.onnx").read_bytes() == b"aa"


def test_a_zip_archive(tmp_path, folder):
    unpack(zipped(tmp_path / "a.zip", ("m/a.onnx", b"aa"), ("m/deep/", b""), ("m/deep/b.txt", b"b")), folder, LIMIT)
    assert files(folder) == ["m/a.onnx", "m/deep/b.txt"]


@pytest.mark.parametrize(
    "name", ["../out.onnx", "m/../../out.onnx", "/tmp/out.onnx", "C:/out.onnx", "m\\..\\..\\out.onnx"]
)
def test_names_that_climb_out(tmp_path, folder, name):
    for archive in (tar(tmp_path / "a.tar.bz2", (name, b"x")), zipped(tmp_path / "a.zip", (name, b"x"))):
        with pytest.raises(DownloadError, match="which does not belong in a folder of its own") as error:
            unpack(archive, folder, LIMIT)
        assert "nothing of it was kept" in error.value.hint
    assert files(tmp_path / "in") == []
    assert not Path("/tmp/out.onnx").exists()


@pytest.mark.parametrize(
    "member",
    [
        special("m/link", tarfile.SYMTYPE, "a.onnx"),
        special("m/link", tarfile.SYMTYPE, "/etc/passwd"),
        special("m/link", tarfile.SYMTYPE, "../../.."),
        special("m/link", tarfile.LNKTYPE, "m/a.onnx"),
        special("m/pipe", tarfile.FIFOTYPE),
        special("m/device", tarfile.CHRTYPE),
    ],
    ids=lambda member: f"{member.type.decode()}-{member.linkname}",
)
def test_what_is_neither_file_nor_folder(tmp_path, folder, member):
    archive = tar(tmp_path / "a.tar.bz2", ("m/a.onnx", b"x"), member, ("m/link/b.onnx", b"x"))
    with pytest.raises(DownloadError, match="which does not belong in a folder of its own"):
        unpack(archive, folder, LIMIT)
    assert files(folder) == ["m/a.onnx"]


def test_a_link_in_a_zip_archive(tmp_path, folder):
    link = zipfile.ZipInfo("m/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr(link, "/etc")
    with pytest.raises(DownloadError, match="'m/link', which does not belong"):
        unpack(tmp_path / "a.zip", folder, LIMIT)
    assert files(folder) == []


@pytest.mark.parametrize("name", ["m/model.pkl", "m/MODEL.PT", "m/x.ckpt", "m/weights.npz"])
def test_pickles(tmp_path, folder, name):
    for archive in (tar(tmp_path / "a.tar.bz2", (name, b"x")), zipped(tmp_path / "a.zip", (name, b"x"))):
        with pytest.raises(DownloadError, match="a format that can run code"):
            unpack(archive, folder, LIMIT)
    assert files(folder) == []


def test_one_that_becomes_too_large(tmp_path, folder):
    for archive in (
        tar(tmp_path / "a.tar.bz2", ("a", bytes(6000)), ("b", bytes(6000))),
        zipped(tmp_path / "a.zip", ("a", bytes(6000)), ("b", bytes(6000))),
    ):
        with pytest.raises(DownloadError, match="becomes larger than it may be"):
            unpack(archive, folder, LIMIT)
    unpack(tar(tmp_path / "b.tar.bz2", ("a", bytes(LIMIT))), folder, LIMIT)
    many = tar(tmp_path / "c.tar.gz", *((f"f{n}", b"") for n in range(2001)), kind="w:gz")
    with pytest.raises(DownloadError, match="holds more than 2000 files"):
        unpack(many, folder, LIMIT)


def test_what_is_damaged_or_no_archive(tmp_path, folder):
    whole = tar(tmp_path / "a.tar.bz2", ("a", b"some content" * 500)).read_bytes()
    packed = zipped(tmp_path / "a.zip", ("a", b"some content" * 500)).read_bytes()
    bad = bytearray(packed)
    bad[40] ^= 255
    for content in (b"", b"no archive", whole[: len(whole) // 2], whole[:-30], bytes(bad), packed[:-30]):
        (tmp_path / "bad").write_bytes(content)
        with pytest.raises(DownloadError, match="bad is no archive, or is damaged"):
            unpack(tmp_path / "bad", folder, LIMIT)


NAMES = st.lists(
    st.sampled_from(["..", ".", "", "a", "b.txt", "/", "\\", "C:", "~", "\0", "é"]), min_size=1, max_size=5
)


@settings(max_examples=80, deadline=None)
@given(parts=NAMES, as_zip=st.booleans())
def test_whatever_a_member_is_called_nothing_is_written_elsewhere(tmp_path_factory, parts, as_zip):
    root = tmp_path_factory.mktemp("names")
    folder = root / "deep" / "er" / "in"
    folder.mkdir(parents=True)
    name = "/".join(parts)
    try:
        archive = zipped(root / "a.zip", (name, b"x")) if as_zip else tar(root / "a.tar", (name, b"x"), kind="w")
    except (ValueError, IndexError):  # it cannot even be made
        return
    with contextlib.suppress(DownloadError):
        unpack(archive, folder, LIMIT)
    assert [p for p in files(root) if not p.startswith("deep/er/in/")] == [archive.name]


def test_a_header_takes_no_memory(tmp_path, folder):
    """A kilobyte of bzip2 may be a header of a gigabyte."""
    long = tarfile.TarInfo("././@PaxHeader")
    long.type, long.size = tarfile.XHDTYPE, 200_000_000
    packed = bz2.BZ2Compressor()
    with (tmp_path / "a.tar.bz2").open("wb") as file:
        file.write(packed.compress(long.tobuf(tarfile.USTAR_FORMAT)))
        for _ in range(200):
            file.write(packed.compress(bytes(1_000_000)))
        file.write(packed.flush())
    tracemalloc.start()
    try:
        with pytest.raises(DownloadError, match=r"a\.tar\.bz2 is no archive, or is damaged"):
            unpack(tmp_path / "a.tar.bz2", folder, LIMIT)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
    assert files(folder) == []


def test_folders_are_counted_too(tmp_path, folder):
    many = [special(f"folder-{n}", tarfile.DIRTYPE) for n in range(2001)]
    with pytest.raises(DownloadError, match="holds more than 2000 files"):
        unpack(tar(tmp_path / "a.tar.gz", *many, kind="w:gz"), folder, LIMIT)
