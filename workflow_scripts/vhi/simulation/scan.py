"""One simulated scan: T1w and STIR volumes, the masks that a study has, and the truth that no study has."""

import math
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter, uniform_filter1d

from vhi.io.errors import InputError
from vhi.simulation import anatomy as anatomical
from vhi.simulation import disease, sequences, texture
from vhi.simulation.anatomy import Anatomy, Bone
from vhi.simulation.disease import Lesion, Mimics, Reason
from vhi.simulation.tissues import Tissue

FIELD_MM = (200.0, 200.0, 82.5)  # field of view of the protocol along i, j, k
SUBSLICES = 2
TRUE_OEDEMA = 0.15  # ASSUME Marrow with at least this share of oedema fluid is inflamed in truth.
UNEVEN = 0.03  # ASSUME Every tissue's signal varies by this share from place to place; no tissue is quite uniform.
OBLIQUITY = 0.58  # rad from the patient's long axis to the sacrum, as in the protocol's oblique coronal plane
BLUR_MM = {"t1w": 0.45, "stir": 0.78}  # standard deviation of the in-plane point spread
INTENSITY = {"t1w": 900.0, "stir": 3500.0}  # scanner units per unit of signal; arbitrary, as on a scanner


@dataclass(frozen=True)
class Subject:
    """A simulated subject: pelvis, textures, disease before and after treatment.

    Attributes
    ----------
    name : str
    marrow : {'normal', 'fatty', 'sclerotic'}
    anatomy : vhi.simulation.anatomy.Anatomy
    texture : vhi.simulation.texture.Texture
    mimics : vhi.simulation.disease.Mimics
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
    structures : pandas.DataFrame
        One row per structure: `structure`, `reason` (name), `side` (right, left or empty), `peak`.
    """

    inflammation: np.ndarray
    oedema: np.ndarray
    reason: np.ndarray
    structure: np.ndarray
    depth: np.ndarray
    bone: np.ndarray
    structures: pd.DataFrame


@dataclass(frozen=True)
class Scan:
    """A simulated scan; volumes have shape (i, j, k): i to the patient's left, j up the sacrum, k to the back.

    Attributes
    ----------
    t1w, stir : numpy.ndarray
        int16, scanner units.
    normal_bone, disease_region : numpy.ndarray
        bool masks: normal marrow (section 2.5.1 i) and all imaged bone (section 2.5.3).
    affine : numpy.ndarray
        Shape (4, 4): voxel indices to RAS+ mm.
    truth : Truth
    """

    t1w: np.ndarray
    stir: np.ndarray
    normal_bone: np.ndarray
    disease_region: np.ndarray
    affine: np.ndarray
    truth: Truth


def generator(seed: int, name: str, purpose: str) -> np.random.Generator:
    """Make the random generator of one named thing, whatever else is simulated, in any order."""
    return np.random.default_rng([seed, crc32(name.encode()), crc32(purpose.encode())])


def draw_subject(name: str, seed: int, marrow: str = "normal") -> Subject:
    """Draw a subject from its name and the study's seed alone.

    Parameters
    ----------
    name : str
    seed : int
    marrow : {'normal', 'fatty', 'sclerotic'}

    Returns
    -------
    Subject

    Raises
    ------
    vhi.io.errors.InputError
        If `marrow` is none of the three.
    """
    if marrow not in ("normal", "fatty", "sclerotic"):
        raise InputError(f"subject {name}: marrow is {marrow!r}; it must be normal, fatty or sclerotic")
    pelvis = anatomical.draw_anatomy(generator(seed, name, "anatomy"), marrow)
    rng = generator(seed, name, "disease")
    burden = float(0.18 + 0.75 * rng.beta(0.9, 2.0))  # everybody has sacroiliitis before treatment (section 2.2)
    # ASSUME Two of three subjects improve on MRI, to about a third; the others stay as they are, or worsen a little.
    effect = math.exp(rng.normal(-1.2, 0.4) if rng.random() < 0.68 else rng.normal(0.15, 0.15))
    lesions = disease.draw_lesions(rng, burden)
    return Subject(
        name,
        marrow,
        pelvis,
        texture.draw_texture(generator(seed, name, "texture")),
        disease.draw_mimics(generator(seed, name, "mimics"), pelvis),
        {"pre": lesions, "post": disease.treat(lesions, effect, rng)},
        burden,
        effect,
    )


