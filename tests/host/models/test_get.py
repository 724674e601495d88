"""Getting a model from a real server over https: whole or not at all, resumed, checked, refused where it must be."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from model_server import TOKENS, WEIGHTS, Served, folder_of, getting, model, served, sha256, tiny

from host.app.models import get
from host.errors import (
    BackendMissingError,
    DiskFullError,
    DownloadError,
    LicenceError,
    ModelMissingError,
    UsageError,
)
from host.models import download
from host.models.model import ModelFile

ROOT = Path(__file__).parents[3]


def test_a_model_comes_whole_and_is_recorded(server, tmp_path):
    served(server)
    wanted = tiny(server, digest=sha256(WEIGHTS))
    folder, told = folder_of(tmp_path, wanted), []
    got = get(wanted, folder, on_bytes=lambda done, total: told.append((done, total)))
    assert got.installed.path == tmp_path / "data" / "models" / "tiny-en" / "tiny-en"
    assert (got.installed.path / "weights.onnx").read_bytes() == WEIGHTS
    assert (got.installed.path / "tokens.txt").read_bytes() == TOKENS
    assert folder.all() == [got.installed]
    assert [(f.size, f.named_by, f.digest) for f in got.files] == [
        (len(WEIGHTS), "catalogue", sha256(WEIGHTS)),
        (len(TOKENS), "nobody", ""),
    ]
    record = json.loads((tmp_path / "data/models/tiny-en/sidelight.json").read_text())
    assert record["files"][1]["sha256"] == sha256(TOKENS).removeprefix("sha256:")
    assert told[-1] == (wanted.size, wanted.size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert getting(tmp_path) == []
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "data" / "models").stat().st_mode) == 0o700


def test_a_download_that_is_cut_goes_on_in_the_same_run(server, tmp_path):
    served(server, cut_after=[200_000, 100_000])
    wanted = tiny(server, digest=sha256(WEIGHTS))
    get(wanted, folder_of(tmp_path, wanted))
    assert [asked[1:] for asked in server.asked[:3]] == [
        ("", ""),
        ("bytes=200000-", '"one"'),
        ("bytes=300000-", '"one"'),
    ]


def test_one_that_breaks_off_again_and_again_goes_on_with_the_next_run(server, tmp_path):
    weights = served(server, cut_after=[300_000, 0, 0, 0])
    wanted = tiny(server, digest=sha256(WEIGHTS))
    folder = folder_of(tmp_path, wanted)
    with pytest.raises(DownloadError, match="localhost broke off") as error:
        get(wanted, folder)
    assert (error.value.hint, error.value.retry) == ("Try again later; it goes on where it stopped", True)
    assert folder.all() == []
    assert weights.cut_after == []
    server.asked.clear()
    get(wanted, folder)
    assert server.asked[0] == ("/m/weights.onnx", "bytes=300000-", '"one"')
    assert (folder.find("tiny-en").path / "weights.onnx").read_bytes() == WEIGHTS


def test_a_file_that_changed_meanwhile_is_begun_anew(server, tmp_path):
    served(server, cut_after=[300_000, 0, 0, 0])
    folder = folder_of(tmp_path, tiny(server))
    with pytest.raises(DownloadError):
        get(tiny(server), folder)
    other = bytes(reversed(WEIGHTS))
    server.files["/m/weights.onnx"] = Served(other, tag='"two"')
    got = get(tiny(server), folder)
    assert (got.installed.path / "weights.onnx").read_bytes() == other


@pytest.mark.parametrize("how", [{"ranges": False}, {"tag": ""}, {"tag": 'W/"weak"'}])
def test_a_server_that_cannot_go_on_is_asked_for_the_whole(server, tmp_path, how):
    served(server, cut_after=[300_000], **how)
    wanted = tiny(server, digest=sha256(WEIGHTS))
    get(wanted, folder_of(tmp_path, wanted))
    assert len([a for a in server.asked if a[0] == "/m/weights.onnx"]) == 2


def test_a_silent_server_is_left(server, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "STALL_TIMEOUT_S", 0.2)
    served(server, stall_after=[100_000, 0, 0, 0])
    with pytest.raises(DownloadError, match=r"localhost sent nothing for 0\.2 s") as error:
        get(tiny(server), folder_of(tmp_path, tiny(server)))
    assert error.value.retry


def test_a_wrong_digest_is_not_kept(server, tmp_path):
    served(server)
    wanted = tiny(server, digest=sha256(b"something else"))
    folder = folder_of(tmp_path, wanted)
    with pytest.raises(DownloadError, match=r"weights\.onnx is not the file that the catalogue names") as error:
        get(wanted, folder)
    assert "Get it again" in error.value.hint
    assert folder.all() == []
    assert not [name for name in getting(tmp_path) if name.endswith("weights.onnx")]


def test_the_publisher_s_own_digest_is_read_and_recorded(server, tmp_path):
    weights = served(server)
    weights.headers = {"X-Linked-Etag": f'"{sha256(WEIGHTS).removeprefix("sha256:")}"'}
    got = get(tiny(server), folder_of(tmp_path, tiny(server)))
    assert (got.files[0].named_by, got.files[0].digest) == ("publisher", sha256(WEIGHTS))
    weights.headers = {"X-Linked-Etag": f'"{"0" * 64}"'}
    other = tiny(server, name="other")
    with pytest.raises(DownloadError, match="is not the file that the publisher names"):
        get(other, folder_of(tmp_path, other))


def test_the_digest_of_the_first_of_two_servers_is_kept(server, tmp_path):
    """As the Hugging Face Hub does it: its answer names the digest, and sends on to where the file is."""
    served(server)
    server.files["/hub/weights.onnx"] = Served(
        b"", status=302, location="/m/weights.onnx?sig=a%2Fb",
        headers={"X-Linked-Etag": sha256(WEIGHTS).removeprefix("sha256:")},
    )  # fmt: skip
    file = ModelFile(f"{server.url}/hub/weights.onnx", "tiny-en/weights.onnx", len(WEIGHTS))
    got = get(model(file), folder_of(tmp_path, model(file)))
    assert got.files[0].named_by == "publisher"
    assert server.asked[-1][0] == "/m/weights.onnx?sig=a%2Fb"


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("http://localhost/weights.onnx", "localhost would be asked without https, which is refused"),
        ("file:///etc/passwd", "would be asked without https"),
        ("/loop", "localhost sends requests on and on"),
        ("https://[nowhere", r"localhost sends us to 'https://\[nowhere', which is no address"),
        ("https://localhost:70000/x", "'https://localhost:70000/x' is no address"),
    ],
)
def test_redirects_lead_nowhere_else(server, tmp_path, location, says):
    server.files["/m/weights.onnx"] = Served(b"", status=302, location=location)
    server.files["/loop"] = Served(b"", status=307, location="/loop")
    with pytest.raises(DownloadError, match=says):
        get(tiny(server), folder_of(tmp_path, tiny(server)))


@pytest.mark.parametrize("length", [10, len(WEIGHTS) - 1])
def test_a_file_that_is_longer_than_it_may_be(server, tmp_path, length):
    served(server)
    wanted = tiny(server, size=10_000)
    with pytest.raises(DownloadError, match=r"weights\.onnx has 700,000 bytes on the server, and at most 76,136"):
        get(wanted, folder_of(tmp_path, wanted))
    served(server, length=length)  # fewer bytes than there are
    wanted = tiny(server, digest=sha256(WEIGHTS))
    with pytest.raises(DownloadError, match="is not the file that the catalogue names"):
        get(wanted, folder_of(tmp_path, wanted))


def test_a_file_that_is_shorter_than_is_said(server, tmp_path):
    served(server, length=len(WEIGHTS) + 5)
    with pytest.raises(DownloadError, match="localhost answered with another part of the file"):
        get(tiny(server), folder_of(tmp_path, tiny(server)))


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (403, "does not give '/m/weights.onnx' to anybody"),
        (404, "has no '/m/weights.onnx' any more"),
        (503, "answered 503"),
    ],
)
def test_a_server_that_refuses(server, tmp_path, status, says):
    served(server, status=status)
    with pytest.raises(DownloadError, match=f"localhost {says}"):
        get(tiny(server), folder_of(tmp_path, tiny(server)))


def test_a_stranger_s_certificate_is_refused(server, tmp_path, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    served(server)
    with pytest.raises(DownloadError, match="the certificate of localhost is not trusted"):
        get(tiny(server), folder_of(tmp_path, tiny(server)))
    assert server.asked == []


def test_without_a_network(tmp_path):
    file = ModelFile("https://nobody.invalid/weights.onnx", "tiny-en/weights.onnx", 10)
    with pytest.raises(DownloadError, match=r"there is no computer named nobody\.invalid in reach") as error:
        get(model(file), folder_of(tmp_path, model(file)))
    assert "--from" in error.value.hint
    assert not list(tmp_path.rglob("tiny-en"))  # nothing came, so nothing is to be gone on with


def test_a_full_disk_is_found_out_before(server, tmp_path, free_bytes):
    free_bytes(1_000_000)
    with pytest.raises(DiskFullError, match=r"no room on the disk for tiny-en: it needs \d+ MB of 1 MB free"):
        get(tiny(server), folder_of(tmp_path, tiny(server)))
    assert server.asked == []


def test_a_disk_that_fills_up_meanwhile_keeps_what_came(server, tmp_path):
    """A limit on the size of files stands for the full disk: the system refuses the write."""
    served(server)
    code = f"""
