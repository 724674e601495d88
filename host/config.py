"""What can be set, and where it comes from: a TOML file, then SIDELIGHT_* in the environment, then flags.

Every setting is one field of `Settings`: its type, range, default and help stand there and nowhere else. An unknown
key or a bad value is a `UsageError` that names file, line and the nearest known key. Keys of servers are not
settings: they are read from the environment or a keyring only, and one found in the file is an error.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from host.assistant.bindings import BINDABLE, Gesture
from host.currencies import country_code, currency_code
from host.errors import UsageError
from host.languages import language_code
from host.setting import ENVIRONMENT_PREFIX, Setting, allowed
from host.suggest import nearest, suggestion

__all__ = ["Setting", "Settings", "checked", "given", "load", "setting"]

# Variables of ours that are no settings: where everything is kept, and the secret that must not be in a file.
_ENGINES = ("LIBRETRANSLATE", "LLM", "OPENAI", "TRANSLATE", "VISION")
_KEYS = tuple(f"SIDELIGHT_{name}_API_KEY" for name in _ENGINES)
_OTHER_VARIABLES = frozenset({"SIDELIGHT_HOME", *_KEYS})

_SECRET_NAMES = re.compile(r"(^|[._-])(api[_-]?)?(key|token|secret|password)$", re.IGNORECASE)
_SECRET_VALUES = re.compile(r"^(sk|pk|hf|gsk)[-_][A-Za-z0-9_-]{16,}$")


def _one_language(text: str) -> str:
    """As `language_code`, but none that is to be found out."""
    code = language_code(text)
    if code == "auto":
        raise UsageError("no language can be found out for what is not yet written", "Name it, such as es or Spanish")
    return code


def _option(default: Any, key: str, text: str, **limits: Any) -> Any:
    metadata = {"setting": Setting(key=key, help=text, default=default, **limits)}
    return field(default=default, metadata=metadata)


def _bound(default: str, key: str, text: str) -> Any:
    return _option(default, key, text, choices=BINDABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, with its default."""

    glasses: str = _option(
        "ble:", "glasses", "which glasses: ble:, ble:NAME, emulator:frame?mic=FILE, replay:FILE, none"
    )
    transcriber: str = _option(
        "auto",
        "transcriber",
        "speech recogniser: moonshine, sherpa, whisper, openai, pocketsphinx; auto takes the best that is ready",
    )
    model: str = _option(
        "",
        "model",
        "the recogniser's model: a name that models list shows, or a folder; else one that is here is taken",
    )
    language: str = _option(
        "en",
        "language",
        "language being spoken, such as en, en-US or English; auto: whisper and openai recognise it",
        read=language_code,
    )
    currency: str = _option(
        "", "currency", "your own currency, such as EUR: prices are converted to it", read=currency_code
    )
    price_country: str = _option(
        "",
        "price.country",
        "country of the shops, such as NO or JP: tells their currency, and how prices are written there",
        read=country_code,
        word="country",
    )
    price_shop: str = _option("", "price.shop", "the shop's name, kept with the prices that are read", word="shop")
    price_online: bool = _option(
        default=False,
        key="price.online",
        text="ask Open Food Facts and Open Prices about barcodes; they learn which",
        word="online",
    )
    price_fresh_rates: bool = _option(
        default=False,
        key="price.fresh_rates",
        text="get exchange rates from the European Central Bank once a day; else those that came with the program",
        word="fresh-rates",
    )
    price_products_url: str = _option(
        "https://world.openfoodfacts.org", "price.products_url", "server of Open Food Facts, or a copy of it"
    )
    price_prices_url: str = _option(
        "https://prices.openfoodfacts.org", "price.prices_url", "server of Open Prices, or a copy of it"
    )
    price_rates_url: str = _option(
        "https://www.ecb.europa.eu", "price.rates_url", "server of the exchange rates, or a copy of it"
    )
    speakers: str = _option(
        "auto",
        "speakers",
        "auto: tell voices apart where a model for it is here; off: do not",
        choices=("auto", "off"),
    )
    speaker_model: str = _option(
        "",
        "speaker_model",
        "the model that tells voices apart: a name that models list shows, or a file",
    )
    keep_audio: bool = _option(
        default=False, key="keep_audio", text="keep the sound too, as FLAC beside the transcript"
    )
    audio_rate_hz: int = _option(
        16000,
        "audio.rate_hz",
        "samples a second from the glasses; 16000 is recognised far better",
        choices=(16000, 8000),
    )
    audio_bits: int = _option(
        16, "audio.bits", "bits a sample from the glasses; lowered by itself on a slow radio", choices=(16, 8)
    )
    audio_device: str = _option(
        "", "audio.device", "which microphone of this computer --audio mic uses: a part of its name, or its number"
    )
    captions_lines: int = _option(3, "captions.lines", "lines of captions on the lens, 1 to 3", minimum=1, maximum=3)
    captions_size: str = _option(
        "normal",
        "captions.size",
        "large: two lines at most, further apart; letters of Frame's own font stand wider, all others are larger",
        choices=("normal", "large"),
    )
    captions_contrast: str = _option(
        "normal", "captions.contrast", "high: everything white, nothing dimmed", choices=("normal", "high")
    )
    web_address: str = _option(
        "", "web.address", "where --web serves the page: PORT or HOST:PORT; default: any port, this computer alone"
    )
    web_certificate: str = _option(
        "", "web.certificate", "TLS certificate (PEM), without which the page is for this computer alone"
    )
    web_key_file: str = _option("", "web.key_file", "its private key, where that is in a file of its own")
    run_dark_s: float = _option(
        30.0,
        "run.dark_s",
        "seconds without a change after which everyday mode switches the lens off; 0 is never",
        minimum=0.0,
    )
    captions_dark_after_s: float = _option(
        30.0, "captions.dark_after_s", "seconds of silence after which the lens goes dark; 0 is never", minimum=0.0
    )
    models_mirror: str = _option(
        "", "models.mirror", "https address of a copy of the servers that models come from, as MIRROR/HOST/PATH"
    )
    openai_base_url: str = _option(
        "", "openai.base_url", "server for --transcriber openai, such as http://localhost:8000/v1"
    )
    openai_model: str = _option("", "openai.model", "model to ask that server for")
    llm_base_url: str = _option(
        "", "llm.base_url", "server of a language model, such as http://localhost:11434/v1 (Ollama)"
    )
    llm_model: str = _option("", "llm.model", "language model to ask that server for")
    run_model: str = _option(
        "", "run.model", "model at llm.base_url that spoken words which are no command are given to; empty: none"
    )
    translator: str = _option(
        "auto",
        "translator",
        "what translates: openai, libretranslate, ctranslate2, apertium, phrasebook; auto takes the best that is ready",
    )
    translate_from: str = _option(
        "auto",
        "translate.from",
        "language of the text, such as en or English; auto finds it out",
        read=language_code,
        word="from",
    )
    translate_to: str = _option("", "translate.to", "language that it is translated to", read=_one_language, word="to")
    translate_glossary: str = _option(
        "", "translate.glossary", "TOML file with your own words, which win over any translator", word="glossary"
    )
    translate_original: bool = _option(
        default=True, key="translate.original", text="show the original below the translation", word="original"
    )
    translate_base_url: str = _option(
        "", "translate.base_url", "server for --translator openai, such as http://localhost:11434/v1 (Ollama)"
    )
    translate_model: str = _option("", "translate.model", "model to ask that server for, such as qwen-mt-flash")
    translate_folder: str = _option(
        "",
        "translate.folder",
        "name or folder of a model for --translator ctranslate2, or a folder of several; else those got by name",
    )
    libretranslate_url: str = _option(
        "", "libretranslate.url", "server for --translator libretranslate, such as http://localhost:5000"
    )
    reader: str = _option(
        "auto", "reader", "reader of text in photos: rapidocr, tesseract, openai; auto takes the best that is ready"
    )
    vision_base_url: str = _option(
        "", "vision.base_url", "server of a vision model for --reader openai, such as http://localhost:11434/v1"
    )
    vision_model: str = _option("", "vision.model", "vision model to ask that server for; it must take images")
    router: str = _option(
        "auto", "router", "what finds routes: valhalla, valhalla-http; auto takes the best that is ready"
    )
    navigate_map: str = _option(
        "",
        "navigate.map",
        "name of the map, as maps list shows it; else the one on which you are",
        word="map",
    )
    navigate_position: str = _option(
        "",
        "navigate.position",
        "where positions come from: gpsd:HOST:PORT, nmea:FILE, gpx:FILE, fixed:LAT,LON (docs/positions.md)",
        word="position",
    )
    navigate_mode: str = _option(
        "walk",
        "navigate.mode",
        "how you move; step-free is without stairs and escalators",
        choices=("walk", "bike", "step-free"),
        word="mode",
    )
    navigate_units: str = _option(
        "metric",
        "navigate.units",
        "of distances: metres, or feet and miles",
        choices=("metric", "imperial"),
        word="units",
    )
    navigate_language: str = _option(
        "en",
        "navigate.language",
        "language of what is told on the way, such as de or German",
        read=_one_language,
        word="language",
    )
    taps_single: str = _bound("front", "taps.single", "what one tap does; front: what is in front decides")
    taps_double: str = _bound("front", "taps.double", "what two taps do")
    taps_triple: str = _bound("menu", "taps.triple", "what three taps do")
    button_single: str = _bound("photo", "button.single", "what a click of Halo's button does")
    button_double: str = _bound("listen", "button.double", "what two clicks of it do")
    button_long: str = _bound("menu", "button.long", "what holding it for a second does")
    valhalla_url: str = _option("", "valhalla.url", "server for --router valhalla-http, such as http://localhost:8002")

    def bound(self, gesture: Gesture) -> str:
        """What a tap or a press does: an action, or what `host/assistant/bindings.py` has besides."""
        return str(getattr(self, _FIELDS[gesture]))


