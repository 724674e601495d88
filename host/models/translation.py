"""The translation models that can be got by name: rows of the catalogue, best first; pure.

Their makers publish none in CTranslate2's format, so these are conversions by others, each at a revision. Sizes and
digests (SHA-256) are those that the projects named in `digest_source` state, which use the same files. Of the weights
of opus-mt-en-de, en-es and en-fr the digests were found a second time where somebody else had converted the same
models (Hecatoncheir/LoreDub, `model_catalog.dart`), and those of NLLB and M2M100 in several more projects.
`config.json`, the same in all, was written anew from what CTranslate2's converter puts into it, and has that digest.

Argos Translate's packages are not in it: their index states no licence of the models.
"""

from __future__ import annotations

from typing import Final

from host.models.languages import M2M100, NLLB
from host.models.model import HUB, Model, hub_files

__all__ = ["TRANSLATION"]

_CONFIG: Final = ("config.json", 223, "8f6496adfc930cbfecbe8281112197705c488fab47d34b4829b06d7f478909af")
_VOCABULARY: Final = "shared_vocabulary.json"
_SUBWORDS: Final = "sentencepiece.bpe.model"

# Vocabulary and SentencePiece files are those of both directions of a pair.
_PIECES: Final = {
    "de": (
        (993_828, "fa4c8d666c582ad39892a2ae5d4ded1b0ddde4b49dc784a7fcbd73940f9fa13e"),
        (768_489, "678f2a1177d8389f67b66299762dcc4fc567e89b07e212ba91b0c56daecf47ce"),
        (796_845, "bbd1f495eea99c8e21ae086d9146e0fa7b096c3dfdd9ba07ab8b631889df5c9b"),
    ),
    "es": (
        (1_276_136, "040e48c9d00734f48506e052695837720bd1f6aa01c70636cde83038362baf19"),
        (801_636, "4dd547c24816a335e7b0b2e63376a8f1b3cbfc671eda5ab808dd44fdadaa8791"),
        (825_924, "e236ee6d866b635c0142114f8647f39831f9d92534aa2aad75c942f6a78ad0e3"),
    ),
    "fr": (
        (1_052_697, "a157eb51a42817dd1ae4bc46cecf66e591ab32641df936da292bd09f2728631b"),
        (778_395, "173e9f493a668fe396d599e28d414a201193094e6ffd7a4678e5aab0f6d3d838"),
        (802_397, "78d0e717c77053f1c4b856d8661d9cb87c64f083a35418c087b9146300e4f585"),
    ),
}
"""By the language that is not English: the vocabulary, the pieces of English, and those of the other."""


def _opus_mt(source: str, target: str, licence: str, revision: str, weights: tuple[int, str]) -> Model:
    """A model of OPUS-MT (University of Helsinki), one way, between English and another language, in 8 bits."""
    vocabulary, english, other = _PIECES[target if source == "en" else source]
    first, second = (english, other) if source == "en" else (other, english)
    repository = f"frisket-models/opus-mt-{source}-{target}-ct2"
    return Model(
        name=f"opus-mt-{source}-{target}",
        purpose="translate",
        backend="ctranslate2",
        languages=(source, target),
        folder=repository.rpartition("/")[2],
        licence=licence,
        source=HUB + repository,
        digest_source="https://github.com/frisket-dev/frisket, artifact_manifest.py",
        files=hub_files(
            repository,
            revision,
            ("model.bin", *weights),
            _CONFIG,
            (_VOCABULARY, *vocabulary),
            ("source.spm", *first),
            ("target.spm", *second),
        ),
    )


