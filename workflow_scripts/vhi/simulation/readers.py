"""Models of the readers: who cleans a preliminary segmentation, who draws lesions by hand, who scores SPARCC.

A reader's opinion of a structure (a lesion, a vessel, a joint ...) holds on every slice on which the structure is seen,
and part of it is shared by all readers, because hard cases are hard for everybody.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.ndimage import find_objects, gaussian_filter, shift
from scipy.special import ndtr, ndtri

from vhi.inflammation import label_regions
from vhi.simulation.anatomy import Bone
from vhi.simulation.disease import Reason
from vhi.simulation.scan import Scan, generator

ERROR_KIND = {  # the three kinds of section 2.7.4, by what was mistaken for inflammation
    "joint": "anatomical",
    "foramen": "anatomical",
    "posterior_ilium": "anatomical",
    "disc_edge": "anatomical",
    "vessel": "morphological",
    "marrow": "artefact",
    "flare": "artefact",
    "lesion": "artefact",  # faint true oedema taken for artefact, as in discrepancy D3 of S3 Fig
}
MISTAKEN = ("vessel", "joint", "posterior_ilium", "disc_edge")  # drawn by hand now and then
SPOT_MM, SMOOTH_MM = 4.0, 1.2  # size of what is drawn by mistake, and of the detail that a hand follows
SPARCC_SLICES = 6
DEEP_MM = 10.0


@dataclass(frozen=True)
class Reader:
    """A reader's habits; probabilities are between 0 and 1.

    Attributes
    ----------
    name : str
        `R1` or `R2`.
    keeps : dict of str to float
        Probability of leaving a structure of a reason in place when cleaning.
    keeps_near_joint : float
        The same for marrow without oedema within 12 mm of a joint.
    faint : float
        Share of oedema fluid at which half of the lesions are kept.
    faint_spread : float
        Spread of that judgement, in the logarithm of the share.
    slips : float
        Probability that a single region is kept or removed against the reader's own opinion.
    cuts_joint : float
        Probability of cutting joint or foramen off a kept lesion (the one border that cleaning may modify).
    shared : float
        Correlation of opinions between readers.
    border, border_spread : float
        Share of a lesion's peak at which the reader draws its border by hand, and its spread between lesions.
    hand_mm : float
        Standard deviation of the drawn outline's displacement, mm.
    trial_spread : float
        Share of the drawing's variation that is new in each trial, 0 to 1.
    misses, misses_large, extras : float
        Probability of missing a lesion of less and of more than half a millilitre when drawing, and of drawing a
        bright structure that is none.
    score_threshold : float
        Share of a quadrant's bone that must be inflamed to be scored.
    score_noise : float
        Spread of the judgement of extent, depth and intensity (logarithm).
    """

    # ASSUME The paper gives the kinds of error (section 2.7.4) and their outcome, no reader's parameters: set
    # by hand to give overlaps like the published ones.
    name: str
    keeps: dict[str, float] = field(
        default_factory=lambda: {
            "vessel": 0.05,
            "joint": 0.06,
            "foramen": 0.04,
            "flare": 0.06,
            "posterior_ilium": 0.25,
            "disc_edge": 0.06,
            "marrow": 0.01,
        }
    )
    keeps_near_joint: float = 0.10
    faint: float = 0.16
    faint_spread: float = 0.5
    slips: float = 0.015
    cuts_joint: float = 0.75
    shared: float = 0.45
    border: float = 0.32
    border_spread: float = 0.3
    hand_mm: float = 0.7
    trial_spread: float = 0.5
    misses: float = 0.15
    misses_large: float = 0.005
    extras: float = 0.03
    score_threshold: float = 0.03
    score_noise: float = 0.9


def two_readers() -> tuple[Reader, Reader]:
    """Give the study's two readers: R2 cleans more strictly, draws tighter and scores a little higher."""
    first = Reader("R1")
    stricter = {**first.keeps, "posterior_ilium": 0.12, "joint": 0.03}
    return first, Reader(
        "R2", keeps=stricter, keeps_near_joint=0.06, faint=0.18, border=0.4, hand_mm=0.6, score_threshold=0.02
    )


def _opinion(reader, seed, scan_name, purpose, count):
    """Draw standard normal opinions, one per structure: partly everybody's, partly the reader's own."""
    everybody = generator(seed, scan_name, purpose).standard_normal(count)
    own = generator(seed, scan_name, f"{purpose} {reader.name}").standard_normal(count)
    return np.sqrt(reader.shared) * everybody + np.sqrt(1 - reader.shared) * own


