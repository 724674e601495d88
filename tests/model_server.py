"""An https server on 127.0.0.1 with an authority of its own, that serves files and misbehaves when told to."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import ipaddress
import random
import re
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from local_server import Handler, LocalServer

from host.models.installed import ModelFolder
from host.models.model import Model, ModelFile

WEIGHTS = random.Random(1).randbytes(700_000)
TOKENS = b"a 0\nb 1\n"
SIZE = len(WEIGHTS)


@dataclass
class Served:
    """A file, and how it is served."""

    content: bytes
    tag: str = '"one"'
    ranges: bool = True
    cut_after: list[int] = field(default_factory=list)  # bytes after which each next answer breaks off
    stall_after: list[int] = field(default_factory=list)  # bytes after which each next answer falls silent
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    location: str = ""
    length: int | None = None  # what Content-Length says instead


class ModelServer(LocalServer):
    """`files` by path; `asked` holds (path, Range, If-Range) of each request."""

    def __init__(self, folder: Path) -> None:
        key, certificate = certificate_in(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        super().__init__(_Handler, context=context)
        self.files: dict[str, Served] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.authority = folder / "authority.pem"
        self.silent = threading.Event()

    @contextlib.contextmanager
    def running(self) -> Iterator[ModelServer]:
        with super().running():
            try:
                yield self
            finally:
                self.silent.set()


class _Handler(Handler):
    def respond(self) -> None:
        server = self.owner
        server.asked.append((self.path, self.headers["Range"] or "", self.headers["If-Range"] or ""))
        served = server.files.get(self.path.partition("?")[0])
        with contextlib.suppress(OSError):  # the client has gone
            self._send(served or Served(b"", status=404))

    def _send(self, served: Served) -> None:
        self.close_connection = True
        content, first = served.content, 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        if asked and served.ranges and self.headers["If-Range"] == served.tag:
            first = int(asked[1])
        status = served.status if served.status != 200 else 206 if first else 200
        self.send_response(status)
        body = content[first:] if status in (200, 206) else b""
        self.send_header("Content-Length", str(len(body) if served.length is None else served.length))
        if served.tag:
            self.send_header("ETag", served.tag)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        if served.location:
            self.send_header("Location", served.location)
        for name, value in served.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for ends, silent in ((served.stall_after, True), (served.cut_after, False)):
            if ends:
                self.wfile.write(body[: ends.pop(0)])
                if silent:
                    self.owner.silent.wait(20)
                return
        for at in range(0, len(body), 1 << 16):
            self.wfile.write(body[at : at + (1 << 16)])
            time.sleep(0)


def sha256(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def model(*files: ModelFile, name: str = "tiny-en", folder: str = "tiny-en", **about: object) -> Model:
    """A row of a catalogue."""
    told: dict = {
        "purpose": "transcribe",
        "backend": "sherpa",
        "languages": ("en",),
        "licence": "MIT",
        "source": "here",
    }
    return Model(name=name, folder=folder, files=files, **(told | about))


def folder_of(path: Path, *models: Model) -> ModelFolder:
    """A folder of models with a catalogue of its own."""
    return ModelFolder(path / "data", {m.name: m for m in models})


def served(server: ModelServer, **how: object) -> Served:
    """Weights, served in that way, and tokens."""
    server.files["/m/weights.onnx"] = Served(WEIGHTS, **how)
    server.files["/m/tokens.txt"] = Served(TOKENS, tag="")
    return server.files["/m/weights.onnx"]


def tiny(server: ModelServer, *, digest: str = "", size: int = SIZE, **about: object) -> Model:
    """The row of the model that `served` serves."""
    weights = ModelFile(f"{server.url}/m/weights.onnx", "tiny-en/weights.onnx", size, digest)
    return model(weights, ModelFile(f"{server.url}/m/tokens.txt", "tiny-en/tokens.txt", len(TOKENS)), **about)


def getting(tmp_path: Path) -> list[str]:
    """What there is of unfinished downloads."""
    folder = tmp_path / "data" / "models" / ".getting"
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")


def certificate_in(folder: Path) -> tuple[Path, Path]:
    """Key and certificate for localhost, of an authority whose own is in `authority.pem`."""
    now = dt.datetime.now(dt.UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])

    def signed(subject: x509.Name, public: object, *, is_authority: bool) -> x509.Certificate:
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(root_key, hashes.SHA256())
        )

    pem = serialization.Encoding.PEM
    root = signed(root_name, root_key.public_key(), is_authority=True)
    (folder / "authority.pem").write_bytes(root.public_bytes(pem))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    (folder / "server.pem").write_bytes(signed(name, key.public_key(), is_authority=False).public_bytes(pem))
    (folder / "server.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "server.key", folder / "server.pem"
