"""The table of models holds together."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import PurePosixPath

import pytest

from host.backends.registry import RECOGNISERS
from host.backends.translators import TRANSLATORS
from host.iso639 import TWO_LETTERS
from host.languages import LANGUAGES
from host.models.archive import PICKLES
from host.models.catalogue import MODELS

ALL = list(MODELS.values())


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_a_row(model):
    assert re.fullmatch(r"[a-z0-9-]+", model.name)
    if model.purpose == "translate":
        assert model.backend in TRANSLATORS
        assert set(model.languages) <= set(LANGUAGES)
    else:
        assert set(model.languages) <= set(RECOGNISERS[model.backend].languages)
    assert bool(model.languages) == (model.purpose != "tell voices apart")
    assert model.licence
    assert model.source
    assert bool(model.quality) == bool(model.quality_source)
    assert bool(model.digest_source) == any(file.digest for file in model.files)
    for file in model.files:
        assert re.fullmatch(r"https://[a-z.]+/[\w./+-]+", file.url)
        path = PurePosixPath(file.path)
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert path.suffix not in PICKLES
        assert file.is_archive == (file.unpacked > 0) == (file.path == ".")
        assert file.is_archive or model.folder == "." or path.parts[0] == model.folder
        assert re.fullmatch(r"(sha256:[0-9a-f]{64}|crc32c:[A-Za-z0-9+/]{6}==)?", file.digest)
        assert 0 < file.size <= file.limit


def test_names_and_addresses_are_of_one_model_each():
    assert len({file.url for model in ALL for file in model.files}) == sum(len(m.files) for m in ALL)
    assert len(MODELS) == len({model.name for model in ALL})


def test_moonshine_s_rows_are_its_library_s():
    """The library knows the addresses, sizes and check sums of its models."""
    download = pytest.importorskip("moonshine_voice.download")
    import json  # noqa: PLC0415 - only here

    published = {}
    for language in json.loads(download.moonshine_get_stt_catalog_string())["languages"]:
        for kind in language["models"]:
            options = {"model_arch": kind["model_arch"]}
            manifest = download.moonshine_get_stt_dependencies_string(language["code"], options)
            published |= {f["url"]: f for f in json.loads(manifest)["groups"][0]["files"]}
    voices = json.loads(download.moonshine_get_diarization_dependencies_string())
    published |= {f["url"]: f for f in voices["groups"][0]["files"]}
    ours = [file for model in ALL if model.backend == "moonshine" for file in model.files]
    assert ours
    for file in ours:
        said = published[file.url]
        assert (file.size, file.digest) == (said["size"], f"crc32c:{said['checksum']}")


def test_whisper_s_repositories_are_its_library_s():
    utils = pytest.importorskip("faster_whisper.utils")
    for model in ALL:
        if model.backend == "whisper":
            repository = utils._MODELS[model.name.removeprefix("whisper-")]
            assert all(f"/{repository}/resolve/" in file.url for file in model.files)


def test_translation_models_are_held_still_by_revision_size_and_digest():
    rows = [model for model in ALL if model.purpose == "translate"]
    assert {model.name for model in rows if not model.commercial} == {"nllb-200-600m"}
    for model in rows:
        assert {file.name for file in model.files} >= {"model.bin", "config.json", "shared_vocabulary.json"}
        for file in model.files:
            assert re.search(r"/resolve/[0-9a-f]{40}/", file.url)
            assert file.digest.startswith("sha256:")


def test_their_configuration_is_what_the_converter_writes():
    """As ctranslate2.specs writes it for models of Transformers; its digest is the one in the rows."""
    config = {
        "add_source_bos": False,
        "add_source_eos": False,
        "bos_token": "<s>",
        "decoder_start_token": "</s>",
        "eos_token": "</s>",
        "layer_norm_epsilon": None,
        "multi_query_attention": False,
        "unk_token": "<unk>",
    }
    written = (json.dumps(config, indent=2, sort_keys=True) + "\n").encode()
    for model in ALL:
        if model.purpose == "translate":
            (file,) = [file for file in model.files if file.name == "config.json"]
            assert (file.size, file.digest) == (len(written), f"sha256:{hashlib.sha256(written).hexdigest()}")


def test_a_pair_is_one_way_and_many_are_any():
    assert MODELS["opus-mt-en-es"].translates("en", "es")
    assert not MODELS["opus-mt-en-es"].translates("es", "en")
    assert MODELS["m2m100-418m"].translates("ja", "sw")
    assert not MODELS["m2m100-418m"].translates("ja", "ja")
    assert not MODELS["m2m100-418m"].translates("ja", "ky")
    assert not MODELS["whisper-small"].translates("en", "es")


def test_nllb_s_languages_are_those_of_flores_200():
    assert {"no", "ku", "yi", "zh"} <= set(MODELS["nllb-200-600m"].languages) <= {*TWO_LETTERS.values()}
