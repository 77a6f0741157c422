"""Records and masks of the pages of marrow and region on disk: one per scan, whichever reader made it."""

import numpy as np

from vhi.cleaning.records import voxels_of
from vhi.io.errors import InputError
from vhi.reading_room.makers import Maker


class Drawings(Maker):
    """The records of one of the tasks that draw; see `makers.Maker`."""

    def check(self, code: str, record: dict) -> None:
        """Raise `InputError` if the mask leaves the grid, is not what the record counts, or is finished and empty."""
        voxels = voxels_of(record["mask"], int(np.prod(record["grid"])))
        if voxels.size != record["result"]["voxels"]:
            raise InputError(f"the mask has {voxels.size} voxels, the record says {record['result']['voxels']}")
        if record["finished"] is not None and not voxels.size:
            raise InputError("a finished mask must not be empty; draw it, or leave the page unfinished")

    def mask_of(self, code: str, record: dict) -> np.ndarray | None:
        """Give the mask that was drawn; None where the networks' region was left as it was."""
        if record["task"] != "marrow" and not record["result"]["added_voxels"] + record["result"]["removed_voxels"]:
            return None
        mask = np.zeros(int(np.prod(record["grid"])), np.uint8)
        mask[voxels_of(record["mask"], mask.size)] = 1
        return mask.reshape(record["grid"])