import resource, signal, sys
sys.path[:0] = [{str(ROOT / "tests")!r}, {str(ROOT)!r}]
from pathlib import Path
from model_server import folder_of, model
from host.app.models import get
from host.models.model import ModelFile
wanted = model(ModelFile({server.url + "/m/weights.onnx"!r}, "tiny-en/weights.onnx", 700000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300000, 300000))
try:
    get(wanted, folder_of(Path({str(tmp_path)!r}), wanted))
except Exception as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    assert done.stdout.startswith("StoreError cannot use "), done.stderr
    wanted = model(ModelFile(f"{server.url}/m/weights.onnx", "tiny-en/weights.onnx", 700_000, sha256(WEIGHTS)))
    get(wanted, folder_of(tmp_path, wanted))
    assert server.asked[-1][1].startswith("bytes=")


def test_a_licence_without_commerce_is_accepted_or_nothing_is_asked(server, tmp_path):
    served(server)
    wanted = tiny(server, commercial=False, licence="CC-BY-NC-4.0")
    folder = folder_of(tmp_path, wanted)
    with pytest.raises(
        LicenceError, match=r"tiny-en is not for commercial use, or not certainly: CC-BY-NC-4\.0"
    ) as error:
        get(wanted, folder)
    assert error.value.hint == "Read it, then: sidelight models get tiny-en --accept-licence"
    assert server.asked == []
    assert get(wanted, folder, accepted=True).installed.model is wanted


