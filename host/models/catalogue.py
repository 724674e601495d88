"""The models that can be got by name: a table, best first within a purpose; pure.

What is in it is what could be read: the file lists, sizes and check sums of Moonshine's models in its library
(moonshine-voice 0.1.5, `moonshine_get_stt_dependencies`), the repositories of Whisper's conversions in faster-whisper
1.2.1 (`utils.py`), and the pages named in each row. A digest stands here only where the source named in
`digest_source` has it; a revision in an address holds the file still even without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from host.models.languages import WHISPER
from host.models.model import HUB, Model, ModelFile, hub_files
from host.models.translation import TRANSLATION

__all__ = ["MODELS"]

_MOONSHINE: Final = "https://download.moonshine.ai/model/"
_VOICES: Final = f"{_MOONSHINE}diarization-community1/"
_MOONSHINE_SOURCE: Final = "moonshine-voice 0.1.5, its list of downloads and its README"
_OPEN_ASR: Final = "README of moonshine-ai/moonshine, Open ASR leaderboard"
_RELEASES: Final = "https://github.com/k2-fsa/sherpa-onnx/releases/download"
_K2_DOCS: Final = "https://k2-fsa.github.io/sherpa/onnx"

_WORD_ERRORS: Final = {
    "tiny-streaming-en": "12.0 % word errors",
    "small-streaming-en": "7.84 % word errors",
    "medium-streaming-en": "6.65 % word errors",
}


def _moonshine(name: str, place: str, *files: tuple[str, int, str]) -> Model:
    english, legacy = name.endswith("-en"), "streaming" not in name
    licence = "MIT" if english else "Moonshine Community License"
    return Model(
        name=f"moonshine-{name}",
        purpose="transcribe",
        backend="moonshine",
        languages=(name[-2:],),
        folder=name,
        # Of the streaming models of other languages its README says MIT and its downloader says non-commercial.
        licence=licence if english or legacy else f"MIT or {licence}: its makers say both",
        commercial=english,
        quality=_WORD_ERRORS.get(name, ""),
        quality_source=_OPEN_ASR if name in _WORD_ERRORS else "",
        source=_MOONSHINE_SOURCE,
        digest_source=_MOONSHINE_SOURCE,
        files=tuple(ModelFile(f"{_MOONSHINE}{place}/{f}", f"{name}/{f}", size, f"crc32c:{s}") for f, size, s in files),
    )


def _whisper(
    name: str,
    repository: str,
    revision: str,
    weights: tuple[int, str],
    *,
    digest_source: str = "",
    quality: str = "",
) -> Model:
    newest = "large-v3" in name
    vocabulary = ("vocabulary.json", 1_070_000, "") if newest else ("vocabulary.txt", 460_000, "")
    features = (("preprocessor_config.json", 340, ""),) if newest else ()
    tokens = 2_710_000 if newest else 2_200_000
    return Model(
        name=f"whisper-{name}",
        purpose="transcribe",
        backend="whisper",
        languages=WHISPER,
        folder=repository.rpartition("/")[2],
        licence="MIT",
        quality=quality,
        quality_source=_OPEN_ASR if quality else "",
        source=HUB + repository,
        digest_source=digest_source,
        files=hub_files(
            repository,
            revision,
            ("model.bin", *weights),
            ("config.json", 2_400, ""),
            ("tokenizer.json", tokens, ""),
            vocabulary,
            *features,
        ),
    )


def _zipformer(
    name: str,
    languages: tuple[str, ...],
    repository: str,
    revision: str,
    *,
    rest: str,
    sizes: tuple[int, int, int, int],
    digest: str = "",
) -> Model:
    """A streaming transducer of k2-fsa; `rest` is what its files' names have in common, `digest` is the encoder's."""
    encoder, decoder, joiner, tokens = sizes
    page = HUB + repository
    return Model(
        name=f"zipformer-{name}",
        purpose="transcribe",
        backend="sherpa",
        languages=languages,
        folder=repository.rpartition("/")[2],
        licence="Apache-2.0",
        source=page,
        digest_source=f"{page}/blob/{revision}/encoder-{rest}" if digest else "",
        files=hub_files(
            repository,
            revision,
            (f"encoder-{rest}", encoder, digest),
            (f"decoder-{rest}", decoder, ""),
            (f"joiner-{rest}", joiner, ""),
            ("tokens.txt", tokens, ""),
        ),
    )


_FRENCH: Final = "sherpa-onnx-streaming-zipformer-fr-2023-04-14"

_ALL: Final = (
    _moonshine(
        "medium-streaming-en",
        "medium-streaming-en/quantized_26_08_21",
        ("adapter.ort", 3651296, "Ds3Hsg=="),
        ("cross_kv.ort", 11643776, "liqlOg=="),
        ("decoder_kv.ort", 146972408, "GPnzeQ=="),
        ("encoder.ort", 94705376, "yWvDwA=="),
        ("frontend.model.ort", 28720, "k1kKsQ=="),
        ("frontend.weights.ort", 11889560, "w5QjIA=="),
        ("streaming_config.json", 513, "+1bE9Q=="),
        ("tokenizer.bin", 249974, "B7s10Q=="),
    ),
    _moonshine(
        "small-streaming-en",
        "small-streaming-en/quantized_26_08_21",
        ("adapter.ort", 2870368, "XlWjTg=="),
        ("cross_kv.ort", 5356536, "5ySK8g=="),
        ("decoder_kv.ort", 81878600, "Rn/VUA=="),
        ("encoder.ort", 44148576, "41D2jQ=="),
        ("frontend.model.ort", 26944, "WW2/2g=="),
        ("frontend.weights.ort", 7769464, "9pROuQ=="),
        ("streaming_config.json", 512, "dPbFiw=="),
        ("tokenizer.bin", 249974, "B7s10Q=="),
    ),
    _moonshine(
        "tiny-streaming-en",
        "tiny-streaming-en/quantized_26_08_21",
        ("adapter.ort", 1319664, "kwQ+Bw=="),
        ("cross_kv.ort", 1287544, "76wzFQ=="),
        ("decoder_kv.ort", 32583720, "KJjeNw=="),
        ("encoder.ort", 7675440, "UjAIpQ=="),
        ("frontend.model.ort", 23344, "aM/+wQ=="),
        ("frontend.weights.ort", 2093464, "WYZ7EQ=="),
        ("streaming_config.json", 509, "HGL0Ug=="),
        ("tokenizer.bin", 249974, "B7s10Q=="),
    ),
    _moonshine(
        "small-streaming-es",
        "small-streaming-es/quantized_26_08_24",
        ("adapter.ort", 2869296, "ZCOnJw=="),
        ("cross_kv.ort", 5358752, "B6G3LA=="),
        ("decoder_kv.ort", 61314512, "Q6TnrQ=="),
        ("encoder.ort", 44358376, "EYLK1A=="),
        ("frontend.model.ort", 26776, "bvdZXg=="),
        ("frontend.weights.ort", 7769280, "ITuX4A=="),
        ("streaming_config.json", 512, "Y/oEHw=="),
        ("tokenizer.bin", 102888, "/7v8NQ=="),
    ),
    _moonshine(
        "tiny-streaming-es",
        "tiny-streaming-es/quantized_26_08_24",
        ("adapter.ort", 1318472, "+JOBGg=="),
        ("cross_kv.ort", 1288120, "lvRCDw=="),
        ("decoder_kv.ort", 19717336, "KEm/xA=="),
        ("encoder.ort", 7772792, "AAXCVA=="),
        ("frontend.model.ort", 23176, "v7nfyQ=="),
        ("frontend.weights.ort", 2093280, "LYbiaA=="),
        ("streaming_config.json", 509, "wH/VeA=="),
        ("tokenizer.bin", 102888, "/7v8NQ=="),
    ),
    _moonshine(
        "small-streaming-de",
        "small-streaming-de/quantized_26_08_24",
        ("adapter.ort", 2869296, "rx5eAg=="),
        ("cross_kv.ort", 5358752, "B9ac2w=="),
        ("decoder_kv.ort", 61314512, "IRMZCQ=="),
        ("encoder.ort", 44358376, "AI1jZg=="),
        ("frontend.model.ort", 26776, "nGFUEw=="),
        ("frontend.weights.ort", 7769280, "kUSrbA=="),
        ("streaming_config.json", 512, "Y/oEHw=="),
        ("tokenizer.bin", 103319, "x219Qw=="),
    ),
    _moonshine(
        "tiny-streaming-de",
        "tiny-streaming-de/quantized_26_08_24",
        ("adapter.ort", 1318472, "Q5RVow=="),
        ("cross_kv.ort", 1288120, "Y8sggQ=="),
        ("decoder_kv.ort", 19717336, "0Btj7Q=="),
        ("encoder.ort", 7772792, "UMxvQg=="),
        ("frontend.model.ort", 23176, "jBdx4Q=="),
        ("frontend.weights.ort", 2093280, "Ljirxw=="),
        ("streaming_config.json", 509, "wH/VeA=="),
        ("tokenizer.bin", 103319, "x219Qw=="),
    ),
    _moonshine(
        "small-streaming-ja",
        "small-streaming-ja/quantized_26_08_23",
        ("adapter.ort", 2869296, "GzlnQA=="),
        ("cross_kv.ort", 5358752, "0btjiw=="),
        ("decoder_kv.ort", 61314512, "qXEgyA=="),
        ("encoder.ort", 44358376, "fltsVQ=="),
        ("frontend.model.ort", 31208, "RhG3gA=="),
        ("frontend.weights.ort", 7769288, "VjqzBw=="),
        ("streaming_config.json", 512, "Y/oEHw=="),
        ("tokenizer.bin", 101836, "M94Ogg=="),
    ),
    _moonshine(
        "tiny-streaming-ja",
        "tiny-streaming-ja/quantized_26_08_23",
        ("adapter.ort", 1318472, "obzOjg=="),
        ("cross_kv.ort", 1288120, "gbYCsw=="),
        ("decoder_kv.ort", 19717336, "Mc/YqQ=="),
        ("encoder.ort", 7772792, "ZS0TPg=="),
        ("frontend.model.ort", 27608, "BTpcfg=="),
        ("frontend.weights.ort", 2093288, "T4l/3Q=="),
        ("streaming_config.json", 509, "wH/VeA=="),
        ("tokenizer.bin", 101836, "M94Ogg=="),
    ),
    _moonshine(
        "tiny-streaming-ar",
        "tiny-streaming-ar/quantized_26_08_24",
        ("adapter.ort", 1318472, "Ba/M3A=="),
        ("cross_kv.ort", 1288120, "BXUe/w=="),
        ("decoder_kv.ort", 19717336, "s5bwZA=="),
        ("encoder.ort", 7772792, "6tp7Mg=="),
        ("frontend.model.ort", 23176, "lLmrsA=="),
        ("frontend.weights.ort", 2093280, "exI8jg=="),
        ("streaming_config.json", 509, "wH/VeA=="),
        ("tokenizer.bin", 135726, "y80toQ=="),
    ),
    _moonshine(
        "tiny-streaming-vi",
        "tiny-streaming-vi/quantized_26_08_24",
        ("adapter.ort", 1318472, "cdV7Qw=="),
        ("cross_kv.ort", 1288120, "aeNa0A=="),
        ("decoder_kv.ort", 19717336, "792dSQ=="),
        ("encoder.ort", 7772792, "5vA9hw=="),
        ("frontend.model.ort", 23176, "T4ZpJw=="),
        ("frontend.weights.ort", 2093280, "QeZo8Q=="),
        ("streaming_config.json", 509, "wH/VeA=="),
        ("tokenizer.bin", 95323, "7zvjaA=="),
    ),
    _moonshine(
        "tiny-streaming-zh",
        "tiny-streaming-zh/quantized_26_08_24",
        ("adapter.ort", 1318472, "hr7j6g=="),
        ("cross_kv.ort", 1288120, "fiGyHw=="),
        ("decoder_kv.ort", 19717336, "rr9O2A=="),
        ("encoder.ort", 7772792, "BHPY3w=="),
        ("frontend.model.ort", 27608, "4gF+xg=="),
        ("frontend.weights.ort", 2090728, "Kv1kYQ=="),
        ("streaming_config.json", 509, "wH/VeA=="),
        ("tokenizer.bin", 74587, "nQJxPQ=="),
    ),
    _moonshine(
        "tiny-streaming-tl",
        "tiny-streaming-tl/quantized_26_08_24",
        ("adapter.ort", 1318472, "Zau+Ig=="),
        ("cross_kv.ort", 1288120, "iwurdw=="),
        ("decoder_kv.ort", 19717336, "jsOHgA=="),
        ("encoder.ort", 7772792, "nx0MFw=="),
        ("frontend.model.ort", 27608, "s9Ro7g=="),
        ("frontend.weights.ort", 2093288, "UEAV9Q=="),
        ("streaming_config.json", 509, "wH/VeA=="),
        ("tokenizer.bin", 91356, "4uONfQ=="),
    ),
    _moonshine(
        "tiny-ko",
        "tiny-ko/quantized/tiny-ko",
        ("encoder_model.ort", 13238176, "kczhwQ=="),
        ("decoder_model_merged.ort", 58327336, "sjwMCA=="),
        ("tokenizer.bin", 249974, "B7s10Q=="),
    ),
    _moonshine(
        "base-uk",
        "base-uk/quantized/base-uk",
        ("encoder_model.ort", 31326816, "V6nZMg=="),
        ("decoder_model_merged.ort", 109424424, "mAf6aA=="),
        ("tokenizer.bin", 249974, "B7s10Q=="),
    ),
    _zipformer(
        "en",
        ("en",),
        "csukuangfj/sherpa-onnx-streaming-zipformer-en-2023-06-26",
        "672fbf1b30579d6585301139bb363f42a0ad4a24",
        rest="epoch-99-avg-1-chunk-16-left-128.int8.onnx",
        sizes=(71_100_000, 1_310_000, 259_000, 5_050),
    ),
    _zipformer(
        "zh",
        ("zh",),
        "k2-fsa/sherpa-onnx-streaming-zipformer-multi-zh-hans-2023-12-12",
        "7c21d52bea5e2f1a9fb334c4e584356716747601",
        rest="epoch-20-avg-1-chunk-16-left-128.int8.onnx",
        sizes=(70_100_000, 1_310_000, 1_030_000, 18_600),
        digest="d07a7e778e30ad4eb23c017c954c818834e02e34bb9c4e279fbbd64ac04c1a4e",
    ),
    _zipformer(
        "zh-en",
        ("zh", "en"),
        "csukuangfj/sherpa-onnx-streaming-zipformer-bilingual-zh-en-2023-02-20",
        "7aae1b88bdc0064047e681c50a30e629ef884144",
        rest="epoch-99-avg-1.int8.onnx",
        sizes=(182_000_000, 13_100_000, 3_230_000, 56_300),
    ),
    Model(
        name="zipformer-fr",
        purpose="transcribe",
        backend="sherpa",
        languages=("fr",),
        folder=_FRENCH,
        licence="Apache-2.0 (as its maker's page for sherpa-ncnn says)",
        source=f"{_K2_DOCS}/pretrained_models/online-transducer/zipformer-transducer-models.html",
        files=(ModelFile(f"{_RELEASES}/asr-models/{_FRENCH}.tar.bz2", ".", 430_000_000, unpacked=500_000_000),),
    ),
    _whisper(
        "large-v3-turbo",
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        "main",
        (1_617_884_929, "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da"),
        digest_source=f"{HUB}pinecoresystems/faster-whisper-large-v3-turbo (an unchanged copy)",
    ),
    _whisper("medium", "Systran/faster-whisper-medium", "main", (1_530_000_000, "")),
    _whisper(
        "small",
        "Systran/faster-whisper-small",
        "536b0662742c02347bc0e980a01041f333bce120",
        (484_000_000, "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671"),
        digest_source=f"{HUB}pinecoresystems/faster-whisper-small (an unchanged copy)",
        quality="8.59 % word errors in English",
    ),
    _whisper("base", "Systran/faster-whisper-base", "main", (145_000_000, "")),
    _whisper(
        "tiny",
        "Systran/faster-whisper-tiny",
        "main",
        (75_500_000, "dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1"),
        digest_source=f"{HUB}yakov111/faster-whisper-tiny/blob/main/model.bin (an unchanged copy)",
        quality="12.81 % word errors in English",
    ),
    Model(
        name="moonshine-voices",
        purpose="tell voices apart",
        backend="moonshine",
        languages=(),
        folder="diarization",
        licence="MIT (README of moonshine-voice)",
        source=_MOONSHINE_SOURCE,
        digest_source=_MOONSHINE_SOURCE,
        files=(
            ModelFile(f"{_VOICES}segmentation.ort", "diarization/segmentation.ort", 1594080, "crc32c:hcqhEA=="),
            ModelFile(f"{_VOICES}embedding.ort", "diarization/embedding.ort", 6975920, "crc32c:r5LVbQ=="),
        ),
    ),
    Model(
        name="wespeaker-en",
        purpose="tell voices apart",
        backend="sherpa",
        languages=(),
        folder=".",
        licence="CC-BY-4.0",
        source=f"{HUB}Wespeaker/wespeaker-voxceleb-resnet34-LM",
        files=(
            ModelFile(
                f"{_RELEASES}/speaker-recongition-models/wespeaker_en_voxceleb_resnet34_LM.onnx",
                "wespeaker_en_voxceleb_resnet34_LM.onnx",
                26_500_000,
            ),
        ),
    ),
    *TRANSLATION,
)

MODELS: Final[Mapping[str, Model]] = {model.name: model for model in _ALL}
"""By name, best first within a purpose and a backend."""
