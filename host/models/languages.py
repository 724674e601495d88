"""The languages of models that know many; pure."""

from __future__ import annotations

from typing import Final

__all__ = ["M2M100", "NLLB", "WHISPER"]

_WHISPER: Final = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la "
    "mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be "
    "tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt ln ha ba jw su"
)

_M2M100: Final = (
    "af am ar az ba be bg bn br bs ca cs cy da de el en es et fa ff fi fr fy ga gd gl gu ha he hi hr ht hu hy id ig "
    "is it ja jv ka kk km kn ko lb lg ln lo lt lv mg mk ml mn mr ms my nb ne nl no oc or pa pl ps pt ro ru sd si sk "
    "sl so sq sr ss su sv sw ta th tl tn tr uk ur uz vi wo xh yi yo zh zu"
)

_NLLB: Final = (
    "af ak am ar as ay az ba be bg bm bn bo bs ca cs cy da de dz ee el en eo es et eu fa ff fi fj fo fr ga gd gl gn "
    "gu ha he hi hr ht hu hy id ig is it ja jv ka kg ki kk km kn ko ks ku ky lb lg li ln lo lt lv mg mi mk ml mn mr "
    "ms mt my nb ne nl nn no ny oc om or pa pl ps pt qu rn ro ru rw sa sc sd sg si sk sl sm sn so sq sr ss st su sv "
    "sw ta te tg th ti tk tl tn tr ts tt tw ug uk ur uz vi wo xh yi yo zh zu"
)

WHISPER: Final = tuple(_WHISPER.split())
"""Those of Whisper's tokens (openai/whisper, tokenizer.py), but for "haw" and "yue", which are not ISO 639-1."""

M2M100: Final = tuple(_M2M100.split())
"""Those of M2M100's tokens that have a code of ISO 639-1, Norwegian by two of them."""

NLLB: Final = tuple(_NLLB.split())
"""Those of FLORES-200 (NLLB's tokens, Transformers' tokenization_nllb.py) that have one, by `host/iso639.py`."""
