"""Records and masks of the pages of marrow and region on disk: one per scan, whichever reader made it."""

import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vhi.cleaning.records import voxels_of
from vhi.io.errors import InputError
from vhi.io.images import read_grid, read_mask, write_labels
from vhi.reading_room.made import read_made, write_made
from vhi.reading_room.store import Store


@dataclass(frozen=True)
class Drawn:
    """A scan on which people draw.

    Attributes
    ----------
    scan : str
    grid : str
        File of the image on whose grid the mask is written.
    named : str
        Mask that scans.tsv names at present, or "".
    slice_axis : int or None
        As in `images.read_scan`.
    """

    scan: str
    grid: str
    named: str
    slice_axis: int | None = None


class Drawings(Store):
    """The records of one task.

    Parameters
    ----------
    folder : Path
        ``<records>/<task>``; made where it is missing, and locked until the process ends.
    packs : dict of str
        Current pack id by code.
    schema : dict
        Of a drawing record.
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

    def by(self, reader: str) -> "Drawings":
        """Give the same store as one reader writes to it."""
        of_reader = copy.copy(self)
        of_reader.reader = reader
        return of_reader

    def write(self, code: str, content: bytes, seen: str) -> str:
        """Store a record as `Store.write` does; with a finished one, write its mask and enter it in ``made.tsv``.

        Raises
        ------
        InputError
            If the mask leaves the grid, is not what the record counts, or is finished and empty.
        """
        record = self._of_pack(code, content, self._last)
        voxels = voxels_of(record["mask"], int(np.prod(record["grid"])))
        if voxels.size != record["result"]["voxels"]:
            raise InputError(f"the mask has {voxels.size} voxels, the record says {record['result']['voxels']}")
        if record["finished"] is not None and not voxels.size:
            raise InputError("a finished mask must not be empty; draw it, or leave the page unfinished")
        revision = super().write(code, content, seen)
        if record["finished"] is not None and self.scans[code].scan not in {row["scan"] for row in self._made()}:
            self._make(code)
        return revision

    def _replace(self, code: str, path: Path, content: bytes) -> None:
        rows = self._made()
        if any(row["scan"] == self.scans[code].scan for row in rows):
            self._write_made([row for row in rows if row["scan"] != self.scans[code].scan])
        super()._replace(code, path, content)

    def _make(self, code: str) -> None:
        """Write the mask of a finished record, if it is another than the one that is there, and enter it."""
        record, drawn = self.read(code), self.scans[code]
        path, changed = self.folder / f"{drawn.scan}.nii.gz", ""
        if record["task"] == "marrow" or record["result"]["added_voxels"] or record["result"]["removed_voxels"]:
            grid, mask = read_grid(drawn.grid, drawn.slice_axis), np.zeros(int(np.prod(record["grid"])), np.uint8)
            if list(grid.volume.shape) != record["grid"]:
                raise InputError(f"{drawn.grid}: expected a grid of {record['grid']}, found {list(grid.volume.shape)}")
            mask[voxels_of(record["mask"], mask.size)] = 1
            mask, changed = mask.reshape(record["grid"]), path.name
            if not path.is_file() or not np.array_equal(read_mask(path, slice_axis=drawn.slice_axis).volume, mask):
                write_labels(path, mask, like=grid)  # the same mask keeps its file, so that nothing is made again
        row = {
            "scan": drawn.scan,
            "mask": changed,
            "reader": self.reader,
            "made": record["finished"],
            "named": drawn.named,
        }
        row |= {"rating": record["rating"] or "", "note": " ".join(record["notes"].split())}
        self._write_made([*(old for old in self._made() if old["scan"] != drawn.scan), row])

    def _made(self) -> list[dict]:
        return read_made(self.folder.parent, self.folder.name)

    def _write_made(self, rows: list[dict]) -> None:
        write_made(self.folder.parent, self.folder.name, rows)
