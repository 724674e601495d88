"""The configuration file, changed by a program: what its owner wrote there, comments too, stays as it is.

The new file takes the place of the old one in one step, so that whoever is interrupted has the one or the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from host.config import checked
from host.store.private import explained, make_private_folder, write_private_file

__all__ = ["change"]


def change(file: Path, values: Mapping[str, object]) -> None:
    """Set these keys in the file, which is made if it is not there; all others stay.

    Args:
        file: the configuration file; if there is one, `config.load` can read it.
        values: by key, `table.name` for those in a table.

    Raises:
        UsageError: a value that is not allowed; nothing is written.
        StoreError: it cannot be written; what was there before is there still.
    """
    import tomlkit  # noqa: PLC0415 - imported when used
    from tomlkit.items import AbstractTable  # noqa: PLC0415

    wanted = {key: checked(key, value) for key, value in values.items()}
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    document = tomlkit.parse(before)
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
            write_private_file(file, after.encode(), replace=True)
