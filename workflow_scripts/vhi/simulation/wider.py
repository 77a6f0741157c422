"""What makes a study's scans less alike: motion, ghosts, failing fat suppression, body size, other scanners.

Each is a share of scans (of subjects: body size), 0 by default. Each draws from a generator of its own, so that a share of 0 leaves
every voxel as it was.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from vhi.simulation.geometry import Anatomy
from vhi.simulation.naming import generator
from vhi.simulation.sequences import Protocol
from vhi.simulation.visit import FIELD_MM, Visit

# ASSUME All ranges below are set by hand; only the shares of a variant are compared with the public scans.
MOTION_MM, MOTION_SHARE = (0.6, 2.0), (0.15, 0.45)  # how far the body moved, and the share of the echoes after that
GHOST_MM, GHOST_SHARE = (25.0, 75.0), (0.02, 0.08)  # how far a ghost lies from its source, and its share of the signal
FAILED_TI, FAILED_RADIUS_MM = (0.8, 1.2), (40.0, 90.0)  # inversion time there, as a multiple, and how far it reaches


@dataclass(frozen=True)
class Wider:
    """Shares of scans, 0 to 1, that are not as the protocol would have them.

    Attributes
    ----------
    motion : float
        Scans whose subject moved: each slice mixed with shifted copies.
    ghosting : float
        Scans with ghosts: copies displaced along the phase-encoding axis (left to right).
    fat_failure : float
        Scans whose fat suppression fails in a part: there the inversion time of the STIR is off.
    body_size : float
        Subjects drawn from a wider range of size, subcutaneous fat, fat of muscle and marrow.
    scanner : float
        Scans from another scanner: echo and inversion times, noise, coils, scale.
    """

    motion: float = 0.0
    ghosting: float = 0.0
    fat_failure: float = 0.0
    body_size: float = 0.0
    scanner: float = 0.0


AS_PLANNED = Wider()


@dataclass(frozen=True)
class Artefacts:
    """What went wrong in one scan; a part that did not is None.

    Attributes
    ----------
    copies : dict of str to tuple
        By image: displaced copies as (mm along i, mm along j, share of the signal).
    failure : tuple or None
        Centre x, y, z and radius (mm) of the part where fat suppression fails.
    failed : vhi.simulation.sequences.Protocol or None
        The STIR there.
    """

    copies: dict[str, tuple[tuple[float, float, float], ...]]
    failure: tuple[float, float, float, float] | None = None
    failed: Protocol | None = None


def another_body(anatomy: Anatomy, share: float, rng: np.random.Generator) -> Anatomy:
    """Draw size and fat of a subject from a wider range, for a share of subjects."""
    if rng.random() >= share:
        return anatomy
    return replace(
        anatomy,
        size=float(np.clip(anatomy.size * math.exp(rng.normal(0, 0.06)), 0.8, 1.12)),
        fat_thickness=rng.uniform(8, 48),
        muscle_fat=rng.uniform(0.05, 0.75),
        marrow_fat=float(np.clip(anatomy.marrow_fat + rng.normal(0, 0.13), 0.15, 0.92)),
        marrow_spread=anatomy.marrow_spread * rng.uniform(0.6, 1.5),
        marrow_lateral=rng.normal(-0.06, 0.13),
        marrow_t2=anatomy.marrow_t2 * math.exp(rng.normal(0, 0.27)),
    )


def another_scanner(visit: Visit, share: float, rng: np.random.Generator) -> Visit:
    """Replace protocol, noise, coils and scale of a visit, for a share of scans."""
    if rng.random() >= share:
        return visit
    stir, t1w = visit.protocols["stir"], visit.protocols["t1w"]
    stir = replace(stir, te=stir.te * rng.uniform(0.65, 1.35), ti=stir.ti * rng.uniform(0.9, 1.04))
    t1w = replace(t1w, tr=t1w.tr * rng.uniform(0.85, 1.4), te=t1w.te * rng.uniform(0.8, 1.3))
    right, up, back, near = visit.gain
    noise = {"t1w": rng.uniform(0.5, 1.4), "stir": math.exp(rng.normal(-0.15, 0.35))}
    return replace(
        visit,
        protocols={"t1w": t1w, "stir": stir},
        noise={name: visit.noise[name] * factor for name, factor in noise.items()},
        gain=(right, up + rng.normal(0, 0.15), back + rng.normal(0, 0.3), max(0.0, near + rng.normal(0, 0.4))),
        scale={name: value * math.exp(rng.normal(0, 0.6)) for name, value in visit.scale.items()},
    )


def draw_artefacts(wider: Wider, stir: Protocol, seed: int, name: str) -> Artefacts:
    """Draw what goes wrong in one scan."""
    rng, copies = generator(seed, name, "motion"), {"t1w": [], "stir": []}
    if rng.random() < wider.motion:
        for of in copies.values():
            angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(*MOTION_MM)
            of.append((reach * math.cos(angle), reach * math.sin(angle), rng.uniform(*MOTION_SHARE)))
    rng = generator(seed, name, "ghosting")
    if rng.random() < wider.ghosting:
        for of in copies.values():
            reach, share = rng.uniform(*GHOST_MM), rng.uniform(*GHOST_SHARE)
            of += [(reach, 0.0, share / 2), (-reach, 0.0, share / 2)]
    rng, failure, failed = generator(seed, name, "fat failure"), None, None
    if rng.random() < wider.fat_failure:
        place = rng.uniform((-80, -70, -30), (80, 80, 30)).tolist()
        failure = (*place, rng.uniform(*FAILED_RADIUS_MM))
        low, high = FAILED_TI
        factor = rng.uniform(low, 0.9) if rng.random() < 0.5 else rng.uniform(1.1, high)
        failed = replace(stir, ti=stir.ti * factor)
    return Artefacts({image: tuple(of) for image, of in copies.items()}, failure, failed)


def failing(artefacts: Artefacts, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Give the share, 0 to 1, by which fat suppression fails at each point."""
    x0, y0, z0, radius = artefacts.failure
    return np.exp(-(((x - x0) ** 2 + (y - y0) ** 2 + (z - z0) ** 2) / (2 * (radius / 2) ** 2)))


def displace(signal: np.ndarray, copies: tuple[tuple[float, float, float], ...]) -> np.ndarray:
    """Mix a noise-free volume (i, j, k) with its displaced copies; what leaves the field of view wraps around."""
    if not copies:
        return signal
    mixed = signal * np.float32(1 - sum(share for _, _, share in copies))
    for right, up, share in copies:
        mixed += np.float32(share) * _shifted(_shifted(signal, 0, right), 1, up)
    return mixed


def _shifted(signal, axis, reach):
    """Shift along an axis by `reach` mm, between voxels by interpolation."""
    whole, part = divmod(reach * signal.shape[axis] / FIELD_MM[axis], 1)
    near = np.roll(signal, int(whole), axis)
    return near * np.float32(1 - part) + np.roll(near, 1, axis) * np.float32(part) if part else near
