"""Simulated readers: their habits, and their opinion of each region."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import ndtri

from vhi.simulation.geometry import Bone
from vhi.simulation.naming import generator
from vhi.simulation.subject import Scan


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
    persists : float
        Share of an opinion's variance that stays with the structure when the subject is scanned again, 0 to 1.
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
    # ASSUME No reader's two readings of one subject at two visits are public.
    persists: float = 0.6
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


def draw_opinions(scan: Scan, reader: Reader, seed: int, scan_name: str, purpose: str, columns: int = 1) -> np.ndarray:
    """Draw standard normal opinions: partly everybody's, partly the reader's own; partly lasting, partly of this scan.

    Returns
    -------
    numpy.ndarray
        Shape (structures, columns).
    """
    identity = scan.truth.structures["identity"].to_numpy()
    shape = (identity.max() + 1, columns)

    def drawn(who):
        lasting = generator(seed, scan.subject, who).standard_normal(shape)[identity]
        passing = generator(seed, scan_name, who).standard_normal(shape)[identity]
        return np.sqrt(reader.persists) * lasting + np.sqrt(1 - reader.persists) * passing

    own = drawn(f"{purpose} {reader.name}")
    return np.sqrt(reader.shared) * drawn(purpose) + np.sqrt(1 - reader.shared) * own


def opinions(scan: Scan, reader: Reader, seed: int, scan_name: str) -> pd.DataFrame:
    """Give a reader's opinion of every structure when cleaning.

    Parameters
    ----------
    scan : vhi.simulation.subject.Scan
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
    table["kept"] = draw_opinions(scan, reader, seed, scan_name, "clean")[:, 0] < cut
    return table


def _near_joint(scan, count):
    """Tell of each structure whether most of it lies within 12 mm of a joint."""
    inside = scan.disease_region & np.isin(scan.truth.bone, (Bone.SACRUM, Bone.ILIUM))
    numbers = scan.truth.structure[inside]
    close = np.bincount(numbers, np.abs(scan.truth.depth[inside]) < 12, minlength=count)
    return close > 0.5 * np.maximum(np.bincount(numbers, minlength=count), 1)
