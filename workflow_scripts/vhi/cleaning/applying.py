"""Apply a cleaning record to the preliminary segmentation that it was made from."""

import numpy as np

from vhi.cleaning.records import check_seal, counts_of, settled, voxels_of
from vhi.inflammation import label_regions
from vhi.io.errors import InputError


def replay(steps: list[dict]) -> tuple[dict[int, str], dict[int, str]]:
    """Follow the steps of a reading, undo and redo included.

    Returns
    -------
    removed, cut : dict
        Reason by region, and by flat voxel index.
    """
    done: list[dict] = []
    undone: list[dict] = []
    for number, step in enumerate(steps, 1):
        if step["tool"] in ("undo", "redo"):
            taken, put = (done, undone) if step["tool"] == "undo" else (undone, done)
            if not taken:
                raise InputError(f"step {number} is '{step['tool']}', and there is nothing to {step['tool']}")
            put.append(taken.pop())
        else:
            undone.clear()
            done.append(step)
    removed: dict[int, str | None] = {}
    cut: dict[int, str | None] = {}
    for step in done:
        removed |= dict.fromkeys(step["regions"], step["reason"])
        for first, length in step["runs"]:
            cut |= dict.fromkeys(range(first, first + length), step["reason"])
    # a step without a reason restores
    return tuple({place: why for place, why in state.items() if why is not None} for state in (removed, cut))


def apply_record(record: dict, preliminary: np.ndarray, connectivity: int = 8) -> np.ndarray:
    """Apply a record to the preliminary segmentation it was made from: the only place where a cleaned mask is made.

    Parameters
    ----------
    record : dict
        Of ``config/schemas/record.schema.yaml``.
    preliminary : (slices, rows, columns) array
        Labels 0, 1, 2.
    connectivity : int
        Of regions within a slice.

    Returns
    -------
    (slices, rows, columns) uint8 array
        Labels of what was kept.

    Raises
    ------
    InputError
        If the checksum, the grid, the regions, the steps or the counts do not fit.
    """
    check_seal(record)
    regions, count = label_regions(preliminary, connectivity)
    found = (list(preliminary.shape), count)
    if (record["grid"], record["regions"]) != found:
        raise InputError(
            f"it belongs to another preliminary segmentation: expected {found[1]} regions on a grid of {found[0]}, found "
            f"{record['regions']} on {record['grid']}; clean the current one"
        )
    flat, size = regions.ravel(), np.bincount(regions.ravel(), minlength=count + 1)
    labels = np.array(preliminary, np.uint8, order="C")  # runs count so, however a file stores its axes
    out = labels.reshape(-1)
    gone = [item["region"] for item in record["removed"]]
    if gone != sorted(set(gone)) or (gone and gone[-1] > count):
        raise InputError(f"its removed regions must be in order, each once, from 1 to {count}")
    for cut in record["cuts"]:
        voxels = voxels_of(cut["runs"], flat.size)
        if not voxels.size or (flat[voxels] != cut["region"]).any() or (out[voxels] == 0).any():
            raise InputError(f"its cut of region {cut['region']} is empty, leaves the region, or was made twice")
        out[voxels] = 0
    if {cut["region"] for cut in record["cuts"]} & set(gone):
        raise InputError("it both cuts and removes a region")
    out[np.isin(flat, gone)] = 0
    if np.count_nonzero(size[1:] == np.bincount(flat[(flat > 0) & (out == 0)], minlength=count + 1)[1:]) != len(gone):
        raise InputError("it cuts all of a region without removing it")
    if record["source"] == "page" and settled(*replay(record["steps"]), flat, size) != (
        record["removed"],
        record["cuts"],
    ):
        raise InputError("its steps do not lead to its regions and cuts; export it again")
    for added in record["added"]:
        voxels = voxels_of(added["runs"], flat.size)
        if record["source"] == "page" or (flat[voxels] > 0).any():
            raise InputError("it adds voxels to the preliminary segmentation: cleaning only removes")
        out[voxels] = added["label"]
    if record["result"] != (left := counts_of(labels, connectivity, regions)):
        raise InputError(f"its counts do not fit: it says {record['result']}, applied it leaves {left}")
    return labels
