"""One simulated scan: T1w and STIR volumes, the masks that a study has, and the truth that no study has."""

import math
from dataclasses import replace
from zlib import crc32

import numpy as np
from scipy.ndimage import uniform_filter1d

from vhi.io.errors import InputError
from vhi.simulation import anatomy as anatomical
from vhi.simulation import disease, mimics, sequences, texture, treatment
from vhi.simulation.explain import TRUE_OEDEMA, _structures, explain
from vhi.simulation.geometry import Bone
from vhi.simulation.patch import draw_patch, outline_region
from vhi.simulation.subject import Scan, Subject, Truth
from vhi.simulation.tissues import Tissue
from vhi.simulation.visit import FIELD_MM, coordinates, draw_visit, scan_affine

SUBSLICES = 2

UNEVEN = 0.03  # ASSUME Every tissue's signal varies by this share from place to place; no tissue is quite uniform.

BLUR_MM = {"t1w": 0.45, "stir": 0.78}  # standard deviation of the in-plane point spread


def generator(seed: int, name: str, purpose: str) -> np.random.Generator:
    """Make the random generator of one named thing, whatever else is simulated, in any order."""
    return np.random.default_rng([seed, crc32(name.encode()), crc32(purpose.encode())])


def scan_name(subject: str, session: str, repeat: int = 1) -> str:
    """Name a scan: ``sim01_pre``, and ``sim01_pre_2`` for the second scan of the same state."""
    return f"{subject}_{session}" + (f"_{repeat}" if repeat > 1 else "")


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
        mimics.draw_mimics(generator(seed, name, "mimics"), pelvis),
        {"pre": lesions, "post": treatment.treat(lesions, effect, rng)},
        burden,
        effect,
    )


def simulate(
    subject: Subject,
    session: str,
    seed: int,
    shape: tuple[int, int, int] = (336, 336, 25),
    stir_te: float = 60.0,
    repeat: int = 1,
) -> Scan:
    """Simulate one scan of a subject.

    Parameters
    ----------
    subject : Subject
    session : {'pre', 'post'}
    seed : int
        The study's seed; with the subject's name, the session and the repeat it fixes every voxel.
    shape : tuple of int
        Matrix (i, j, k) over the field of view of 200 x 200 x 82.5 mm.
    stir_te : float
        Effective echo time of the STIR, ms (section 2.4 prints 50; the public headers say 60).
    repeat : int
        1, or the number of a further scan of the same state: new position, coils, noise and outlines.

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
    name = scan_name(subject.name, session, repeat)
    rng = generator(seed, name, "scan")
    visit = draw_visit(subject, session, tuple(shape), stir_te, rng, moved=(session, repeat) != ("pre", 1))
    volumes = _stack([_simulate_slice(visit, k) for k in range(shape[2])])
    images = {name: _acquire(volumes[f"{name}_signal"], visit, name, rng) for name in ("t1w", "stir")}
    truth = Truth(
        inflammation=volumes["oedema"] >= TRUE_OEDEMA,
        structures=_structures(visit),
        pose=visit.pose,
        **{part: volumes[part] for part in ("oedema", "reason", "structure", "depth", "bone", "sacral_marrow")},
    )
    step = tuple(visit.step(axis) for axis in range(3))
    return Scan(
        subject.name,
        **images,
        normal_marrow=draw_patch(
            images["stir"], truth.sacral_marrow, visit.pose, step[:2], generator(seed, name, "patch")
        ),
        disease_region=outline_region(volumes["region"], step, generator(seed, name, "outline")),
        affine=scan_affine(shape),
        truth=truth,
    )


def redraw_patch(scan: Scan, rng: np.random.Generator) -> np.ndarray:
    """Outline the normal marrow of a scan once more; shape (i, j, k), bool."""
    step = np.array(FIELD_MM) / scan.stir.shape
    return draw_patch(scan.stir, scan.truth.sacral_marrow, scan.truth.pose, tuple(step[:2]), rng)


def _simulate_slice(visit, k):
    """Simulate one slice on its sub-slices and average them: partial volume.

    Returns arrays (i, j) by name: the noise-free signals, the masks and the truth.
    """
    subject = visit.subject
    i = np.arange(visit.shape[0], dtype=np.float32)[:, None]
    j = np.arange(visit.shape[1], dtype=np.float32)
    within = ((np.arange(SUBSLICES) + 0.5) / SUBSLICES - 0.5).astype(np.float32)[:, None, None]
    x, y, z = coordinates(visit.pose, i, j, k + within)
    middle = coordinates(visit.pose, i, j, np.float32(k))
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
    seen = {name: _mean(values) for name, values in shares.items()}
    seen["bone"] = slab.bone[SUBSLICES // 2]
    near_disc = uniform_filter1d(seen["disc"], max(3, round(7 / visit.step(1))), axis=1)
    seen["disc_edge"] = np.clip(3 * near_disc, 0, 1) * seen["marrow"] * (seen["bone"] > 0)
    flare = _flare(visit, *middle)
    reason, structure = explain(visit, seen, lesion, vessel, flare, *middle)
    return {
        **{f"{name}_signal": _signal(visit, name, tissue, seen, grain[0], flare, *middle) for name in visit.protocols},
        "sacral_marrow": (seen["marrow"] > 0.99) & (seen["bone"] == Bone.SACRUM),
        "region": seen["region"],
        "reason": reason,
        "structure": structure,
        **{name: seen[name] for name in ("oedema", "depth", "bone")},
    }


def _mean(values):
    """Average over the sub-slices; summed one by one, which is quicker than a reduction along a short axis."""
    total = values[0].astype(np.float32)
    for one in values[1:]:
        total += one
    return total * np.float32(1 / len(values))


def _stack(slices):
    """Stack slices into volumes (i, j, k) that lie slice by slice in memory."""
    return {name: np.stack([one[name] for one in slices]).transpose(1, 2, 0) for name in slices[0]}


def _signal(visit, name, tissue, seen, grain, flare, x, y, z):
    """Give the noise-free signal: tissues, the marrow's texture, disease and mimics, shaded by the coils."""
    pelvis, protocol = visit.subject.anatomy, visit.protocols[name]
    table = sequences.signal_table(protocol, pelvis.marrow_fat)
    signal = _mean(table[tissue]) * (1 + UNEVEN * grain)
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


def _acquire(signal, visit, name, rng):
    """Acquire one image in scanner units, int16."""
    resolution = tuple(BLUR_MM[name] / visit.step(axis) for axis in (0, 1))
    marrow = float(sequences.signal_table(visit.protocols[name], 0.45)[Tissue.MARROW])
    image = sequences.acquire(signal, resolution, visit.noise[name] * marrow, rng)
    return np.rint(image * visit.scale[name]).astype(np.int16)
