"""Records that all readers share, one per scan, and the masks that are made of them once they are finished."""

import copy
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vhi.io.errors import InputError
from vhi.io.images import read_grid, read_mask, write_labels
from vhi.reading_room.made import read_made, write_made
from vhi.reading_room.store import Store


@dataclass(frozen=True)
class Drawn:
    """A scan on which people draw or agree.

    Attributes
    ----------
    scan : str
    grid : str
        File of the image on whose grid the mask is written.
    named : str
        What the record stands on: the mask that scans.tsv names at present, or ""; of a consensus, which readings.
    slice_axis : int or None
        As in `images.read_scan`.
    """

    scan: str
    grid: str
    named: str
    slice_axis: int | None = None


class Maker(Store):
    """The records of one task.

    Parameters
    ----------
    folder : Path
        ``<records>/<task>``; made where it is missing, and locked until the process ends.
    packs : dict of str
        Current pack id by code.
    schema : dict
        Of a record.
    scans : dict of Drawn
        By code.

    Raises
    ------
    InputError
        If another process serves this task.

    Notes
    -----
    A row of ``made.tsv`` stands there only while record and mask are finished and written. It is taken out before the record is
    replaced and put back after the mask is written, so that a kill at any moment leaves no row of another mask.
    """

    def __init__(self, folder: Path, packs: dict[str, str], schema: dict, scans: dict[str, Drawn]):
        super().__init__(folder, packs, schema)
        self.scans, self.reader = scans, ""
        self.names = {code: drawn.scan for code, drawn in scans.items()}
        made = {row["scan"] for row in self._made()}
        for code, state in self.states().items():  # finished, but the process was killed before the mask was written
            if state == "finished" and scans[code].scan not in made:
                self._make(code)
            elif scans[code].scan not in made:
                self.also(scans[code].scan, None)

    def by(self, reader: str) -> "Maker":
        """Give the same store as one reader writes to it."""
        of_reader = copy.copy(self)
        of_reader.reader = reader
        return of_reader

    @abstractmethod
    def check(self, code: str, record: dict) -> None:
        """Raise `InputError` where a record is of the right form and yet none."""

    @abstractmethod
    def mask_of(self, code: str, record: dict) -> np.ndarray | None:
        """Give the (slices, rows, columns) labels of a finished record; None where it makes no mask."""

    def also(self, scan: str, record: dict | None) -> None:
        """Write what else is made of a finished record, or take it out where there is none."""

    def write(self, code: str, content: bytes, seen: str) -> str:
        """Store a record as `Store.write` does; with a finished one, write its mask and enter it in ``made.tsv``.

        Raises
        ------
        InputError
            As `check`.
        """
        record = self._of_pack(code, content, self._last)
        self.check(code, record)
        revision = super().write(code, content, seen)
        if record["finished"] is not None and self.scans[code].scan not in {row["scan"] for row in self._made()}:
            self._make(code)
        return revision

    def _replace(self, code: str, path: Path, content: bytes) -> None:
        rows, scan = self._made(), self.scans[code].scan
        if any(row["scan"] == scan for row in rows):
            self._write_made([row for row in rows if row["scan"] != scan])
            self.also(scan, None)
        super()._replace(code, path, content)

    def _make(self, code: str) -> None:
        """Write the mask of a finished record, if it is another than the one that is there, and enter it."""
        record, drawn = self.read(code), self.scans[code]
        path, mask = self.folder / f"{drawn.scan}.nii.gz", self.mask_of(code, record)
        if mask is not None:
            grid = read_grid(drawn.grid, drawn.slice_axis)
            if list(grid.volume.shape) != record["grid"]:
                raise InputError(f"{drawn.grid}: expected a grid of {record['grid']}, found {list(grid.volume.shape)}")
            there = path.is_file() and read_mask(path, (0, 1, 2), drawn.slice_axis).volume
            if not np.array_equal(there, mask):
                write_labels(path, mask, like=grid)  # the same mask keeps its file, so that nothing is made again
        self.also(drawn.scan, record)
        row = {"scan": drawn.scan, "mask": path.name if mask is not None else "", "reader": self.reader}
        row |= {"made": record["finished"], "named": drawn.named}
        row |= {"rating": record.get("rating") or "", "note": " ".join(record["notes"].split())}
        self._write_made([*(old for old in self._made() if old["scan"] != drawn.scan), row])

    def _made(self) -> list[dict]:
        return read_made(self.folder.parent, self.folder.name)

    def _write_made(self, rows: list[dict]) -> None:
        write_made(self.folder.parent, self.folder.name, rows)
