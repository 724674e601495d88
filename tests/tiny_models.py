"""Models small enough to be made in a test, in the formats of real ones: the libraries load and run them as any other.

They are not trained: their few weights are set by hand, so that what comes out is known. `tone_recogniser` is a
streaming transducer that hears which of two bands of the spectrum is loud and says "low" or "high", once for each
change; `set_phrase` is a Whisper that says the same four words of any sound, and takes any for German.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

RATE_HZ = 16_000
PHRASE = "guten tag liebe welt"
CAPITALS = "<blk> 0\n<sos/eos> 1\n<unk> 2\n▁LOW 3\n▁HIGH 4\n"

_LOUD = 9.0  # log mel energy at which a tone is loud; the noise of `quiet` has far less


def tone(hz: float, seconds: float) -> np.ndarray:
    """A tone, int16."""
    place = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
    return np.rint(10_000 * np.sin(2 * math.pi * hz * place)).astype(np.int16)


def quiet(seconds: float) -> np.ndarray:
    """Noise of 3 LSB, int16."""
    return np.rint(np.random.default_rng(0).normal(0, 3, int(RATE_HZ * seconds))).astype(np.int16)


def tone_recogniser(folder: Path, tokens: str = CAPITALS) -> Path:
    """An encoder, a decoder and a joiner as sherpa-onnx takes them for a streaming transducer, in a new folder."""
    from onnx import TensorProto, helper  # noqa: PLC0415 - an extra

    folder.mkdir(parents=True)

    def value(name: str, *shape: int | str, kind: int = TensorProto.FLOAT) -> object:
        return helper.make_tensor_value_info(name, kind, shape)

    low, high = np.zeros((2, 80, 4), np.float32)
    low[8:24], high[56:72] = 1 / 64, 1 / 64
    _save(
        folder / "encoder.int8.onnx",
        [
            helper.make_node("Transpose", ["x"], ["by_band"], perm=[0, 2, 1]),
            helper.make_node("Conv", ["by_band", "bands"], ["loudness"], strides=[4], kernel_shape=[4]),
            helper.make_node("Transpose", ["loudness"], ["encoder_out"], perm=[0, 2, 1]),
            helper.make_node("Identity", ["h"], ["new_h"]),
            helper.make_node("Identity", ["c"], ["new_c"]),
        ],
        [value("x", "N", 32, 80), value("h", 1, "N", 2), value("c", 1, "N", 2)],
        [value("encoder_out", "N", 8, 2), value("new_h", 1, "N", 2), value("new_c", 1, "N", 2)],
        {"bands": np.stack([low, high])},
        {"model_type": "lstm", "num_encoder_layers": 1, "T": 32, "decode_chunk_len": 32, "rnn_hidden_size": 2}
        | {"d_model": 2, "version": 1},
    )
    said = np.zeros((5, 2), np.float32)  # what was said last, so that it is not said again
    said[3], said[4] = (1, 0), (0, 1)
    _save(
        folder / "decoder.onnx",
        [
            helper.make_node("Slice", ["y", "one", "two", "one"], ["last"]),
            helper.make_node("Squeeze", ["last", "one"], ["token"]),
            helper.make_node("Gather", ["said", "token"], ["decoder_out"]),
        ],
        [value("y", "N", 2, kind=TensorProto.INT64)],
        [value("decoder_out", "N", 2)],
        {"said": said, "one": np.array([1]), "two": np.array([2])},
        {"vocab_size": 5, "context_size": 2},
    )
    weights = np.zeros((4, 5), np.float32)
    weights[0, 3] = weights[1, 4] = 1
    weights[2, 3] = weights[3, 4] = -99
    _save(
        folder / "joiner.int8.onnx",
        [
            helper.make_node("Concat", ["encoder_out", "decoder_out"], ["both"], axis=1),
            helper.make_node("MatMul", ["both", "weights"], ["raw"]),
            helper.make_node("Add", ["raw", "bias"], ["logit"]),
        ],
        [value("encoder_out", "N", 2), value("decoder_out", "N", 2)],
        [value("logit", "N", 5)],
        {"weights": weights, "bias": np.array([0, -999, -999, _LOUD, _LOUD], np.float32)},
        {"joiner_dim": 2},
    )
    (folder / "tokens.txt").write_text(tokens, encoding="utf-8")
    return folder


def _save(path: Path, nodes: list, takes: list, gives: list, weights: dict, about: dict) -> None:
    import onnx  # noqa: PLC0415 - an extra
    from onnx import helper, numpy_helper  # noqa: PLC0415 - an extra

    held = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    model = helper.make_model(
        helper.make_graph(nodes, "tiny", takes, gives, held), opset_imports=[helper.make_opsetid("", 13)], ir_version=8
    )
    helper.set_model_props(model, {name: str(value) for name, value in about.items()})
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def set_phrase(folder: Path) -> Path:
    """A Whisper of one layer in CTranslate2's format with its tokenizer, in a new folder."""
    from ctranslate2.specs import LayerSpec, WhisperSpec  # noqa: PLC0415 - an extra

    tokens = _whisper_tokens()
    wide, script = 16, _whisper_script(tokens)
    spec = WhisperSpec(1, 1, 1, 1)
    shapes = {
        "conv1.weight": (wide, 80, 3),
        "conv2.weight": (wide, wide, 3),
        "linear_0.weight": (wide, wide),
        "linear_1.weight": (wide, wide),
    }

    def fill(layer: LayerSpec, path: str) -> None:
        for name, held in vars(layer).items():
            where = f"{path}.{name}"
            if isinstance(held, LayerSpec):
                fill(held, where)
            elif isinstance(held, list):
                for number, part in enumerate(held):
                    fill(part, f"{where}.{number}")
            elif name == "gamma":
                layer.gamma = np.ones(wide, np.float32)
            elif name == "beta":
                layer.beta = np.zeros(wide, np.float32)
            elif name == "weight":
                thrice = ".self_attention.linear.0" in path
                twice = path.endswith("decoder.layer.0.attention.linear.1")
                shape = next((s for end, s in shapes.items() if where.endswith(end)), (wide, wide))
                rows = 3 * wide if thrice else 2 * wide if twice else shape[0]
                layer.weight = np.zeros((rows, *shape[1:]), np.float32)

    fill(spec, "")
    # Each place of the phrase looks at its own 0.2 s of the sound, so that its words have times.
    spec.encoder.position_encodings.encodings = np.eye(150, wide, dtype=np.float32).repeat(10, axis=0)
    look = spec.decoder.layer[0].attention.linear
    look[0].weight = 3 * np.eye(wide, k=3, dtype=np.float32)
    look[1].weight = np.concatenate([3 * np.eye(wide, dtype=np.float32), np.zeros((wide, wide), np.float32)])
    places = np.zeros((448, wide), np.float32)
    places[:wide] = np.eye(wide)
    spec.decoder.position_encodings.encodings = places
    spec.decoder.embeddings.weight = np.zeros((len(tokens), wide), np.float32)
    projection = np.zeros((len(tokens), wide), np.float32)
    for place, token in script.items():
        projection[tokens.index(token), place] = 10
    spec.decoder.projection.weight = projection
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], []
    spec.config.lang_ids = [n for n, token in enumerate(tokens) if 50259 <= n < 50358]
    spec.config.alignment_heads = [(0, 0)]
    folder.mkdir(parents=True)
    spec.validate()
    spec.save(str(folder))
    _save_tokenizer(folder / "tokenizer.json", tokens)
    return folder


