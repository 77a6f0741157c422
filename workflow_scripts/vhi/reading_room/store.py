"""One reader's records on disk: what is acknowledged survives a kill at any moment, whole."""

import fcntl
import os
import time
from pathlib import Path

from vhi.io.errors import REFUSED, InputError
from vhi.io.files import replacing
from vhi.reading_room.intake import parse_head, parse_record, read_record

NONE = "none"
"""Revision of a reading of which nothing is stored."""

SETTLED_S = 2.0  # a file that changed less than this before it was read may change again within the same time stamp


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
        self.names: dict[str, str] = {}  # of files, by code, where that is not the code
        self._read: dict[Path, tuple[tuple, dict]] = {}  # what each file says, and the state of the file that said it
        self._last: dict | None = None  # the record that was stored last
        self._lock = open(self.folder / ".lock", "w")  # noqa: SIM115 (open as long as the process)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                f"{self.folder}: reader {self.folder.name} is being served already; end that first"
            ) from None
        for torn in self.folder.glob(".writing-*"):  # of a process that was killed
            torn.unlink()

    def path(self, code: str, heads: dict[Path, dict] | None = None) -> Path:
        """Where the record of a reading is kept: as handed in, under any name, or ``<code>.json``."""
        heads, named = self._heads() if heads is None else heads, self.folder / f"{self.names.get(code, code)}.json"
        return next((path for path, head in heads.items() if head["pack"] == self.packs[code]), named)

    def states(self) -> dict[str, str]:
        """Say by code how far each reading is: open, begun, finished, or why its record cannot be read.

        Each file is read once, and again only after it has changed.
        """
        heads = self._heads()
        return {code: _state(heads.get(self.path(code, heads), {}), pack) for code, pack in self.packs.items()}

    def read(self, code: str) -> dict | None:
        """Give the stored record of a reading; None where there is none of its current pack."""
        return self._stored(code, self.path(code))

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
        record = self._of_pack(code, content, self._last)
        path = self.path(code)
        try:
            stored = self._stored(code, path, record)
        except InputError:  # damaged on the disk: there is nothing to go on from, and it is put aside below
            stored, seen = None, NONE
        if seen != (stored["checksum"] if stored else NONE):
            if stored and stored["checksum"] == record["checksum"]:
                return record["checksum"]  # sent twice, because the first answer was lost
            raise ConflictError
        if path.is_file() and (stored is None or stored["steps"] != record["steps"][: len(stored["steps"])]):
            self._set_aside(code, path.read_bytes())
        self._replace(code, path, content)
        self._last = record
        return record["checksum"]

    def set_aside(self, code: str, content: bytes) -> None:
        """Keep a record that its reader gave up for another one."""
        self._of_pack(code, content)
        self._set_aside(code, content)

    def _replace(self, code: str, path: Path, content: bytes) -> None:
        durable(path, content)

    def _stored(self, code: str, path: Path, known: dict | None = None) -> dict | None:
        record = read_record(path, self.schema, known) if path.is_file() else None
        return record if record and record["pack"] == self.packs[code] else None

    def _of_pack(self, code: str, content: bytes, known: dict | None = None) -> dict:
        record = parse_record(content, self.schema, known)
        if record["pack"] != self.packs[code]:
            raise InputError("the record belongs to another pack; load the page again")
        return record

    def _set_aside(self, code: str, content: bytes) -> None:
        number = 1
        while (path := self.folder / "replaced" / f"{code}_{number}.json").exists():
            if path.read_bytes() == content:
                return  # by an earlier try that then failed
            number += 1
        durable(path, content)

    def _heads(self) -> dict[Path, dict]:
        """Give what each file says, in the order of their names; a file that has not changed is not read again."""
        files = {path: _stamp(path) for path in sorted(self.folder.glob("*.json")) if path.is_file()}
        heads = {}
        for path, stamp in files.items():
            old, head = self._read.get(path, (None, None))
            heads[path] = head if old == stamp else _head(path)
            settled = time.time_ns() - stamp[-1] > SETTLED_S * 1e9
            self._read[path] = (stamp if settled else None, heads[path])
        self._read = {path: self._read[path] for path in files}
        return heads


def _stamp(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _head(path: Path) -> dict:
    try:
        return parse_head(path.read_bytes())
    except OSError as error:
        return {"pack": None, "damage": REFUSED.get(error.errno, str(error))}


def _state(head: dict, pack: str) -> str:
    if "damage" in head:
        return f"its record cannot be read: {head['damage']}"
    if head.get("pack") != pack:
        return "open"
    return "finished" if head["finished"] else f"begun, {head['steps']} steps"


def durable(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and on the disk before this returns; an `OSError` names the file."""
    with replacing(path) as beside, open(beside, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
