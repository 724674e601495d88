"""A translation model small enough to be made in a test, in CTranslate2's format, with SentencePiece files beside it.

It is not trained: it says the same words whatever it is given. What is given to it is seen through its tokeniser.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np

SOURCE_LINES = ["where is the station", "the train is late", "a table for two", "where is the exit"] * 20
TARGET_LINES = ["wo ist der bahnhof", "der zug kommt zu spät", "ein tisch für zwei", "wo ist der ausgang"] * 20
SAID = "der zug kommt zu spät"
_WIDE = 32


def set_translation(folder: Path, *, prefix: tuple[str, ...] = ()) -> Path:
    """A model that says `SAID`, in a new folder; `prefix` are the languages that its vocabulary names."""
    from ctranslate2.specs import TransformerSpec  # noqa: PLC0415 - an extra
    from sentencepiece import SentencePieceProcessor  # noqa: PLC0415 - an extra

    folder.mkdir(parents=True)
    names = ("source.spm", "target.spm") if not prefix else ("sentencepiece.bpe.model",) * 2
    pieces(folder / names[0], SOURCE_LINES + (TARGET_LINES if prefix else []))
    if not prefix:
        pieces(folder / names[1], TARGET_LINES)
    target = SentencePieceProcessor(model_file=str(folder / names[1]))
    source = SentencePieceProcessor(model_file=str(folder / names[0]))
    known = {p.id_to_piece(n) for p in (source, target) for n in range(p.get_piece_size())}
    tokens = ["<blank>", "<unk>", "<s>", "</s>", *prefix, *sorted(known - {"<unk>", "<s>", "</s>"})]
    script = [*prefix[1:2], *target.encode(SAID, out_type=str), "</s>"]
    spec = TransformerSpec.from_config((1, 1), 1)
    _fill(spec)
    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings
        for table in embeddings if isinstance(embeddings, list) else [embeddings]:
            table.weight = np.zeros((len(tokens), _WIDE), np.float32)
        places = np.zeros((512, _WIDE), np.float32)
        places[:_WIDE] = np.eye(_WIDE)
        side.position_encodings.encodings = places
    projection = np.zeros((len(tokens), _WIDE), np.float32)
    for place in range(_WIDE):
        projection[tokens.index(script[min(place, len(script) - 1)]), place] = 10
    spec.decoder.projection.weight = projection
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.config.decoder_start_token = "</s>"
    spec.validate()
    spec.save(str(folder))
    assert json.loads((folder / "config.json").read_text())["decoder_start_token"] == "</s>"
    return folder


def weights(*sizes: int, version: int = 6) -> bytes:
    """Weights of so many bytes each, in CTranslate2's format, and one more name for the first."""
    held = struct.pack("<I", version) + _text("TransformerSpec") + struct.pack("<II", 7, len(sizes))
    for number, size in enumerate(sizes):
        held += _text(f"weight_{number}") + struct.pack("<BIIBI", 2, 1, size, 1, size) + bytes(size)
    return held + struct.pack("<I", 1) + _text("again") + _text("weight_0")


def _text(text: str) -> bytes:
    return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"


def pieces(path: Path, lines: list[str]) -> Path:
    """A SentencePiece model trained on these lines."""
    from sentencepiece import SentencePieceTrainer  # noqa: PLC0415 - an extra

    with path.open("wb") as file:
        SentencePieceTrainer.train(
            sentence_iterator=iter(lines), model_writer=file, vocab_size=40, hard_vocab_limit=False, minloglevel=2
        )
    return path


def _fill(layer: object) -> None:
    from ctranslate2.specs import LayerSpec  # noqa: PLC0415 - an extra

    for name, held in vars(layer).items():
        if isinstance(held, LayerSpec):
            _fill(held)
        elif isinstance(held, list):
            for part in held:
                _fill(part)
        elif name == "gamma":
            layer.gamma = np.ones(_WIDE, np.float32)
        elif name in ("beta", "bias"):
            setattr(layer, name, np.zeros(_WIDE, np.float32))
        elif name == "weight":
            layer.weight = np.zeros((_WIDE, _WIDE), np.float32)
    if type(layer).__name__ == "MultiHeadAttentionSpec":
        linear = layer.linear
        rows = [3] if len(linear) == 2 else [1, 2]
        for part, times in zip(linear, rows, strict=False):
            part.weight = np.zeros((times * _WIDE, _WIDE), np.float32)
            part.bias = np.zeros(times * _WIDE, np.float32)
