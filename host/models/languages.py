"""The languages of models that know many; pure."""

from __future__ import annotations

from typing import Final

__all__ = ["WHISPER"]

_CODES: Final = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la "
    "mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be "
    "tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt ln ha ba jw su"
)

WHISPER: Final = tuple(_CODES.split())
"""Those of Whisper's tokens (openai/whisper, tokenizer.py), but for "haw" and "yue", which are not ISO 639-1."""