def opinions(scan: Scan, reader: Reader, seed: int, scan_name: str) -> pd.DataFrame:
    """Give a reader's opinion of every structure when cleaning.

    Parameters
    ----------
    scan : vhi.simulation.scan.Scan
    reader : Reader
    seed : int
    scan_name : str

    Returns
    -------
    pandas.DataFrame
        The scan's structures with the column `kept` (bool).
    """
    table = scan.truth.structures.copy()
    near = _near_joint(scan, table["structure"].max() + 1)[table["structure"]]
    chance = table["reason"].map(reader.keeps).to_numpy(float, copy=True)
    chance[(table["reason"] == "marrow") & near] = reader.keeps_near_joint
    lesion = (table["reason"] == "lesion").to_numpy()
    cut = ndtri(np.clip(chance, 1e-6, 1 - 1e-6))
    cut[lesion] = np.log(table.loc[lesion, "peak"].to_numpy(float) / reader.faint) / reader.faint_spread
    table["kept"] = _opinion(reader, seed, scan_name, "clean", len(table)) < cut
    return table


def _near_joint(scan, count):
    """Tell of each structure whether most of it lies within 12 mm of a joint."""
    inside = scan.disease_region & np.isin(scan.truth.bone, (Bone.SACRUM, Bone.ILIUM))
    numbers = scan.truth.structure[inside]
    close = np.bincount(numbers, np.abs(scan.truth.depth[inside]) < 12, minlength=count)
    return close > 0.5 * np.maximum(np.bincount(numbers, minlength=count), 1)


def clean(
    scan: Scan, preliminary: np.ndarray, reader: Reader, seed: int, scan_name: str
) -> tuple[np.ndarray, pd.DataFrame]:
    """Clean a preliminary segmentation by whole regions, as in section 2.5.4.

    A region (8-connected, within a slice) belongs to the lesion that fills at least a quarter of it, otherwise to the
    structure that fills most of it. Joint and foramen may be cut off a kept lesion; no other border is touched.

    Parameters
    ----------
    scan : vhi.simulation.scan.Scan
    preliminary : numpy.ndarray
        Shape (i, j, k), bool: after the small regions are gone.
    reader : Reader
    seed : int
    scan_name : str
        Name of the scan; with the seed it fixes the reader's opinions.

    Returns
    -------
    cleaned : numpy.ndarray
        Shape (i, j, k), bool, within `preliminary`.
    causes : pandas.DataFrame
        One row per structure that has regions: `structure`, `reason`, `side`, `kept`, `regions`, `voxels`,
        `kept_voxels`, `true_voxels` (of true inflammation) and `error` (anatomical, morphological, artefact, or empty
        where the decision was right).
    """
    truth = scan.truth
    opinion = opinions(scan, reader, seed, scan_name)
    kept_by_structure = opinion["kept"].to_numpy()
    is_lesion = (opinion["reason"] == "lesion").to_numpy()
    labels, count = label_slices(preliminary)
    inside = labels > 0
    region, structure = labels[inside], truth.structure[inside]
    owner, size = _owners(region, structure, count, len(opinion), is_lesion)
    own = generator(seed, scan_name, f"slips {reader.name}").random((count + 1, 2))
    kept = kept_by_structure[owner] ^ ((own[:, 0] < reader.slips) & (size < 400))
    kept[0] = False
    cleaned = kept[labels]
    off_joint = np.isin(truth.reason, (Reason.JOINT, Reason.FORAMEN))
    cut = is_lesion[owner] & kept & (own[:, 1] < reader.cuts_joint)
    cleaned &= ~(off_joint & cut[labels])
    return cleaned, _causes(opinion, owner, cleaned[inside], region, truth.inflammation[inside], count)