_FIELDS = {f.metadata["setting"].key: f.name for f in fields(Settings)}
_TABLE: dict[str, Setting] = {f.metadata["setting"].key: f.metadata["setting"] for f in fields(Settings)}


def setting(key: str) -> Setting:
    """The setting of that key. Raises KeyError."""
    return _TABLE[key]


def load(flags: Mapping[str, object], environment: Mapping[str, str], file: Path) -> Settings:
    """All settings: defaults, then the file, the environment and the flags, each overruling what came before.

    Args:
        flags: key to value, text or already of the right type.
        environment: variables; those that do not start with SIDELIGHT_ are ignored.
        file: the configuration file; it need not exist.

    Raises:
        UsageError: an unknown key, a bad value, a secret in the file, or a file that cannot be read.
    """
    values = given(environment, file)
    for key, value in flags.items():
        values[key] = allowed(_TABLE[key], value, _TABLE[key].flag)
    return Settings(**{_FIELDS[key]: value for key, value in values.items()})


def given(environment: Mapping[str, str], file: Path) -> dict[str, Any]:
    """What the file and the environment set, by key. Raises as `load`."""
    values: dict[str, Any] = {}
    for key, value, where in _from_file(file):
        values[key] = allowed(_known(key, where), value, where)
    for variable, text in sorted(environment.items()):
        if variable.startswith(ENVIRONMENT_PREFIX) and variable not in _OTHER_VARIABLES:
            wanted = _by_variable(variable)
            values[wanted.key] = allowed(wanted, text, variable)
    return values


