"""Stand-ins for what an interpreter is made of; each behaves as its contract says."""

from __future__ import annotations

from host.contracts import Rendering, TranslatorInfo


class Spoken:
    """A translator that says what it was told to say; else the text in brackets."""

    def __init__(self, name="full", answers=None, *, complete=True, sentences=True, longest=100):
        self.answers, self.asked = answers or {}, []
        self.info = TranslatorInfo(name, True, True, sentences, longest, complete, "test", "none")

    async def translate(self, texts, source, target, *, progress=None):
        self.asked.append((list(texts), source, target))
        if progress:
            progress(0, texts[0][:3])
        found = []
        for text in texts:
            answer = self.answers.get(text, f"<{text}>" if self.info.complete else None)
            found.append(Rendering(answer) if isinstance(answer, str) else answer)
        return found

    async def close(self):
        pass


class Pairs:
    def __init__(self, *translators, sources=None):
        self.translators, self._sources = translators, sources

    def sources(self, _target):
        return self._sources

    async def for_pair(self, _source, _target):
        return self.translators

    def ways(self, source, target):
        return f"what gives {source}-{target}"


class Identified:
    def __init__(self, language="fr", share=0.9):
        self.language, self.share, self.asked = language, share, []

    async def identify(self, text, among):
        self.asked.append((text, among))
        return self.language, self.share