def label_slices(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """Label the 8-connected regions of each slice of a stored (i, j, k) mask, from 1 through the volume."""
    labels, count = label_regions(mask.transpose(2, 0, 1))
    return labels.transpose(1, 2, 0), count


def _owners(region, structure, count, structures, is_lesion):
    """Give the structure that each region (from 0) belongs to, and its size in voxels."""
    pairs, voxels = np.unique(region.astype(np.int64) * structures + structure, return_counts=True)
    regions, owners = np.divmod(pairs, structures)
    size = np.bincount(region, minlength=count + 1)
    weight = np.where(is_lesion[owners] & (voxels >= 0.25 * size[regions]), 1e6, 0) + voxels
    order = np.argsort(weight, kind="stable")
    owner = np.zeros(count + 1, dtype=np.int64)
    owner[regions[order]] = owners[order]
    return owner, size


def _causes(opinion, owner, kept_voxel, region, true_voxel, count):
    voxel_owner = owner[region]
    sums = {
        "regions": np.bincount(owner[1:], minlength=len(opinion)),
        "voxels": np.bincount(voxel_owner, minlength=len(opinion)),
        "kept_voxels": np.bincount(voxel_owner, kept_voxel, minlength=len(opinion)).astype(int),
        "true_voxels": np.bincount(voxel_owner, true_voxel, minlength=len(opinion)).astype(int),
    }
    table = opinion.assign(**sums)
    wrong = table["kept"] != (table["reason"] == "lesion")
    table["error"] = table["reason"].map(ERROR_KIND).where(wrong, "")
    return table.loc[table["regions"] > 0].drop(columns="peak").reset_index(drop=True)


def draw(scan: Scan, reader: Reader, trial: int, seed: int, scan_name: str) -> np.ndarray:
    """Draw inflammation by hand: lesions with shifting borders, missed lesions, and structures that are none.

    Parameters
    ----------
    scan : vhi.simulation.scan.Scan
    reader : Reader
    trial : int
        1 or 2; opinions are shared between a reader's trials in part.
    seed : int
    scan_name : str

    Returns
    -------
    numpy.ndarray
        Shape (i, j, k), bool.
    """
    truth = scan.truth
    table = truth.structures
    step = np.linalg.norm(scan.affine[:3, :3], axis=0)
    always = _opinion(reader, seed, scan_name, "draw", (len(table), 4))
    again = generator(seed, scan_name, f"draw {reader.name} {trial}").standard_normal((len(table), 4))
    opinion = np.sqrt(1 - reader.trial_spread) * always + np.sqrt(reader.trial_spread) * again
    drawn = np.zeros(truth.oedema.shape, dtype=bool)
    for row, box, (border, seen, right, up) in zip(
        table.iloc[1:].itertuples(), find_objects(truth.structure, len(table) - 1), opinion[1:], strict=True
    ):
        if box is None:
            continue
        box = tuple(
            slice(max(one.start - extra, 0), one.stop + extra) for one, extra in zip(box, (8, 8, 0), strict=True)
        )
        own = truth.structure[box] == row.structure
        if row.reason == "lesion":
            large = own.sum() * step.prod() > 500
            outlined = seen > ndtri(reader.misses_large if large else reader.misses)
            extent = truth.oedema[box] * own
        else:
            outlined = row.reason in MISTAKEN and seen < ndtri(reader.extras)
            extent = _spot(own, step, place=ndtr(up)) if outlined else None
        if outlined:
            level = np.clip(reader.border * np.exp(reader.border_spread * border), 0.12, 0.75)
            offset = (right * reader.hand_mm / step[0], up * reader.hand_mm / step[1], 0)
            drawn[box] |= _outline(extent, (SMOOTH_MM / step[0], SMOOTH_MM / step[1], 0), level, offset)
    return drawn & scan.disease_region


def _spot(mask, step, place):
    """Fade a structure with the distance from one of its points: the part of it that is taken for a lesion."""
    found = np.argwhere(mask)
    middle = found[min(int(place * len(found)), len(found) - 1)]
    axes = np.ogrid[tuple(slice(0, count) for count in mask.shape)]
    distance = sum(((axis - at) * mm) ** 2 for axis, at, mm in zip(axes, middle, step, strict=True))
    return (mask * np.exp(-distance / (2 * SPOT_MM**2))).astype(np.float32)


def _outline(extent, smoothing, level, offset):
    """Contour a smoothed extent at a share of its peak, displaced by an offset in voxels."""
    smooth = gaussian_filter(extent, smoothing)
    return shift(smooth, offset, order=1) > level * float(smooth.max())


def score(scan: Scan, reader: Reader, seed: int, scan_name: str) -> pd.DataFrame:
    """Score six consecutive slices by the SPARCC rules (Maksymowych 2005; Arthritis Care Res 53:703-709).

    Each joint has four quadrants on a slice (upper and lower ilium, upper and lower sacrum), scored 0 or 1; depth
    (inflammation reaching 10 mm or more from the joint) and intensity (as bright as veins) add 1 each per joint and
    slice, so that a slice is at most 12 and the whole at most 72.

    Parameters
    ----------
    scan : vhi.simulation.scan.Scan
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
    habit = rng.normal(0, 0.8 * reader.score_noise)  # a reading day's mood shifts all judgements of the scan
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
