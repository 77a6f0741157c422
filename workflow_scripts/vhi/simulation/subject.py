"""A simulated subject, its scan and the truth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from vhi.simulation import texture
from vhi.simulation.disease import Lesion
from vhi.simulation.geometry import Anatomy
from vhi.simulation.mimics import Mimics


@dataclass(frozen=True)
class Subject:
    """A simulated subject: pelvis, textures, disease before and after treatment.

    Attributes
    ----------
    name : str
    marrow : {'normal', 'fatty', 'sclerotic'}
    anatomy : vhi.simulation.geometry.Anatomy
    texture : vhi.simulation.texture.Texture
    mimics : vhi.simulation.mimics.Mimics
    lesions : dict of str to tuple of Lesion
        Lesions by session, 'pre' and 'post'.
    burden, effect : float
        Extent of disease before treatment (0 to 1), and the share of it that treatment leaves.
    """

    name: str
    marrow: str
    anatomy: Anatomy
    texture: texture.Texture
    mimics: Mimics
    lesions: dict[str, tuple[Lesion, ...]]
    burden: float
    effect: float


@dataclass(frozen=True)
class Truth:
    """What the simulation knows and no reader does; all volumes share the shape of the scan.

    Attributes
    ----------
    inflammation : numpy.ndarray
        bool: bone marrow with at least `TRUE_OEDEMA` of oedema fluid.
    oedema : numpy.ndarray
        float32: share of oedema fluid, 0 to 1.
    reason : numpy.ndarray
        uint8: why a voxel of the disease region may be bright (`Reason`).
    structure : numpy.ndarray
        int16: number of the lesion, vessel, joint ... that a voxel belongs to; rows of `structures`.
    depth : numpy.ndarray
        float32: signed distance from the nearer joint's mid-surface, mm; negative in the sacrum.
    bone : numpy.ndarray
        uint8: `Bone` codes at the slice's centre.
    sacral_marrow : numpy.ndarray
        bool: marrow of the sacrum, where a patch of normal marrow may lie.
    pose : numpy.ndarray
        Shape (4, 4): voxel indices to subject coordinates, mm.
    structures : pandas.DataFrame
        One row per structure: `structure`, `reason` (name), `side` (right, left or empty), `peak`, and `identity`, its
        number in the subject, the same at each visit.
    """

    inflammation: np.ndarray
    oedema: np.ndarray
    reason: np.ndarray
    structure: np.ndarray
    depth: np.ndarray
    bone: np.ndarray
    sacral_marrow: np.ndarray
    pose: np.ndarray
    structures: pd.DataFrame


@dataclass(frozen=True)
class Scan:
    """A simulated scan; volumes have shape (i, j, k): i to the patient's left, j up the sacrum, k to the back.

    Attributes
    ----------
    subject : str
        Name of the subject.
    t1w, stir : numpy.ndarray
        int16, scanner units.
    normal_marrow, disease_region : numpy.ndarray
        bool masks: normal marrow (section 2.5.1 i) and all imaged bone (section 2.5.3).
    affine : numpy.ndarray
        Shape (4, 4): voxel indices to RAS+ mm.
    truth : Truth
    """

    subject: str
    t1w: np.ndarray
    stir: np.ndarray
    normal_marrow: np.ndarray
    disease_region: np.ndarray
    affine: np.ndarray
    truth: Truth
