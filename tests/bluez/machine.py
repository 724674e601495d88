"""A virtual machine with Debian's own kernel, the root of this computer (read only) and one program in it.

What it takes: QEMU (no KVM: everything is emulated), a static busybox, and a kernel, which is only unpacked, never
installed. What the program writes goes to the machine's memory and ends with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import lzma
import os
import platform
import re
import shlex
import shutil
import struct
import subprocess
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEMORY_MIB: Final = 1024
# Without the guards against hostile programs and the self-tests of ciphers an emulated processor is twice as fast.
KERNEL_ARGUMENTS: Final = "console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests"

# In the order of their need; what they depend on comes before them.
MODULES: Final = (
    "virtio_pci",
    "virtio_console",
    "9pnet_virtio",
    "9p",
    "overlay",
    "drbg",  # random numbers for the elliptic curve, without which Bluetooth has no secure pairing
    "hci_vhci",
    "cmac",  # pairing derives its keys with it
    "algif_hash",  # bluetoothd: whether a device's services have changed
    "algif_skcipher",
)

_BUILT_IN: Final = "modules.builtin"
_FOLDERS: Final = ("bin", "dev", "host", "memory", "modules", "proc", "root", "sys")
_PACKAGES: Final = {
    "qemu-system-x86_64": "qemu-system-x86",
    "busybox": "busybox-static",
    "dbus-daemon": "dbus",
    "bluetoothctl": "bluez",
}

_INIT: Final = """#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
for module in $($b cat /modules/order); do $b insmod /modules/$module || $b echo "cannot load $module"; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /host
$b mount -t tmpfs memory /memory
$b mkdir /memory/upper /memory/work
$b mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work root /root
for folder in proc sys dev; do $b mount --move /$folder /root/$folder; done
$b mount -t tmpfs run /root/run
$b ip link set lo up
$b chroot /root /bin/sh -c "$($b cat /command)"
$b reboot -f
"""


class MissingError(Exception):
    """Something that the virtual machine is made of is not here; the text says what to do."""


@dataclass(frozen=True)
class Kernel:
    """A kernel, and the modules it needs in the order they are loaded."""

    version: str
    image: Path
    modules: tuple[Path, ...]


def check_programs() -> None:
    """Whether all programs are here.

    Raises:
        MissingError: not all are.
    """
    if platform.machine() != "x86_64":
        raise MissingError(f"the machine is an x86-64 one, the programs of this computer are {platform.machine()}")
    missing = [package for program, package in _PACKAGES.items() if shutil.which(program) is None]
    if missing:
        raise MissingError(f"not installed: apt-get install --no-install-recommends {' '.join(missing)}")


def find_kernel() -> Kernel:
    """The newest Debian kernel with virtual Bluetooth that is installed or in the cache.

    Raises:
        MissingError: there is none.
    """
    for root in (Path("/"), _cache_folder()):
        for image in sorted(root.glob("boot/vmlinuz-*"), reverse=True):
            with contextlib.suppress(MissingError):
                return _kernel(root, image)
    raise MissingError("no kernel of Debian's here; `python -m tests.bluez` downloads one (70 MB) and keeps 12 MB")


def find_or_fetch_kernel() -> Kernel:
    """A kernel that is here, or Debian's: downloaded with apt, and what the machine needs of it kept in the cache.

    Raises:
        MissingError: apt cannot get it.
    """
    with contextlib.suppress(MissingError):
        return find_kernel()
    asked = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True, check=False)
    package = re.search(r"Depends: (linux-image-\S+)", asked.stdout)
    if package is None:
        raise MissingError("apt knows no linux-image-amd64; run `apt-get update` first")
    with tempfile.TemporaryDirectory(prefix="sidelight-kernel-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # apt downloads as another user
        command = ["apt-get", "download", "--quiet", package[1]]
        got = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        archive = next(folder.glob("*.deb"), None)
        if got.returncode != 0 or archive is None:
            raise MissingError(f"apt cannot download {package[1]}: {got.stderr.strip()}")
        subprocess.run(["dpkg-deb", "--extract", archive, folder / "all"], check=True)
        kernel = _kernel(folder / "all", next((folder / "all").glob("boot/vmlinuz-*")))
        built_in = folder / "all/lib/modules" / kernel.version / _BUILT_IN
        for path in (
            *kernel.modules,
            built_in,
            kernel.image,
        ):  # the image last: with it, a kernel counts as being there
            kept = _cache_folder() / path.relative_to(folder / "all")
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, kept)
    return find_kernel()


@contextlib.asynccontextmanager
async def running(
    kernel: Kernel, command: list[str], folder: Path, ports: dict[str, Path]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The machine, running one command in this working folder; it ends with the command, or here.

    Args:
        kernel: what it starts.
        command: what it runs, as root.
        folder: a temporary folder; its `console.log` gets all that is said in the machine.
        ports: `/dev/virtio-ports/NAME` there is a connection to this Unix socket here.
    """
    vmlinux, archive = folder / "vmlinux", folder / "initramfs.gz"
    vmlinux.write_bytes(_unpacked_kernel(kernel.image.read_bytes()))
    archive.write_bytes(_initramfs(kernel, f"cd {shlex.quote(str(Path.cwd()))} && exec {shlex.join(command)}"))
    share = "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"
    sockets = []
    for name, path in ports.items():
        sockets += ["-chardev", f"socket,id={name},path={path}"]
        sockets += ["-device", f"virtserialport,chardev={name},name={name}"]
    # fmt: off
    qemu = [
        "qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-cpu", "max", "-m", str(MEMORY_MIB),
        "-nodefaults", "-no-user-config", "-display", "none", "-net", "none", "-no-reboot",
        "-kernel", str(vmlinux), "-initrd", str(archive), "-append", KERNEL_ARGUMENTS,
        "-virtfs", share, "-serial", f"file:{folder / 'console.log'}", "-device", "virtio-serial", *sockets,
    ]
    # fmt: on
    machine = await asyncio.create_subprocess_exec(*qemu, stdin=subprocess.DEVNULL)
    try:
        yield machine
    finally:
        with contextlib.suppress(ProcessLookupError):
            machine.kill()
        await machine.wait()


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "sidelight-tests"


