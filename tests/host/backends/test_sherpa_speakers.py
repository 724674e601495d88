"""Speaker embeddings by sherpa-onnx: the library runs here for real, on a model that is made in the test."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from model_stand_ins import SlowVoices
from tiny_models import quiet, tone, voice_model

from host.backends import sherpa_speakers
from host.backends.sherpa_speakers import SherpaEmbedder, find_model, start
from host.backends.worker import ModelProcess
from host.contracts import EmbedderInfo
from host.errors import BackendError, ModelMissingError


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    pytest.importorskip("sherpa_onnx")
    pytest.importorskip("onnx")
    return voice_model(tmp_path_factory.mktemp("models") / "voices.onnx")


def embedded(model, *sounds):
    async def main():
        spent = []
        embedder = await start(str(model), spent.append)
        try:
            return embedder.info, [await embedder.embed(sound) for sound in sounds], spent
        finally:
            await embedder.close()

    return asyncio.run(main())


def cosine(a, b):
    return float(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b))


def test_the_same_voice_is_alike_and_another_is_not(model):
    low, high = tone(200, 1.5), tone(5000, 1.0)
    info, (a, b, c), spent = embedded(model, low, high, np.concatenate([quiet(0.2), low]))
    assert info.model == "voices.onnx"
    assert len(a) == len(b) == len(c) == 4
    assert cosine(a, c) > info.alike
    assert cosine(a, b) < info.unlike < info.alike
    assert spent


def test_less_than_half_a_second_is_no_embedding_and_a_long_sound_is_one(model):
    _, (short, long), _ = embedded(model, tone(200, 0.4), tone(200, 40.0))
    assert short == ()
    assert len(long) == 4


def test_a_folder_with_the_model_does_and_one_without_or_with_two_does_not(model, tmp_path):
    assert find_model(str(model.parent)) == model
    for bad in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ModelMissingError, match="there is no speaker embedding model at") as error:
            find_model(str(bad))
        assert "sidelight models get wespeaker-en" in error.value.hint
    for name in ("a.onnx", "b.onnx"):
        (tmp_path / name).touch()
    with pytest.raises(ModelMissingError, match="there are several models"):
        find_model(str(tmp_path))


@pytest.mark.parametrize("content", [b"", b"this is no model"])
def test_a_file_that_is_no_model_is_an_error(tmp_path, content):
    pytest.importorskip("sherpa_onnx")
    (tmp_path / "bad.onnx").write_bytes(content)
    with pytest.raises(BackendError, match=r"sherpa cannot load the model in '.*bad\.onnx'") as error:
        asyncio.run(start(str(tmp_path), None))
    assert error.value.hint == "Get the model again"
    assert "\n" not in error.value.message


def test_a_model_that_hangs_holds_back_one_sentence_for_a_moment_and_the_next_not_at_all(monkeypatch):
    monkeypatch.setattr(sherpa_speakers, "_ANSWER_S", 0.2)
    sound = np.ones(16_000, np.int16)

    async def main():
        process = ModelProcess(SlowVoices, name="voices")
        await process.start()
        embedder = SherpaEmbedder(EmbedderInfo("voices.onnx", 0.5, 0.4), process)
        try:
            async with asyncio.timeout(30):  # half of what the stand-in hangs for
                assert await embedder.embed(sound) == (1.0, 0.0)
                with pytest.raises(BackendError, match=r"voices\.onnx takes longer than 0\.2 s") as late:
                    await embedder.embed(sound * 13)
                assert late.value.retry
                monkeypatch.setattr(sherpa_speakers, "_ANSWER_S", 60.0)  # the next is not even asked for
                with pytest.raises(BackendError, match="takes longer"):
                    await embedder.embed(sound)
        finally:
            await embedder.close()

    asyncio.run(main())