def simulate(
    subject: Subject, session: str, seed: int, shape: tuple[int, int, int] = (336, 336, 25), stir_te: float = 60.0
) -> Scan:
    """Simulate one scan of a subject.

    Parameters
    ----------
    subject : Subject
    session : {'pre', 'post'}
    seed : int
        The study's seed; with the subject's name and the session it fixes every voxel.
    shape : tuple of int
        Matrix (i, j, k) over the field of view of 200 x 200 x 82.5 mm.
    stir_te : float
        Effective echo time of the STIR, ms (section 2.4 prints 50; the public headers say 60).

    Returns
    -------
    Scan

    Raises
    ------
    vhi.io.errors.InputError
        If the session is neither pre nor post, or the matrix is too small to show a joint.
    """
    if session not in subject.lesions:
        raise InputError(f"subject {subject.name}: session is {session!r}; it must be one of {sorted(subject.lesions)}")
    # Slices must be closer than the oval of normal marrow is thick, or a scan may have none.
    if len(shape) != 3 or min(shape[:2]) < 64 or shape[2] < 12:
        raise InputError(f"matrix {tuple(shape)} is too small: at least 64 x 64 x 12 voxels are needed")
    rng = generator(seed, f"{subject.name}_{session}", "scan")
    visit = _draw_visit(subject, session, tuple(shape), stir_te, rng)
    volumes = _stack([_simulate_slice(visit, k) for k in range(shape[2])])
    images = {name: _acquire(volumes[f"{name}_signal"], visit, name, rng) for name in ("t1w", "stir")}
    truth = Truth(
        inflammation=volumes["oedema"] >= TRUE_OEDEMA,
        structures=_structures(visit),
        **{name: volumes[name] for name in ("oedema", "reason", "structure", "depth", "bone")},
    )
    return Scan(
        **images,
        normal_bone=volumes["normal_bone"],
        disease_region=volumes["region"],
        affine=scan_affine(shape),
        truth=truth,
    )


def scan_affine(shape: tuple[int, int, int], centre: tuple[float, float, float] = (0.0, -25.0, -15.0)) -> np.ndarray:
    """Give the affine of an oblique coronal scan (axis codes L, S, P) of a matrix over the field of view."""
    step = np.array(FIELD_MM) / shape
    cos, sin = np.cos(OBLIQUITY), np.sin(OBLIQUITY)
    directions = np.array([[-1, 0, 0], [0, sin, -cos], [0, cos, sin]])
    affine = np.eye(4)
    affine[:3, :3] = directions * step
    affine[:3, 3] = np.array(centre) - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return affine


@dataclass(frozen=True)
class _Visit:
    """What is drawn once per scan: disease at the time, position, coils, the radiologist's oval of normal marrow."""

    subject: Subject
    lesions: tuple[Lesion, ...]
    shape: tuple[int, int, int]
    pose: np.ndarray  # shape (4, 4): voxel indices to subject coordinates, mm
    protocols: dict[str, sequences.Protocol]
    noise: dict[str, float]  # of normal marrow's signal
    gain: tuple[float, float, float, float]  # logarithm of the coils' gain per 100 mm along x, y, z, and near the back
    flare: tuple[float, float, float, float, float]  # x, y, z and radius (mm) of a flaring coil element; extra gain
    oval: tuple[float, float, float]  # half-axes of the normal marrow region, mm
    scale: dict[str, float]

    def step(self, axis: int) -> float:
        """Give the size of a voxel along an axis, mm."""
        return FIELD_MM[axis] / self.shape[axis]


