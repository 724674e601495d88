"""What a model is, before it is here: a row of the catalogue; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["ARCHIVES", "HUB", "TAKES", "Model", "ModelFile", "Purpose", "hub_files"]

ARCHIVES: Final = (".tar.bz2", ".tar.gz", ".tar.xz", ".zip")
"""How the names of files that are unpacked end."""

HUB: Final = "https://huggingface.co/"

Purpose = Literal["transcribe", "tell voices apart", "translate"]

TAKES: Final[Mapping[Purpose, str]] = {
    "transcribe": "--model",
    "tell voices apart": "--speaker-model",
    "translate": "--translate-folder",
}
"""The flag that takes the name of a model, by what it is for."""

# A published size is rounded to three figures, and `ls -lh` rounds to two and up.
_ROUNDED: Final = 1.06
_SMALL: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One download.

    Attributes:
        url: https.
        path: where it goes in the model's folder, with / between folders; for an archive, the folder it is unpacked in.
        size: bytes as its makers publish them, where they do rounded; for an archive, what it holds at most.
        digest: "sha256:HEX" or "crc32c:BASE64", where a source that can be read names one; else empty, and what the
            server says of the file is recorded instead.
        unpacked: bytes that an archive may become; 0 for what is no archive.
    """

    url: str
    path: str
    size: int
    digest: str = ""
    unpacked: int = 0

    @property
    def name(self) -> str:
        """The last part of the address."""
        return self.url.rpartition("/")[2]

    @property
    def is_archive(self) -> bool:
        """Whether it is unpacked."""
        return self.name.endswith(ARCHIVES)

    @property
    def limit(self) -> int:
        """Bytes that it may have at most."""
        return int(self.size * _ROUNDED) + _SMALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A row of the catalogue.

    Attributes:
        name: as given to `models get` and `--model`.
        purpose: what for.
        backend: which library runs it, as given to `--transcriber` or `--translator`.
        languages: ISO 639-1 codes; empty where it is of no language; two of a model that translates the first into the
            second, more of one that translates any into any.
        folder: the folder in the model's own that the library is given; its name tells the library's adapter more.
        licence: of the model.
        commercial: False where commercial use is not allowed, or not certainly: it must be accepted.
        quality: as published, with units; empty where nothing was found.
        quality_source: who published it.
        source: page that names the files and the licence.
        digest_source: what can be read that names the digests; empty where there are none.
        files: what is downloaded.
    """

    name: str
    purpose: Purpose
    backend: str
    languages: tuple[str, ...]
    folder: str
    licence: str
    source: str
    files: tuple[ModelFile, ...]
    commercial: bool = True
    quality: str = ""
    quality_source: str = ""
    digest_source: str = ""

    @property
    def size(self) -> int:
        """Bytes to download, as published."""
        return sum(file.size for file in self.files)

    @property
    def room(self) -> int:
        """Bytes that it takes at most, while archives are unpacked."""
        return sum(file.limit + file.unpacked for file in self.files)

    def translates(self, source: str, target: str) -> bool:
        """Whether it is there to translate one language (ISO 639-1) into another."""
        if self.purpose != "translate" or source == target:
            return False
        return self.languages == (source, target) if len(self.languages) == 2 else {source, target} <= {*self.languages}


def hub_files(repository: str, revision: str, *files: tuple[str, int, str]) -> tuple[ModelFile, ...]:
    """Files of a repository of the Hugging Face Hub at a revision, in a folder named as the repository.

    Args:
        repository: owner and name.
        revision: a commit, or a branch.
        files: of each its path there, its bytes, and the hex digits of its SHA-256, or nothing where none is known.
    """
    folder, base = repository.rpartition("/")[2], f"{HUB}{repository}/resolve/{revision}/"
    return tuple(ModelFile(base + f, f"{folder}/{f}", size, s and f"sha256:{s}") for f, size, s in files)