def _kernel(root: Path, image: Path) -> Kernel:
    version = image.name.removeprefix("vmlinuz-")
    folder = root / "lib/modules" / version
    found = {_module_name(path): path for path in folder.rglob("*.ko*")}
    listed = folder / _BUILT_IN
    built_in = {_module_name(Path(line)) for line in listed.read_text().split()} if listed.exists() else set()
    order: dict[str, Path] = {}

    def add(name: str) -> None:
        if name in order or name in built_in:
            return
        if name not in found:
            raise MissingError(f"kernel {version} has no {name}")
        for dependency in _dependencies(found[name]):
            add(dependency)
        order[name] = found[name]

    for name in MODULES:
        add(name)
    return Kernel(version, image, tuple(order.values()))


def _unpacked_kernel(image: bytes) -> bytes:
    """The kernel out of its self-unpacking file, which an emulated processor takes long to unpack by itself."""
    setup_sectors = image[0x1F1]  # Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length
    offset, length = struct.unpack_from("<II", image, 0x248)
    payload = image[(setup_sectors + 1) * 512 + offset :][:length]
    return lzma.LZMADecompressor().decompress(payload)


def _module_name(path: Path) -> str:
    return path.name.split(".")[0].replace("-", "_")


def _module_bytes(path: Path) -> bytes:
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def _dependencies(module: Path) -> list[str]:
    """From the module itself (its section .modinfo), so that no depmod has to have run."""
    said = re.search(rb"\0depends=([\w,-]*)\0", _module_bytes(module))
    return [name.replace("-", "_") for name in said[1].decode().split(",") if name] if said else []


def _initramfs(kernel: Kernel, command: str) -> bytes:
    busybox = shutil.which("busybox")
    assert busybox is not None
    files = {
        "init": (0o755, _INIT.encode()),
        "command": (0o644, command.encode()),
        "bin/busybox": (0o755, Path(busybox).read_bytes()),
        "modules/order": (0o644, " ".join(_module_name(path) for path in kernel.modules).encode()),
    }
    files |= {f"modules/{_module_name(path)}": (0o644, _module_bytes(path)) for path in kernel.modules}
    entries = [_cpio_entry(folder, 0o040755, b"") for folder in _FOLDERS]
    entries += [_cpio_entry(name, 0o100000 | mode, content) for name, (mode, content) in files.items()]
    entries.append(_cpio_entry("TRAILER!!!", 0, b""))
    return gzip.compress(b"".join(entries), compresslevel=1)


def _cpio_entry(name: str, mode: int, content: bytes) -> bytes:
    """One entry of an archive as Linux unpacks it (Documentation/driver-api/early-userspace/buffer-format.rst)."""
    raw_name = name.encode() + b"\0"
    inode = 0
    fields = (inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(raw_name), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + raw_name
    return _padded(head) + _padded(content)


def _padded(raw: bytes) -> bytes:
    return raw + bytes(-len(raw) % 4)