def checked(key: str, value: object, where: str = "") -> Any:
    """The value in the type of that setting.

    Args:
        key: of the setting. Raises KeyError where there is none.
        value: text, or already of the right type.
        where: what named it, such as the flag, for the message; empty where whoever reads it knows.

    Raises:
        UsageError: it is not allowed.
    """
    return allowed(_TABLE[key], value, where)


def _from_file(file: Path) -> Iterator[tuple[str, object, str]]:
    """(key, value, where it stands) of everything in the file."""
    try:
        text = file.read_text(encoding="utf-8-sig")  # some editors on Windows begin a file with a mark
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the configuration {file}: {error}", "Mend the file or remove it") from error
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits, or brackets by the hundred
        raise UsageError(f"{file} is not TOML: {error}", "Mend that line") from error
    for name, value in content.items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        for part, item in inner:
            key = f"{name}.{part}" if part else name
            line = _line_of(key, text)
            where = f"{file}, line {line}" if line else str(file)
            if _SECRET_NAMES.search(key) or (isinstance(item, str) and _SECRET_VALUES.match(item)):
                raise UsageError(
                    f"{where}: an API key does not belong in this file",
                    f"Remove the line, and set {' or '.join(_KEYS)} in the environment",
                )
            yield key, item, where


def _line_of(key: str, text: str) -> int | None:
    """Number of the line that sets this key, from 1; None for the rarer spellings of TOML."""
    table, _, name = key.rpartition(".")
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([\w-]+)\s*\]", line):
            inside = header[1]
        elif assigned := re.match(r"\s*([\w-]+(?:\.[\w-]+)?)\s*=", line):
            spelt = f"{inside}.{assigned[1]}" if inside else assigned[1]
            if spelt == key or (table and spelt == table and re.search(rf"[{{,]\s*{re.escape(name)}\s*=", line)):
                return number
    return None


def _known(key: str, where: str) -> Setting:
    if key in _TABLE:
        return _TABLE[key]
    raise UsageError(f"{where}: unknown setting {key}{suggestion(key, _TABLE)}", f"Known are {', '.join(_TABLE)}")


def _by_variable(variable: str) -> Setting:
    variables = {s.variable: s for s in _TABLE.values()}
    if variable in variables:
        return variables[variable]
    # Without what all begin with, or any two would be alike.
    known = {name.removeprefix(ENVIRONMENT_PREFIX): name for name in (*variables, *_OTHER_VARIABLES)}
    near = nearest(variable.removeprefix(ENVIRONMENT_PREFIX), known)
    guess = f"; did you mean {known[near]}?" if near else ""
    raise UsageError(
        f"unknown environment variable {variable}{guess}", f"Unset it, or use one of {', '.join(variables)}"
    )
