"""One reader's SPARCC records on disk, and the sheet that is made of them."""

import numpy as np

from vhi.io.errors import InputError
from vhi.io.orientation import slice_name
from vhi.reading_room.made import SHEET, replace_rows, sheet_file
from vhi.reading_room.makers import Maker

SIX = 6
ITEMS = SHEET[4:]


class Scores(Maker):
    """SPARCC records of one reader, under ``<records>/scoring/<reader>``; the sheet has scans in place of codes."""

    def check(self, code: str, record: dict) -> None:
        """Raise `InputError` if a score breaks the rules of SPARCC, or is finished without its six slices."""
        begin, rows = record["begin"], record["scores"]
        if begin is None and (rows or record["finished"] is not None):
            raise InputError("the first of the six slices is not chosen; choose it, or leave the page open")
        six = [] if begin is None else [(begin + n, side) for n in range(SIX) for side in ("right", "left")]
        if [(row["slice"], row["side"]) for row in rows] != six or (six and six[-1][0] >= record["grid"][0]):
            raise InputError(f"expected both sides of {SIX} consecutive slices of the scan; load the page again")
        for row in rows:
            if (row["depth"] or row["intensity"]) and not any(row[item] for item in ITEMS[:4]):
                raise InputError(
                    f"{slice_name(row['slice'])}, {row['side']}: depth and intensity need a quadrant with oedema"
                )
        total = sum(row[item] for row in rows for item in ITEMS)
        if total != record["result"]["total"]:
            raise InputError(f"its scores sum to {total}, the record says {record['result']['total']}")

    def mask_of(self, code: str, record: dict) -> np.ndarray | None:
        """Give no mask: scores have none."""
        return None

    def also(self, scan: str, record: dict | None) -> None:
        """Bring the sheet up to date: the scan's twelve rows, slices from 1."""
        path = sheet_file(self.folder.parents[1], self.folder.name)
        rows = [
            row | {"scan": scan, "reader": self.folder.name, "slice": row["slice"] + 1}
            for row in (record["scores"] if record else [])
        ]
        replace_rows(path, SHEET, scan, rows, lambda row: (row["scan"], int(row["slice"]), row["side"]))
