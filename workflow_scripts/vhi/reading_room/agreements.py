"""Records of the agreeing page on disk, the consensus masks they make, and the table of what was decided and why."""

from functools import cache

import numpy as np

from vhi.io.errors import InputError
from vhi.io.images import read_mask
from vhi.reading_room.agreeing import differences, settled_labels
from vhi.reading_room.keys import kept_file
from vhi.reading_room.made import DECISIONS, decisions_file, replace_rows
from vhi.reading_room.makers import Maker


class Agreements(Maker):
    """The records of the agreeing page.

    ``named`` of its scans is the SHA-256 of what the page shows (`agreeing.compared`), which the key keeps beside it.
    """

    def __init__(self, *given, connectivity: int = 8):
        self.connectivity = connectivity  # of regions within a slice
        super().__init__(*given)

    @cache  # noqa: B019 (a store lives as long as its process)
    def shown(self, code: str) -> tuple[np.ndarray, np.ndarray]:
        """Give what a page shows: both readers' masks as `agreeing.compared`, and the numbers of the differences."""
        scan = self.scans[code]
        both = read_mask(kept_file(self.folder.parent, scan.named), tuple(range(7)), scan.slice_axis).volume
        return both, differences(both, self.connectivity)[0]

    def check(self, code: str, record: dict) -> None:
        """Raise `InputError` if decisions are about differences that there are not, or are finished and not all made."""
        both, numbers = self.shown(code)
        count, decided = int(numbers.max()), [one["difference"] for one in record["decisions"]]
        if list(both.shape) != record["grid"] or record["differences"] != count:
            raise InputError(f"expected {count} differences on a grid of {list(both.shape)}; load the page again")
        if decided != sorted(set(decided)) or any(number > count for number in decided):
            raise InputError(f"its decisions must be in order, each once, from 1 to {count}")
        if record["finished"] is not None and len(decided) != count:
            raise InputError(f"{count - len(decided)} differences are not decided; decide them, or leave the page open")
        if record["finished"] is not None:
            voxels = np.count_nonzero(self.mask_of(code, record))
            if voxels != record["result"]["voxels"]:
                raise InputError(f"the consensus has {voxels} voxels, the record says {record['result']['voxels']}")

    def mask_of(self, code: str, record: dict) -> np.ndarray:
        """Give what both readers kept, and the differences that are kept."""
        return settled_labels(*self.shown(code), [one["difference"] for one in record["decisions"] if one["keep"]])

    def also(self, scan: str, record: dict | None) -> None:
        """Bring decisions.tsv up to date: the scan's rows, largest difference first."""
        path, rows = decisions_file(self.folder.parent), []
        if record:
            numbers = self.shown(next(code for code, name in self.names.items() if name == scan))[1]
            found, first, size = np.unique(numbers, return_index=True, return_counts=True)
            about = {n: (at // numbers[0].size + 1, voxels) for n, at, voxels in zip(found, first, size, strict=True)}
            for one in record["decisions"]:
                number, decision = one["difference"], "keep" if one["keep"] else "remove"
                row = (scan, number, *about[number], decision, one["reason"] or "", self.reader, record["finished"])
                rows.append(dict(zip(DECISIONS, row, strict=True)))
        replace_rows(path, DECISIONS, scan, rows, lambda row: (row["scan"], int(row["difference"])))
