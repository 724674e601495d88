"""The configuration file, changed by a program: what its owner wrote there, comments too, stays as it is.

The new file takes the place of the old one in one step, so that whoever is interrupted has the one or the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from host.config import checked
from host.errors import UsageError
from host.store.private import explained, make_private_folder, write_private_file

__all__ = ["change"]


def change(file: Path, values: Mapping[str, object]) -> None:
    """Set these keys in the file, which is made if it is not there; all others stay.

    Args:
        file: the configuration file, or a link to it.
        values: by key, `table.name` for those in a table.

    Raises:
        UsageError: a value that is not allowed, or a file that cannot be read; nothing is written.
        StoreError: it cannot be written; what was there before is there still.
    """
    import tomlkit  # noqa: PLC0415 - imported when used
    from tomlkit.items import AbstractTable  # noqa: PLC0415

    wanted = {key: checked(key, value) for key, value in values.items()}
    place = file.resolve()  # where a link leads is changed: the link itself is its owner's
    try:
        before = place.read_text(encoding="utf-8-sig") if place.exists() else ""
        document = tomlkit.parse(before)
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot change the configuration {file}: {error}", "Mend the file or remove it") from error
    for key, value in wanted.items():
        table, _, name = key.rpartition(".")
        if not table:
            document[name] = value
            continue
        inside = document.get(table)
        if isinstance(inside, AbstractTable):
            inside[name] = value
        else:
            document[table] = {name: value}
    after = tomlkit.dumps(document)
    if after != before:
        make_private_folder(file.parent)
        with explained(f"the configuration {file}"):
            write_private_file(place, after.encode(), replace=True)