def _whisper_tokens() -> list[str]:
    """Whisper's multilingual vocabulary as it is laid out, with fillers for what is never said here."""
    from faster_whisper.tokenizer import _LANGUAGE_CODES  # noqa: PLC0415 - an extra

    words = [f"Ġ{word}" for word in PHRASE.split()]
    tokens = [*_bytes(), *words]
    tokens += [f"filler{n}" for n in range(50256 - len(tokens))]
    tokens.append("")  # the last before the special ones; by it the library knows a model of many languages
    languages = [code for code in _LANGUAGE_CODES if code != "yue"]  # the 99 of the models before large-v3
    tokens += ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in languages)]
    tokens += [
        "<|translate|>",
        "<|transcribe|>",
        "<|startoflm|>",
        "<|startofprev|>",
        "<|nospeech|>",
        "<|notimestamps|>",
    ]
    return tokens + [f"<|{n * 0.02:.2f}|>" for n in range(1501)]


def _whisper_script(tokens: list[str]) -> dict[int, str]:
    """Which token follows at which place: the language after the start, then the phrase between two times."""
    said = ["<|0.00|>", *(f"Ġ{word}" for word in PHRASE.split()), "<|1.00|>", "<|endoftext|>"]
    return {0: "<|de|>"} | {2 + n: token for n, token in enumerate(said)}


def _bytes() -> list[str]:
    from tokenizers.pre_tokenizers import ByteLevel  # noqa: PLC0415 - an extra

    return sorted(ByteLevel.alphabet())


def _save_tokenizer(path: Path, tokens: list[str]) -> None:
    first_special = tokens.index("<|endoftext|>")
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    levels = {"add_prefix_space": False, "trim_offsets": False, "use_regex": True}
    content = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": n, "content": tokens[n], **special} for n in range(first_special, len(tokens))],
        "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", **levels},
        "post_processor": None,
        "decoder": {"type": "ByteLevel", **levels},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": {token: n for n, token in enumerate(tokens[:first_special])},
            "merges": [],
        },
    }
    path.write_text(json.dumps(content), encoding="utf-8")


def voice_model(path: Path) -> Path:
    """A speaker embedding model as sherpa-onnx takes it: which of four parts of the spectrum is loud, whatever else."""
    from onnx import TensorProto, helper  # noqa: PLC0415 - an extra

    parts = np.zeros((80, 4), np.float32)
    for part in range(4):
        parts[20 * part : 20 * part + 20, part] = 1 / 20
    _save(
        path,
        [
            helper.make_node("ReduceMean", ["feats"], ["mean"], axes=[1], keepdims=0),
            helper.make_node("MatMul", ["mean", "parts"], ["loudness"]),
            helper.make_node("ReduceMean", ["loudness"], ["middle"], axes=[1], keepdims=1),
            helper.make_node("Sub", ["loudness", "middle"], ["embs"]),
        ],
        [helper.make_tensor_value_info("feats", TensorProto.FLOAT, ("N", "T", 80))],
        [helper.make_tensor_value_info("embs", TensorProto.FLOAT, ("N", 4))],
        {"parts": parts},
        {"framework": "wespeaker", "language": "English", "url": "", "comment": "", "sample_rate": RATE_HZ}
        | {"output_dim": 4, "normalize_samples": 1, "feature_normalize_type": ""},
    )
    return path
