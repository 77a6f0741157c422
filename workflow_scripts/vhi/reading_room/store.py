"""One reader's records on disk: what is acknowledged survives a kill at any moment, whole."""

import fcntl
import json
import os
from pathlib import Path

from vhi.errors import InputError
from vhi.reading_room.intake import parse_record

NONE = "none"
"""Revision of a reading of which nothing is stored."""


class ConflictError(Exception):
    """The stored record is not the one that the sender last saw."""


class Store:
    """The records of one reader.

    Parameters
    ----------
    folder : Path
        ``<records>/<reader>``; made where it is missing, and locked until the process ends.
    packs : dict of str
        Current pack id by code.
    schema : dict
        Of a record.

    Raises
    ------
    InputError
        If another process serves this reader.
    """

    def __init__(self, folder: Path, packs: dict[str, str], schema: dict):
        self.folder, self.packs, self.schema = Path(folder), packs, schema
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = open(self.folder / ".lock", "w")  # noqa: SIM115 (open as long as the process)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                f"{self.folder}: reader {self.folder.name} is being served already; end that first"
            ) from None
        for torn in self.folder.glob(".writing-*"):  # of a process that was killed
            torn.unlink()

    def path(self, code: str) -> Path:
        """Where the record of a reading is kept: as handed in, under any name, or ``<code>.json``."""
        for path in sorted(self.folder.glob("*.json")):
            try:
                if json.loads(path.read_bytes())["pack"] == self.packs[code]:
                    return path
            except (ValueError, KeyError, TypeError):
                continue
        return self.folder / f"{code}.json"

    def read(self, code: str) -> dict | None:
        """Give the stored record of a reading; None where there is none of its current pack."""
        path = self.path(code)
        if not path.is_file():
            return None
        record = parse_record(path.read_bytes(), self.schema)
        return record if record["pack"] == self.packs[code] else None

    def write(self, code: str, content: bytes, seen: str) -> str:
        """Store a record if the sender has seen the one that is stored.

        A stored record that the new one does not go on from is put aside first, never lost.

        Parameters
        ----------
        code : str
        content : bytes
            The record as JSON.
        seen : str
            Revision that the sender last saw, `NONE` for none.

        Returns
        -------
        str
            The new revision: the record's checksum.

        Raises
        ------
        InputError
            If it is no record of this pack.
        ConflictError
            If another one has been stored since.
        """
        record, stored = self._of_pack(code, content), self.read(code)
        if seen != (stored["checksum"] if stored else NONE):
            if stored and stored["checksum"] == record["checksum"]:
                return record["checksum"]  # sent twice, because the first answer was lost
            raise ConflictError
        path = self.path(code)
        if path.is_file() and (stored is None or stored["steps"] != record["steps"][: len(stored["steps"])]):
            self._set_aside(code, path.read_bytes())
        durable(path, content)
        return record["checksum"]

    def set_aside(self, code: str, content: bytes) -> None:
        """Keep a record that its reader gave up for another one."""
        self._of_pack(code, content)
        self._set_aside(code, content)

    def _of_pack(self, code: str, content: bytes) -> dict:
        record = parse_record(content, self.schema)
        if record["pack"] != self.packs[code]:
            raise InputError("the record belongs to another pack; load the page again")
        return record

    def _set_aside(self, code: str, content: bytes) -> None:
        taken = self.folder / "replaced"
        number = 1
        while (taken / f"{code}_{number}.json").exists():
            number += 1
        durable(taken / f"{code}_{number}.json", content)


def durable(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and on the disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.parent / f".writing-{os.getpid()}-{path.name}"
    with open(beside, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