def _draw_visit(subject, session, shape, stir_te, rng):
    strength = rng.uniform(0.25, 0.7) if rng.random() < 0.35 else rng.uniform(0, 0.1)
    return _Visit(
        subject,
        subject.lesions[session],
        shape,
        _pose(shape, rng, moved=session == "post"),
        protocols={"t1w": sequences.T1W, "stir": replace(sequences.STIR, te=stir_te)},
        noise={"t1w": rng.uniform(0.009, 0.018), "stir": rng.uniform(0.085, 0.165)},
        gain=(rng.normal(0, 0.05), rng.normal(-0.06, 0.12), rng.normal(0.15, 0.15), rng.uniform(0.2, 0.5)),
        flare=(rng.uniform(-85, 85), rng.uniform(55, 95), rng.uniform(-30, 30), rng.uniform(18, 30), strength),
        oval=(rng.uniform(11, 18), rng.uniform(7, 10), rng.uniform(5.5, 10)),
        scale={name: level * math.exp(rng.normal(0, 0.25)) for name, level in INTENSITY.items()},
    )


def _pose(shape, rng, moved):
    """Give the map from voxel indices to subject coordinates: the plane is prescribed a little off each time."""
    # ASSUME Repositioning is within about 2 degrees about each axis and 3 mm; the paper doesn't say.
    angles, shift = rng.normal(0, 0.03, 3), rng.normal(0, 3.0 if moved else 1.5, 3)
    (ca, cb, cg), (sa, sb, sg) = np.cos(angles), np.sin(angles)
    turn = (
        np.array([[1, 0, 0], [0, ca, -sa], [0, sa, ca]])
        @ np.array([[cb, 0, sb], [0, 1, 0], [-sb, 0, cb]])
        @ np.array([[cg, -sg, 0], [sg, cg, 0], [0, 0, 1]])
    )
    pose = np.eye(4)
    pose[:3, :3] = turn * (np.array(FIELD_MM) / shape)
    pose[:3, 3] = shift - pose[:3, :3] @ ((np.array(shape) - 1) / 2)
    return pose.astype(np.float32)


def _coordinates(pose, i, j, k):
    """Give the subject coordinates x, y, z of the voxel positions i, j, k (arrays that broadcast), float32."""
    return [pose[axis, 0] * i + pose[axis, 1] * j + pose[axis, 2] * k + pose[axis, 3] for axis in range(3)]


