"""Inflammation next to the sacroiliac joints, its treatment, and the bright things that readers must tell from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from vhi.simulation.geometry import Bone, Slab, index_box
from vhi.simulation.mimics import Mimics, Vessel
from vhi.simulation.tissues import Tissue


class Reason(IntEnum):
    """Why a voxel of bone may be bright; the value is its label in a scan's `reason` volume."""

    MARROW = 0  # noise and the marrow's own texture
    LESION = 1
    VESSEL = 2
    JOINT = 3
    FORAMEN = 4
    FLARE = 5
    POSTERIOR_ILIUM = 6
    DISC_EDGE = 7


@dataclass(frozen=True)
class Lesion:
    """Subchondral bone marrow oedema: half an ellipsoid that hugs the joint, with an irregular border.

    Attributes
    ----------
    side : int
        -1 right, +1 left.
    bone : int
        `Bone.SACRUM` or `Bone.ILIUM`.
    y, z : float
        Centre on the joint's surface, mm.
    height, thickness, depth : float
        Half-axes along y and z and reach into the bone, mm.
    peak : float
        Share of oedema fluid at the core, 0 to 1.
    softness : float
        Width of the fading border as a share of the half-axis, 0 to 1.
    number : int
        Which of the subject's lesions it is, from 1; it stays through treatment.
    """

    side: int
    bone: int
    y: float
    z: float
    height: float
    thickness: float
    depth: float
    peak: float
    softness: float
    number: int = 0


def draw_lesions(rng: np.random.Generator, burden: float) -> tuple[Lesion, ...]:
    """Draw a subject's lesions before treatment.

    Parameters
    ----------
    rng : numpy.random.Generator
    burden : float
        0 is next to nothing, 1 is most of the bone around both joints.

    Returns
    -------
    tuple of Lesion
    """
    count = 2 + rng.poisson(1 + 5 * burden)
    worse_side = rng.choice([-1, 1])
    lesions = []
    for number in range(1, count + 1):
        scale = np.exp(rng.normal(0.2 + 1.95 * burden, 0.25))
        lesions.append(
            Lesion(
                side=int(worse_side if rng.random() < 0.65 else -worse_side),
                bone=int(rng.choice([Bone.SACRUM, Bone.ILIUM])),
                y=rng.uniform(-24, 30),
                z=rng.uniform(-16, 6),
                height=3.4 * scale * rng.uniform(0.8, 1.4),
                thickness=3.0 * scale * rng.uniform(0.8, 1.2),
                depth=3.2 * scale * rng.uniform(0.6, 1.3),
                peak=float(np.clip(rng.normal(0.4 + 0.4 * burden, 0.18), 0.2, 1.0)),
                softness=rng.uniform(0.3, 0.8),
                number=number,
            )
        )
    return tuple(lesions)


