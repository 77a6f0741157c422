"""Geometry of the phantom: bones, a slab of it, surfaces and axes."""

from dataclasses import dataclass, fields

import numpy as np

FORAMINA_Y = (19.0, -4.0, -26.0, -44.0)  # exits of the roots S1 to S4, mm

CORTEX_MM = 1.2


class Bone:
    """Codes of the bone that a point lies in; 0 is no bone."""

    NONE, SACRUM, ILIUM, LUMBAR, POSTERIOR_ELEMENT, JOINT = range(6)


@dataclass(frozen=True)
class Anatomy:
    """Shape of one subject's pelvis.

    Attributes
    ----------
    size : float
        Scale of the whole shape.
    joint_x, joint_slope, joint_obliquity : float
        Distance of the joint from the midline (mm), its spread per mm up and per mm forward.
    joint_gap : float
        Half the width of the cartilaginous joint, mm.
    joint_wave : float
        Amplitude of the auricular surface, mm.
    asymmetry : float
        Shift of the left against the right joint, mm.
    sacral_curve, sacral_tilt, sacral_depth : float
        Concavity (1/mm), slope and depth (mm) of the anterior sacral surface.
    lordosis : float
        Angle of the L5 axis backwards from the y axis, rad.
    wing : float
        Flare of the iliac wing, mm per mm.
    skin, skin_slope, fat_thickness : float
        Depth of the skin at the lower edge (mm), its slope, and thickness of the subcutaneous fat (mm).
    sac_end : float
        Height of the end of the dural sac, mm.
    muscle_fat : float
        Share of fat streaks in muscle, 0 to 1.
    marrow_fat, marrow_spread : float
        Fat fraction of the marrow and its spread within the subject.
    sclerosis : float
        Depth of subchondral sclerosis, mm; 0 for none.
    phase : float
        Phase of the surfaces' waves, rad.
    bowel : tuple of tuple
        Loops of bowel: x, y, z and radius (mm), and the `Tissue` inside.
    fat_near_joints : float
        How much the fat fraction of marrow rises in patches next to the joints.
    marrow_lateral : float
        How much the fat fraction of marrow is higher at the side than in the body of the sacrum.
    marrow_t2 : float
        T2 of the marrow's water, ms.
    """

    size: float = 0.95
    joint_x: float = 50.0
    joint_slope: float = 0.30
    joint_obliquity: float = 0.32
    joint_gap: float = 1.1
    joint_wave: float = 1.8
    asymmetry: float = 0.0
    sacral_curve: float = 0.0022
    sacral_tilt: float = 0.08
    sacral_depth: float = -11.0
    lordosis: float = 0.42
    wing: float = 0.55
    skin: float = 8.0
    skin_slope: float = 0.8
    fat_thickness: float = 24.0
    sac_end: float = -4.0
    muscle_fat: float = 0.3
    marrow_fat: float = 0.45
    marrow_spread: float = 0.1
    sclerosis: float = 0.0
    phase: float = 0.0
    bowel: tuple[tuple[float, float, float, float, int], ...] = ()
    fat_near_joints: float = 0.0
    marrow_lateral: float = 0.0
    marrow_t2: float = 45.0


@dataclass(frozen=True)
class Slab:
    """What the anatomy is at the points of one slab; arrays share the shape of the points.

    Attributes
    ----------
    tissue : numpy.ndarray
        `Tissue` labels, uint8.
    bone : numpy.ndarray
        `Bone` codes, uint8.
    depth : numpy.ndarray
        Signed distance from the joint's mid-surface, mm, float32: negative in the sacrum, positive in the ilium.
    region : numpy.ndarray
        The disease region (section 2.5.3), bool.
    """

    tissue: np.ndarray
    bone: np.ndarray
    depth: np.ndarray
    region: np.ndarray


def joint_surface(a: Anatomy, side: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Give the joint's distance from the midline, mm, at height y and depth z on side -1 (right) or +1 (left)."""
    wave = a.joint_wave * np.sin(0.11 * y + a.phase + side) * np.cos(0.09 * z - a.phase)
    return a.joint_x + a.asymmetry * side + a.joint_slope * (y - 10) - a.joint_obliquity * (z + 10) + wave


def joint_obliquity_norm(a: Anatomy) -> float:
    """Give what turns a lateral offset from the joint into a distance at right angles to it."""
    return float(1 / np.sqrt(1 + a.joint_slope**2 + a.joint_obliquity**2))


def sacral_front(a: Anatomy, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Give the depth of the anterior sacral surface, mm."""
    return a.sacral_depth - a.sacral_tilt * (y + 10) - a.sacral_curve * (y + 45) ** 2 + 0.002 * x**2


def canal_axis(y: np.ndarray) -> np.ndarray:
    """Give the depth of the spinal canal's axis, mm."""
    return 5 + 0.12 * (y + 10) + 0.0016 * (y + 10) ** 2


@dataclass(frozen=True)
class Points:
    """The points of one slab, in the subject's size, with what several structures need of them.

    All arrays have one shape (s, i, j): sub-slices, then roughly along x, then roughly along y.
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    lateral: np.ndarray
    offset: np.ndarray  # from the joint's surface, outwards, mm
    ligament: np.ndarray  # how far behind the synovial joint, mm
    front: np.ndarray  # depth of the anterior sacral surface, mm
    behind_canal: np.ndarray
    grain: np.ndarray
    streak: np.ndarray

    def within(self, lateral: float, low: float, high: float) -> tuple[slice, slice, slice]:
        """Give the index box of the points with |x| < `lateral` and `low` < y < `high`: structures paint only there."""
        return index_box(self.x, self.y, (-lateral, lateral), (low, high))

    def __getitem__(self, box: tuple[slice, slice, slice]) -> "Points":
        return Points(*(getattr(self, field.name)[box] for field in fields(self)))


def index_box(
    x: np.ndarray, y: np.ndarray, x_range: tuple[float, float], y_range: tuple[float, float]
) -> tuple[slice, slice, slice]:
    """Give the smallest index box that holds all points of a slab within two ranges of coordinates.

    Parameters
    ----------
    x, y : numpy.ndarray
        Shape (s, i, j): affine in the indices, x running mainly along i and y along j.
    x_range, y_range : tuple of float
        Lowest and highest coordinate.

    Returns
    -------
    tuple of slice
    """
    x_edge = np.stack([x[0, :, 0], x[0, :, -1], x[-1, :, 0], x[-1, :, -1]])
    y_edge = np.stack([y[0, 0], y[0, -1], y[-1, 0], y[-1, -1]])
    across = (x_edge.max(axis=0) >= x_range[0]) & (x_edge.min(axis=0) <= x_range[1])
    along = (y_edge.max(axis=0) >= y_range[0]) & (y_edge.min(axis=0) <= y_range[1])
    return slice(None), _span(across), _span(along)


def _span(flags):
    found = np.flatnonzero(flags)
    return slice(int(found[0]), int(found[-1]) + 1) if found.size else slice(0, 0)
