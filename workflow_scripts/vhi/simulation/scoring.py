"""How a simulated reader scores a scan by SPARCC."""

import numpy as np
import pandas as pd

from vhi.simulation.geometry import Bone
from vhi.simulation.naming import generator
from vhi.simulation.opinions import Reader
from vhi.simulation.subject import Scan

SPARCC_SLICES = 6

DEEP_MM = 10.0


def score(scan: Scan, reader: Reader, seed: int, scan_name: str) -> pd.DataFrame:
    """Score six consecutive slices by the SPARCC rules (Maksymowych 2005; Arthritis Care Res 53:703-709).

    Each joint has four quadrants on a slice (upper and lower ilium, upper and lower sacrum), scored 0 or 1; depth
    (inflammation reaching 10 mm or more from the joint) and intensity (as bright as veins) add 1 each per joint and
    slice, so that a slice is at most 12 and the whole at most 72.

    Parameters
    ----------
    scan : vhi.simulation.subject.Scan
    reader : Reader
    seed : int
    scan_name : str

    Returns
    -------
    pandas.DataFrame
        Twelve rows: `slice` (1 to 6, from the front), `side` (right, left), `q1` to `q4`, `depth`, `intensity`, 0 or 1.
    """
    truth = scan.truth
    bone = np.isin(truth.bone, (Bone.SACRUM, Bone.ILIUM)) & (np.abs(truth.depth) < 35)
    first = _first_slice(truth.bone == Bone.JOINT)
    rng = generator(seed, scan_name, f"sparcc {reader.name}")
    sides = {"right": slice(None, bone.shape[0] // 2), "left": slice(bone.shape[0] // 2, None)}
    lasting = generator(seed, scan.subject, f"sparcc {reader.name}").standard_normal()
    habit = np.sqrt(reader.persists) * lasting + np.sqrt(1 - reader.persists) * rng.standard_normal()
    habit *= 0.8 * reader.score_noise  # a view of the subject and a reading day's mood shift all judgements of the scan
    rows = []
    for number, k in enumerate(range(first, first + SPARCC_SLICES), start=1):
        middle = _joint_middle(truth.bone[:, :, k])
        for side, half in sides.items():
            where = (half, slice(None), k)
            noise = np.exp(habit + rng.normal(0, reader.score_noise, 6))
            rows.append({"slice": number, "side": side, **_score_joint(truth, bone, where, middle, reader, noise)})
    return pd.DataFrame(rows)


def _first_slice(joint):
    """Choose the six slices that show most of the synovial joints."""
    shown = joint.sum(axis=(0, 1))
    if len(shown) <= SPARCC_SLICES:
        return 0
    return int(np.argmax(np.convolve(shown, np.ones(SPARCC_SLICES, dtype=int), mode="valid")))


def _joint_middle(bone):
    """Give the height (index j) that halves the joints on a slice."""
    found = np.flatnonzero((bone == Bone.JOINT).any(axis=0))
    return int((found[0] + found[-1]) // 2) if found.size else bone.shape[1] // 2


def _score_joint(truth, bone, where, middle, reader, noise):
    inflamed = truth.oedema[where] * bone[where]
    depth = truth.depth[where]
    upper = np.arange(inflamed.shape[1]) >= middle
    quadrants = []
    for number, (code, up) in enumerate(
        ((Bone.ILIUM, True), (Bone.ILIUM, False), (Bone.SACRUM, True), (Bone.SACRUM, False))
    ):
        near = (truth.bone[where] == code) & (np.abs(depth) < 15) & (upper == up)
        share = float((inflamed[near] > 0.12).mean()) if near.any() else 0.0
        quadrants.append(int(share * noise[number] > reader.score_threshold))
    reach = float(np.quantile(np.abs(depth[inflamed > 0.12]), 0.95)) if (inflamed > 0.12).any() else 0.0
    brightest = float(np.quantile(inflamed[inflamed > 0.12], 0.9)) if (inflamed > 0.12).any() else 0.0
    positive = any(quadrants)
    return {
        **{f"q{number}": value for number, value in enumerate(quadrants, start=1)},
        "depth": int(positive and reach * noise[4] ** 0.5 >= DEEP_MM),
        "intensity": int(positive and brightest * noise[5] ** 0.5 > 0.7),  # veins are as bright as 70 % of oedema fluid
    }


def sparcc_total(sheet: pd.DataFrame) -> int:
    """Add a component sheet up to the SPARCC score, 0 to 72."""
    return int(sheet[["q1", "q2", "q3", "q4", "depth", "intensity"]].to_numpy().sum())