def _of_many(
    name: str,
    languages: tuple[str, ...],
    repository: str,
    revision: str,
    *files: tuple[str, int, str],
    licence: str,
    digest_source: str,
    commercial: bool = True,
) -> Model:
    """A model of Meta's that translates any of its languages into any other, in 8 bits."""
    return Model(
        name=name,
        purpose="translate",
        backend="ctranslate2",
        languages=languages,
        folder=repository.rpartition("/")[2],
        licence=licence,
        commercial=commercial,
        source=HUB + repository,
        digest_source=digest_source,
        files=hub_files(repository, revision, *files, _CONFIG),
    )


TRANSLATION: Final = (
    _opus_mt(
        "en",
        "de",
        "CC-BY-4.0",
        "670414c0e4c7a87b896f2f5d7e9dbd149ebb748b",
        (75_979_635, "3cad348e65aa400a0fce83b2b89a876030092e108ebc5a824ac1def6c76957b2"),
    ),
    _opus_mt(
        "de",
        "en",
        "Apache-2.0",
        "5aa6c0660768e7e8c656814eb5dbe7a1b1f482c5",
        (75_979_635, "399ce16d36b721cd166fe973b31c1f1195b92af200665eccd9a7fc62263e02ec"),
    ),
    _opus_mt(
        "en",
        "es",
        "Apache-2.0",
        "010363dc108c7a1ddf2a57880f1592b0584bce8c",
        (79_567_635, "30c5c2de08329c61860777fbe471e2dd413f64adbde543b2848b5ac3b5d6f865"),
    ),
    _opus_mt(
        "es",
        "en",
        "Apache-2.0",
        "21fadee65fdf7c7ab92e49a9deeee20b202a9855",
        (79_567_635, "44c5adc2c680f27c14c991e5ab7f74f38b41597153f7123bc8f6455f09a3b38b"),
    ),
    _opus_mt(
        "en",
        "fr",
        "Apache-2.0",
        "01fd244b378d48480d529abc986452f9682aa064",
        (76_714_395, "236b63e3029611a328693d704067ebdd75b800e5b3011cdec3dad4287fd29a36"),
    ),
    _opus_mt(
        "fr",
        "en",
        "Apache-2.0",
        "46c82a1311938f74a08085264763ece40da4f72c",
        (76_714_395, "8c070c110a94dca4693be7c93ecbfdd09bce99eefbf902b1e7b45cbea2a10fd4"),
    ),
    _of_many(
        "nllb-200-600m",
        NLLB,
        "osa911/nllb-200-distilled-600M-ct2-int8",
        "46858753dbaf8eb5e21bb6f0037c3b90851e090a",
        ("model.bin", 619_704_329, "ca3362e6e81906c0cf9c33bd6917674222c71d69617d0afb18507ce0b6c2e2e8"),
        (_VOCABULARY, 5_921_176, "af53bfd0e6f726209e7325e45b87ab3b14e5856f7d42d7b9be91de3287c45267"),
        (_SUBWORDS, 4_852_054, "14bb8dfb35c0ffdea7bc01e56cea38b9e3d5efcdcb9c251d6b40538e1aab555a"),
        licence="CC-BY-NC-4.0",
        commercial=False,
        digest_source="https://github.com/rohanesor/vokie, its model lab, which ran it",
    ),
    _of_many(
        "m2m100-418m",
        M2M100,
        "gn64/M2M100_418M_CTranslate2",
        "18e406c615ef2991fa74d53734bf66b0a6b10cb4",
        ("model.bin", 490_667_752, "a1826980fc5c037e69c7ac94fcb56c03001a66f380eb71863cc0a3879e71421b"),
        (_VOCABULARY, 2_796_509, "7eb5d0ff184c6095c7c10f9911c0aea492250abd12854f9c3d787c64b1c6397e"),
        (_SUBWORDS, 2_423_393, "d8f7c76ed2a5e0822be39f0a4f95a55eb19c78f4593ce609e2edbc2aea4d380a"),
        licence="MIT",
        digest_source="https://github.com/johnnylibretexts/libretexts-reader, its notes on validation, which ran it",
    ),
)
"""One pair before many; of many, what was published later and knows more."""