def oedema(
    lesions: Sequence[Lesion], slab: Slab, x: np.ndarray, y: np.ndarray, z: np.ndarray, grain: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Evaluate all lesions at the points of a slab.

    Parameters
    ----------
    lesions : sequence of Lesion
    slab : vhi.simulation.geometry.Slab
    x, y, z : numpy.ndarray
        Shape (s, i, j): subject coordinates, mm.
    grain : numpy.ndarray
        Shape (1, i, j): texture that makes borders irregular.

    Returns
    -------
    fraction : numpy.ndarray
        Shape (s, i, j), float32: share of oedema fluid; 0 outside marrow.
    owner : numpy.ndarray
        Shape (i, j), int16: number of the lesion (from 1) with the largest share; 0 where there is none.
    """
    fraction = np.zeros(x.shape, dtype=np.float32)
    owner = np.zeros(x.shape[1:], dtype=np.int16)
    highest = np.zeros(x.shape[1:], dtype=np.float32)
    front, back = z.min(), z.max()
    for number, lesion in enumerate(lesions, start=1):
        if not front - 1.7 * lesion.thickness < lesion.z < back + 1.7 * lesion.thickness:
            continue
        sides = (0, 150) if lesion.side > 0 else (-150, 0)
        reach = 1.7 * lesion.height
        box = index_box(x, y, sides, (lesion.y - reach, lesion.y + reach))
        inward = slab.depth[box] * (-1 if lesion.bone == Bone.SACRUM else 1)
        radius = np.sqrt(
            ((y[box] - lesion.y) / lesion.height) ** 2
            + ((z[box] - lesion.z) / lesion.thickness) ** 2
            + (inward / lesion.depth) ** 2
        )
        share = lesion.peak * np.clip((1 - radius - 0.15 * grain[box]) / lesion.softness, 0, 1)
        share *= (slab.bone[box] == lesion.bone) & (slab.tissue[box] == Tissue.MARROW) & (lesion.side * x[box] > 0)
        np.maximum(fraction[box], share, out=fraction[box])
        mean = share.mean(axis=0)
        owner[box[1:]][mean > highest[box[1:]]] = number
        np.maximum(highest[box[1:]], mean, out=highest[box[1:]])
    return fraction, owner


def blood(
    vessels: Sequence[Vessel], slab: Slab, x: np.ndarray, y: np.ndarray, z: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Evaluate the marrow's veins at the points of a slab; returns as `oedema` does."""
    fraction = np.zeros(x.shape, dtype=np.float32)
    owner = np.zeros(x.shape[1:], dtype=np.int16)
    front, back = z.min() - 2, z.max() + 2
    for number, vessel in enumerate(vessels, start=1):
        (x0, y0, z0), (x1, y1, z1) = vessel.start, vessel.end
        if max(z0, z1) < front or min(z0, z1) > back:
            continue
        box = index_box(x, y, (min(x0, x1) - 2, max(x0, x1) + 2), (min(y0, y1) - 2, max(y0, y1) + 2))
        px, py, pz = x[box] - x0, y[box] - y0, z[box] - z0
        dx, dy, dz = x1 - x0, y1 - y0, z1 - z0
        along = np.clip((px * dx + py * dy + pz * dz) / (dx * dx + dy * dy + dz * dz), 0, 1)
        distance = np.sqrt((px - along * dx) ** 2 + (py - along * dy) ** 2 + (pz - along * dz) ** 2)
        share = vessel.filling * np.clip(vessel.radius + 0.5 - distance, 0, 1) * (slab.tissue[box] == Tissue.MARROW)
        np.maximum(fraction[box], share, out=fraction[box])
        owner[box[1:]][share.max(axis=0) > 0.1] = number
    return fraction, owner


def wet_joints(mimics: Mimics, slab: Slab, x: np.ndarray, grain: np.ndarray) -> np.ndarray:
    """Put fluid into cartilage and veins into the ligaments behind the joints; returns the tissue labels."""
    tissue = slab.tissue
    joint = slab.bone == Bone.JOINT
    threshold = np.where(x[joint] > 0, mimics.fluid[1], mimics.fluid[0])
    wet = np.broadcast_to(grain, x.shape)[joint] > threshold
    labels = tissue[joint]
    labels[wet & (labels == Tissue.CARTILAGE)] = Tissue.SYNOVIAL_FLUID
    labels[wet & (labels == Tissue.FAT)] = Tissue.BLOOD
    tissue = tissue.copy()
    tissue[joint] = labels
    return tissue


def posterior_brightness(mimics: Mimics, slab: Slab, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Give the oedema-like share of the posterior ilium, a variant of normal marrow: shape (s, i, j), float32."""
    share = np.zeros(x.shape, dtype=np.float32)
    inside = (slab.bone == Bone.ILIUM) & (slab.tissue == Tissue.MARROW)
    strength = np.where(x[inside] > 0, *map(np.float32, reversed(mimics.posterior)))
    share[inside] = strength * np.clip((z[inside] - 3) / 6, 0, 1) * np.clip(1.3 - np.abs(y[inside] + 6) / 20, 0, 1)
    return share