def test_a_mirror_has_hosts_and_paths_below_it(server, tmp_path):
    file = ModelFile("https://models.example/a/weights.onnx", "tiny-en/weights.onnx", len(WEIGHTS))
    server.files["/copies/models.example/a/weights.onnx"] = Served(WEIGHTS)
    folder = folder_of(tmp_path, model(file))
    assert get(model(file), folder, mirror=f"{server.url}/copies/").files[0].url.startswith(server.url)
    with pytest.raises(UsageError, match=r"models\.mirror is no https address: 'http://mirror'"):
        get(model(file), folder, mirror="http://mirror")
    with pytest.raises(DownloadError, match="is no address") as error:
        get(model(file), folder, mirror="https://[mirror")
    assert "models.mirror" in error.value.hint


def test_a_folder_has_the_files_without_a_network(tmp_path):
    source = tmp_path / "usb"
    (source / "tiny-en").mkdir(parents=True)
    (source / "tiny-en" / "weights.onnx").write_bytes(WEIGHTS)
    address = "https://nobody.invalid/m"
    files = [ModelFile(f"{address}/{name}", f"tiny-en/{name}", size, digest) for name, size, digest in (
        ("weights.onnx", len(WEIGHTS), sha256(WEIGHTS)), ("tokens.txt", len(TOKENS), ""))]  # fmt: skip
    wanted = model(*files)
    folder = folder_of(tmp_path, wanted)
    with pytest.raises(ModelMissingError, match=r"there is no tokens\.txt in '.*usb'") as error:
        get(wanted, folder, source=source)
    assert error.value.hint == "tiny-en needs weights.onnx, tokens.txt"
    (source / "tokens.txt").write_bytes(TOKENS)
    got = get(wanted, folder, source=source)
    assert [f.url for f in got.files] == [str(source / "tiny-en" / "weights.onnx"), str(source / "tokens.txt")]
    (source / "tiny-en" / "weights.onnx").write_bytes(WEIGHTS[:-1] + b"x")
    with pytest.raises(DownloadError, match="is not the file that the catalogue names"):
        get(wanted, folder, source=source)
    assert (folder.find("tiny-en").path / "weights.onnx").read_bytes() == WEIGHTS
    with pytest.raises(UsageError, match="there is no folder"):
        get(wanted, folder, source=tmp_path / "nowhere")


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_killed_in_the_middle(server, tmp_path):
    served(server, stall_after=[400_000])
    code = f"""
import sys
sys.path[:0] = [{str(ROOT / "tests")!r}, {str(ROOT)!r}]
from pathlib import Path
from model_server import folder_of, model
from host.app.models import get
from host.models.model import ModelFile
wanted = model(ModelFile({server.url + "/m/weights.onnx"!r}, "tiny-en/weights.onnx", 700000))
get(wanted, folder_of(Path({str(tmp_path)!r}), wanted), on_bytes=lambda done, _: print(done, flush=True))
"""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=os.environ)
    for line in child.stdout:
        if int(line) >= 400_000:
            break
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    server.silent.set()
    wanted = model(ModelFile(f"{server.url}/m/weights.onnx", "tiny-en/weights.onnx", 700_000, sha256(WEIGHTS)))
    folder = folder_of(tmp_path, wanted)
    assert folder.all() == []
    get(wanted, folder)
    assert server.asked[-1][1].startswith("bytes=")
    assert (folder.find("tiny-en").path / "weights.onnx").read_bytes() == WEIGHTS