def _simulate_slice(visit, k):
    """Simulate one slice on its sub-slices and average them: partial volume.

    Returns arrays (i, j) by name: the noise-free signals, the masks and the truth.
    """
    subject = visit.subject
    i = np.arange(visit.shape[0], dtype=np.float32)[:, None]
    j = np.arange(visit.shape[1], dtype=np.float32)
    within = ((np.arange(SUBSLICES) + 0.5) / SUBSLICES - 0.5).astype(np.float32)[:, None, None]
    x, y, z = _coordinates(visit.pose, i, j, k + within)
    middle = _coordinates(visit.pose, i, j, np.float32(k))
    here = [values[None] for values in middle]
    grain = texture.sample_grain(subject.texture, *here)
    slab = anatomical.build(subject.anatomy, x, y, z, grain, texture.sample_fibre(subject.texture, *here))
    tissue = disease.wet_joints(subject.mimics, slab, x, grain)
    slab = replace(slab, tissue=tissue)
    oedema, lesion = disease.oedema(visit.lesions, slab, x, y, z, grain)
    blood, vessel = disease.blood(subject.mimics.vessels, slab, x, y, z)
    shares = {
        "marrow": tissue == Tissue.MARROW,
        "region": slab.region,
        "depth": slab.depth,
        "oedema": oedema,
        "blood": blood,
        "posterior": disease.posterior_brightness(subject.mimics, slab, x, y, z),
        "disc": (tissue == Tissue.DISC) | (tissue == Tissue.NUCLEUS),
        "wet": (tissue == Tissue.BLOOD) | (tissue == Tissue.CSF) | (tissue == Tissue.NERVE),
    }
    seen = {name: values.mean(axis=0, dtype=np.float32) for name, values in shares.items()}
    seen["bone"] = slab.bone[SUBSLICES // 2]
    near_disc = uniform_filter1d(seen["disc"], max(3, round(7 / visit.step(1))), axis=1)
    seen["disc_edge"] = np.clip(3 * near_disc, 0, 1) * seen["marrow"] * (seen["bone"] > 0)
    flare = _flare(visit, *middle)
    reason, structure = _explain(visit, seen, lesion, vessel, flare, *middle)
    return {
        **{f"{name}_signal": _signal(visit, name, tissue, seen, grain[0], flare, *middle) for name in visit.protocols},
        "normal_bone": _normal_bone(visit, seen, *middle),
        "region": seen["region"] >= 0.5,
        "reason": reason,
        "structure": structure,
        **{name: seen[name] for name in ("oedema", "depth", "bone")},
    }


def _stack(slices):
    """Stack slices into volumes (i, j, k) that lie slice by slice in memory."""
    return {name: np.stack([one[name] for one in slices]).transpose(1, 2, 0) for name in slices[0]}


def _signal(visit, name, tissue, seen, grain, flare, x, y, z):
    """Give the noise-free signal: tissues, the marrow's texture, disease and mimics, shaded by the coils."""
    pelvis, protocol = visit.subject.anatomy, visit.protocols[name]
    table = sequences.signal_table(protocol, pelvis.marrow_fat)
    signal = table[tissue].mean(axis=0) * (1 + UNEVEN * grain)
    signal += sequences.fat_slope(protocol) * pelvis.marrow_spread * seen["marrow"] * grain
    fluid = np.minimum(seen["oedema"] + seen["posterior"] + visit.subject.mimics.disc_edge * seen["disc_edge"], 1)
    dry = np.maximum(signal, 0) * (1 - fluid) + float(table[Tissue.OEDEMA]) * fluid
    signal = dry * (1 - seen["blood"]) + float(table[Tissue.BLOOD]) * seen["blood"]
    right, up, back, near = visit.gain
    shading = 0.01 * (right * x + up * y + back * z) + near * (np.maximum(z, 0) / 40) ** 2  # the spine coil is behind
    # ASSUME The T1w is shaded half as much (in the logarithm), only the STIR flares: so it looks in the public scans.
    return signal * (np.exp(shading) * flare if name == "stir" else np.exp(shading / 2))


def _flare(visit, x, y, z):
    """Give the extra gain around one coil element."""
    x0, y0, z0, radius, strength = visit.flare
    return 1 + strength * np.exp(-((x - x0) ** 2 + (y - y0) ** 2 + (z - z0) ** 2) / (2 * radius**2))


def _normal_bone(visit, seen, x, y, z):
    """Outline normal marrow as a radiologist does: an oval in the body of S1 on a few slices, off the vessels."""
    width, height, thickness = visit.oval
    oval = ((x / width) ** 2 + ((y - 25 - 0.2 * z) / height) ** 2 < 1) & (np.abs(z + 11) < thickness)
    spared = (seen["marrow"] > 0.99) & (seen["blood"] < 0.4) & (seen["oedema"] < 0.02) & (seen["disc_edge"] < 0.02)
    return oval & spared & (seen["bone"] == Bone.SACRUM)


def _acquire(signal, visit, name, rng):
    """Acquire one image in scanner units, int16."""
    resolution = tuple(BLUR_MM[name] / visit.step(axis) for axis in (0, 1))
    marrow = float(sequences.signal_table(visit.protocols[name], 0.45)[Tissue.MARROW])
    image = sequences.acquire(signal, resolution, visit.noise[name] * marrow, rng)
    return np.rint(image * visit.scale[name]).astype(np.int16)


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


def _explain(visit, seen, lesion, vessel, flare, x, y, z):
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


def _structures(visit):
    """Tabulate the structures that `_explain` numbers."""
    rows = [
        (Reason.MARROW, "", np.nan),
        *((why, side, np.nan) for why, side in FIXED_STRUCTURES),
        *((Reason.VESSEL, "", np.nan) for _ in visit.subject.mimics.vessels),
        *((Reason.LESION, SIDES[lesion.side > 0], lesion.peak) for lesion in visit.lesions),
    ]
    table = pd.DataFrame(rows, columns=["reason", "side", "peak"])
    table["reason"] = [Reason(value).name.lower() for value in table["reason"]]
    return table.rename_axis("structure").reset_index()
