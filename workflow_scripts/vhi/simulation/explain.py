"""Why a voxel of a simulated scan is bright."""

import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter

from vhi.simulation.disease import Reason
from vhi.simulation.geometry import Bone

TRUE_OEDEMA = 0.15  # ASSUME Marrow with at least this share of oedema fluid is inflamed in truth.

SIDES = ("right", "left")

# Structures that every scan has, numbered from 1 in this order; the scan's vessels and lesions follow.
FIXED_STRUCTURES = (
    *((Reason.MARROW, side) for side in SIDES for _ in ("sacrum near", "sacrum far", "ilium near", "ilium far")),
    (Reason.MARROW, ""),  # lumbar spine and facet joints
    (Reason.FLARE, ""),
    *((Reason.POSTERIOR_ILIUM, side) for side in SIDES),
    *((Reason.DISC_EDGE, "") for _ in ("L5/S1", "L4/5")),
    *((Reason.FORAMEN, side) for side in SIDES),
    *((Reason.JOINT, side) for side in SIDES),
)


def explain(visit, seen, lesion, vessel, flare, x, y, z):
    """Say of every voxel of bone which structure it belongs to and so why it may be bright; later claims win."""
    bone, close = seen["bone"], np.abs(seen["depth"]) < 12
    halves = (x < 0, x >= 0)
    width = round(3 / visit.step(0)) | 1
    near_root = (maximum_filter(seen["wet"], width) > 0.3) & ((bone == Bone.SACRUM) | (bone == Bone.POSTERIOR_ELEMENT))
    joint = (bone == Bone.JOINT) | ((np.abs(seen["depth"]) < 1.8) & (bone > 0))
    masks = [
        *(
            (bone == code) & half & (close == near)
            for half in halves
            for code in (Bone.SACRUM, Bone.ILIUM)
            for near in (True, False)
        ),
        (bone == Bone.LUMBAR) | (bone == Bone.POSTERIOR_ELEMENT),
        (flare > 1.2) & (bone > 0),
        *((seen["posterior"] > 0.06) & half for half in halves),
        *((seen["disc_edge"] > 0.15) & ((y > 62) == above) for above in (False, True)),
        *(near_root & half for half in halves),
        *(joint & half for half in halves),
    ]
    reason, structure = np.zeros(bone.shape, dtype=np.uint8), np.zeros(bone.shape, dtype=np.int16)
    for number, (where, (why, _)) in enumerate(zip(masks, FIXED_STRUCTURES, strict=True), start=1):
        reason[where], structure[where] = why, number
    filled = (vessel > 0) & (seen["blood"] > 0.04)
    reason[filled], structure[filled] = Reason.VESSEL, len(FIXED_STRUCTURES) + vessel[filled]
    inflamed = (lesion > 0) & (seen["oedema"] >= TRUE_OEDEMA / 2)
    first = len(FIXED_STRUCTURES) + len(visit.subject.mimics.vessels)
    reason[inflamed], structure[inflamed] = Reason.LESION, first + lesion[inflamed]
    return reason, structure


def tabulate_structures(visit):
    """Tabulate the structures that `explain` numbers."""
    rows = [
        (Reason.MARROW, "", np.nan),
        *((why, side, np.nan) for why, side in FIXED_STRUCTURES),
        *((Reason.VESSEL, "", np.nan) for _ in visit.subject.mimics.vessels),
        *((Reason.LESION, SIDES[lesion.side > 0], lesion.peak) for lesion in visit.lesions),
    ]
    table = pd.DataFrame(rows, columns=["reason", "side", "peak"])
    table["reason"] = [Reason(value).name.lower() for value in table["reason"]]
    # Lesions come last; one that treatment removed leaves a gap, so that the others keep their identity.
    first = len(rows) - len(visit.lesions) - 1
    table["identity"] = [*range(first + 1), *(first + lesion.number for lesion in visit.lesions)]
    return table.rename_axis("structure").reset_index()
