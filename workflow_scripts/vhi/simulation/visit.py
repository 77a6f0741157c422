"""How a subject lies in the scanner at one visit."""

import math
from dataclasses import dataclass, replace

import numpy as np

from vhi.simulation import sequences
from vhi.simulation.disease import Lesion
from vhi.simulation.subject import Subject

FIELD_MM = (200.0, 200.0, 82.5)  # field of view of the protocol along i, j, k

OBLIQUITY = 0.58  # rad from the patient's long axis to the sacrum, as in the protocol's oblique coronal plane

INTENSITY = {"t1w": 900.0, "stir": 3500.0}  # scanner units per unit of signal; arbitrary, as on a scanner


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
class Visit:
    """What is drawn once per scan: disease at the time, position, coils."""

    subject: Subject
    lesions: tuple[Lesion, ...]
    shape: tuple[int, int, int]
    pose: np.ndarray  # shape (4, 4): voxel indices to subject coordinates, mm
    protocols: dict[str, sequences.Protocol]
    noise: dict[str, float]  # of normal marrow's signal
    gain: tuple[float, float, float, float]  # logarithm of the coils' gain per 100 mm along x, y, z, and near the back
    flare: tuple[float, float, float, float, float]  # x, y, z and radius (mm) of a flaring coil element; extra gain
    scale: dict[str, float]

    def step(self, axis: int) -> float:
        """Give the size of a voxel along an axis, mm."""
        return FIELD_MM[axis] / self.shape[axis]


def draw_visit(subject, session, shape, stir_te, rng, moved=False):
    """Draw how a subject lies in the scanner, and its state, at one visit."""
    strength = rng.uniform(0.25, 0.7) if rng.random() < 0.35 else rng.uniform(0, 0.1)
    return Visit(
        subject,
        subject.lesions[session],
        shape,
        _pose(shape, rng, moved=moved),
        protocols={"t1w": sequences.T1W, "stir": replace(sequences.STIR, te=stir_te)},
        noise={"t1w": rng.uniform(0.006, 0.013), "stir": rng.uniform(0.085, 0.165)},
        gain=(rng.normal(0, 0.05), rng.normal(-0.06, 0.12), rng.normal(0.15, 0.15), rng.uniform(0.2, 0.5)),
        flare=(rng.uniform(-85, 85), rng.uniform(55, 95), rng.uniform(-30, 30), rng.uniform(18, 30), strength),
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


def coordinates(pose, i, j, k):
    """Give the subject coordinates x, y, z of the voxel positions i, j, k (arrays that broadcast), float32."""
    return [pose[axis, 0] * i + pose[axis, 1] * j + pose[axis, 2] * k + pose[axis, 3] for axis in range(3)]