def test_a_part_of_a_copy_is_not_taken_for_the_file(server, tmp_path):
    """Of the files that came before a failure one is copied over, by a call with a folder that is killed meanwhile."""
    served(server)
    server.files["/m/tokens.txt"].status = 404
    wanted = tiny(server)  # no digest would tell
    folder = folder_of(tmp_path, wanted)
    with pytest.raises(DownloadError):
        get(wanted, folder)
    (came,) = (folder.root / ".getting").rglob("weights.onnx")
    came.write_bytes(WEIGHTS[:1000])
    served(server)
    assert (get(wanted, folder).installed.path / "weights.onnx").read_bytes() == WEIGHTS


def test_what_cannot_be_checked_is_not_downloaded(server, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "google_crc32c", None)
    served(server)
    wanted = tiny(server, digest="crc32c:AAAAAA==")
    with pytest.raises(BackendMissingError, match="checking this model needs google-crc32c") as error:
        get(wanted, folder_of(tmp_path, wanted))
    assert error.value.hint == "Install it: pip install 'sidelight[moonshine]'"
    assert server.asked == []
    with pytest.raises(BackendMissingError):  # before a licence is asked for
        get(tiny(server, digest="crc32c:AAAAAA==", commercial=False), folder_of(tmp_path, wanted))


def test_pickles_are_refused(server, tmp_path):
    server.files["/model.ckpt"] = Served(WEIGHTS)
    wanted = model(ModelFile(f"{server.url}/model.ckpt", "tiny-en/model.ckpt", len(WEIGHTS)))
    with pytest.raises(DownloadError, match="a format that can run code"):
        get(wanted, folder_of(tmp_path, wanted))
