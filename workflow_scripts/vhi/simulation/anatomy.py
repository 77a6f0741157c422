"""A parametric pelvis: tissues, bones and the sacroiliac joints as implicit functions of position.

Subject coordinates are millimetres from the middle of the imaged volume: x towards the patient's left, y up the sacrum,
z towards the back, so that a plane of constant z is the oblique coronal plane of the scan. Shapes were set by eye to
look like oblique coronal slices through the sacroiliac joints; nothing is copied from any scan.
"""

import math
from dataclasses import dataclass, fields

import numpy as np

from vhi.simulation.tissues import Tissue

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


def draw_anatomy(rng: np.random.Generator, marrow: str = "normal") -> Anatomy:
    """Draw one subject's pelvis.

    Parameters
    ----------
    rng : numpy.random.Generator
    marrow : {'normal', 'fatty', 'sclerotic'}
        Kind of marrow; the last two are the cases on which the published network failed (section 3.2).

    Returns
    -------
    Anatomy
    """
    fat = {"normal": rng.normal(0.45, 0.05), "fatty": rng.normal(0.86, 0.02), "sclerotic": rng.normal(0.45, 0.05)}
    sclerosis = rng.uniform(14, 22)
    return Anatomy(
        size=rng.normal(0.95, 0.04),
        joint_x=rng.normal(50, 2.5),
        joint_slope=rng.normal(0.30, 0.04),
        joint_obliquity=rng.normal(0.32, 0.05),
        joint_gap=rng.uniform(0.8, 1.5),
        joint_wave=rng.uniform(0.8, 2.5),
        asymmetry=rng.normal(0, 1.2),
        sacral_curve=rng.normal(0.0022, 0.0004),
        sacral_tilt=rng.normal(0.08, 0.07),
        sacral_depth=rng.normal(-11, 3),
        lordosis=rng.normal(0.42, 0.08),
        wing=rng.normal(0.55, 0.06),
        skin=rng.normal(8, 13),
        skin_slope=rng.uniform(0.65, 0.95),
        fat_thickness=rng.uniform(14, 36),
        sac_end=rng.normal(-4, 7),
        muscle_fat=rng.uniform(0.15, 0.5),
        marrow_fat=float(np.clip(fat[marrow], 0.25, 0.92)),
        marrow_spread=rng.uniform(0.07, 0.13) * (2.5 if marrow == "fatty" else 1),
        sclerosis=sclerosis if marrow == "sclerotic" else 0.0,
        phase=rng.uniform(0, 2 * np.pi),
        bowel=_draw_bowel(rng),
    )


def _draw_bowel(rng):
    """Draw loops of pelvic and abdominal bowel, filled with gas, fluid or stool."""
    pelvic = rng.uniform((-24, -72, -50, 8), (24, 10, -24, 18), (8, 4))
    abdominal = rng.uniform((42, 68, -50, 8), (95, 108, 5, 17), (12, 4))
    abdominal[:, 0] *= rng.choice([-1, 1], 12)
    contents = rng.choice([Tissue.AIR, Tissue.BOWEL_FLUID, Tissue.BOWEL_WALL], 20, p=[0.3, 0.2, 0.5])
    return tuple((*map(float, loop), int(inside)) for loop, inside in zip((*pelvic, *abdominal), contents, strict=True))


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
    x_edge, y_edge = x[:: max(1, len(x) - 1), :, :: x.shape[2] - 1], y[:: max(1, len(y) - 1), :: y.shape[1] - 1]
    across = (x_edge.max(axis=(0, 2)) >= x_range[0]) & (x_edge.min(axis=(0, 2)) <= x_range[1])
    along = (y_edge.max(axis=(0, 1)) >= y_range[0]) & (y_edge.min(axis=(0, 1)) <= y_range[1])
    return slice(None), _span(across), _span(along)


def _span(flags):
    found = np.flatnonzero(flags)
    return slice(int(found[0]), int(found[-1]) + 1) if found.size else slice(0, 0)


def build(a: Anatomy, x: np.ndarray, y: np.ndarray, z: np.ndarray, grain: np.ndarray, streak: np.ndarray) -> Slab:
    """Evaluate the anatomy, painting soft tissue first, then bone, then joints, canal and foramina over it.

    Parameters
    ----------
    a : Anatomy
    x, y, z : numpy.ndarray
        Shape (s, i, j), float32: subject coordinates of the points, mm.
    grain, streak : numpy.ndarray
        Shape (s, i, j) or broadcasting to it: standard normal textures (see `vhi.simulation.texture`).

    Returns
    -------
    Slab
    """
    p = _points(a, x, y, z, grain, streak)
    tissue = np.full(x.shape, Tissue.FAT, dtype=np.uint8)
    bone = np.zeros(x.shape, dtype=np.uint8)
    ilium = _ilium(a, p)
    _paint_muscle(a, tissue, p, ilium)
    for paint in (_paint_bowel, _paint_vessels):
        paint(a, tissue, p)
    _paint_bone(a, tissue, bone, p, ilium)
    _paint_joint(a, tissue, bone, p)
    _paint_canal(a, tissue, bone, p)
    _paint_foramina(tissue, bone, p)
    depth = p.offset * joint_obliquity_norm(a)
    _paint_sclerosis(a, tissue, bone, depth, p)
    outside = p.z > _skin(a, p)
    tissue[outside] = Tissue.AIR
    bone[outside] = Bone.NONE
    return Slab(tissue, bone, depth * a.size, _disease_region(bone, p))


def _points(a, x, y, z, grain, streak):
    x, y, z = x / a.size, y / a.size, z / a.size
    x, y = (
        x + 2.0 * np.sin(0.055 * y + 0.04 * z + a.phase) + np.sin(0.13 * y - a.phase),
        y + 2.0 * np.sin(0.05 * x - 0.05 * z + 2 * a.phase) + np.sin(0.12 * x + a.phase),
    )  # nobody's pelvis is drawn with a ruler
    lateral = np.abs(x)
    return Points(
        x,
        y,
        z,
        lateral,
        offset=lateral - joint_surface(a, np.sign(x), y, z),
        ligament=np.maximum(z - (7.5 - 0.23 * y), 0),
        front=sacral_front(a, x, y),
        behind_canal=z - canal_axis(y),
        grain=np.broadcast_to(grain, x.shape),
        streak=np.broadcast_to(streak, x.shape),
    )


def _cut(first, second, radius=8.0):
    """Intersect two solids given by negative-inside distances, rounding the edge to about `radius` mm."""
    rounding = np.maximum(radius - np.abs(first - second), 0)
    return np.maximum(first, second) + rounding**2 / (4 * radius)


def _ilium(a, p):
    """Iliac wing: a wedge in front, a thin blade behind the joint (negative inside, mm)."""
    forward = np.maximum(-p.z - 18, 0)
    inner = a.joint_gap + 0.9 * p.ligament + 0.035 * forward * np.maximum(p.y + 10, 0)
    flare = np.clip((22 - p.z) / 30, 0.12, 1) * a.wing
    outer = inner + 13 + flare * np.maximum(p.y + 22, 0) + 1.2 * np.sin(0.12 * p.y + a.phase)
    top = p.y - (48 + 0.12 * (p.lateral - 60) - 2.1 * np.maximum(p.z - 4, 0) + np.sin(0.09 * p.lateral + a.phase))
    bottom = -37 - 0.4 * p.z + 0.02 * (p.lateral - 45) ** 2 - p.y
    blade = _cut(0.93 * (inner - p.offset), 0.85 * (p.offset - outer), 4.0)
    return np.maximum(_cut(blade, np.maximum(top, bottom)), p.z - 36)


def _sacrum(a, p):
    """Sacral body and alae (negative inside, mm); canal and foramina are painted over it."""
    side = np.maximum(
        0.93 * (p.offset + a.joint_gap + 0.1 * p.ligament),
        p.lateral - (40 + 0.5 * (p.y + 30) + 1.5 * np.sin(0.3 * p.y + a.phase)),
    )
    top = 0.94 * (p.y + 0.33 * (p.z + 10) - 42 + 0.9 * np.sin(0.12 * p.lateral + a.phase))
    back = p.z - (p.front + 15 + 0.17 * (p.y + 80) + 0.5 * np.sin(0.25 * p.y) + 0.5 * p.grain)
    return np.maximum.reduce([_cut(side, top, 5.0), 0.9 * (np.maximum(p.front, -30) - p.z), 0.9 * back, -92 - p.y])


def _lumbar(a, p):
    """L5 and L4 (negative inside, mm), and the discs below them (negative inside, mm)."""
    cos, sin = math.cos(a.lordosis), math.sin(a.lordosis)
    along = (p.y - 41) * cos + (p.z + 9) * sin
    across = (p.z + 9) * cos - (p.y - 41) * sin
    bodies, discs = [], []
    for low, high in ((9.0, 36.0), (45.0, 72.0)):
        middle, half = (low + high) / 2, (high - low) / 2
        waist = 3.5 * ((along - middle) / half) ** 2
        rim = np.sqrt((p.lateral / (22 + waist)) ** 2 + (across / (15 + 0.6 * waist)) ** 2)
        bodies.append(_cut(np.abs(along - middle) - half, 16 * (rim - 1), 4.0))
        oval = np.sqrt((p.lateral / 26) ** 2 + (across / 17) ** 2)
        discs.append(np.maximum(np.abs(along - low + 4.5) - 4.5, 16 * (oval - 1)))
    process = 6 * (np.sqrt(((p.lateral - 36) / 16) ** 2 + ((p.y - 60) / 5) ** 2 + ((p.z - 8) / 7) ** 2) - 1)
    return np.minimum.reduce([*bodies, process]), np.minimum(*discs)


def _posterior_elements(p):
    """Facet joints of L5/S1 and L4/5 and the spinous processes (negative inside, mm)."""
    depth = ((p.behind_canal - 5) / 9) ** 2 + ((p.lateral - 19) / 8) ** 2
    facets = [8 * (np.sqrt(depth + ((p.y - height) / 14) ** 2) - 1) for height in (48.0, 84.0)]
    spinous = np.maximum(p.lateral - 2.5, np.abs(p.behind_canal - 15) - 8)
    spinous = np.maximum.reduce([spinous, 6 * np.cos(0.19 * (p.y - 40)) - 1, 20 - p.y])
    return np.minimum.reduce([*facets, spinous])


def _disease_region(bone, p):
    """Mark all imaged bone and the joints but not the sacral midline, which is typically spared (section 2.5.3)."""
    region = bone > 0
    width = 19 + 4 * np.cos(0.27 * (p.y - 19)) + 0.08 * np.minimum(p.y, 0)
    region &= ~((bone == Bone.SACRUM) & (((p.lateral < width) & (p.y < 24)) | (p.y < -72)))
    return region & ~((bone == Bone.POSTERIOR_ELEMENT) & (p.lateral < 5))


def _skin(a, p):
    """Depth of the skin, mm, with the natal cleft."""
    cleft = 7 * np.exp(-((p.x / 3.5) ** 2)) * (p.y < -40)
    return a.skin + a.skin_slope * (p.y + 92) - 9e-4 * p.x**2 - cleft


def _paint_muscle(a, tissue, p, ilium):
    """Gluteal, paraspinal, psoas, iliac and abdominal muscles, with fat between their fibres; septa in fat."""
    x, y, z = p.lateral, p.y, p.z
    to_skin = a.skin + a.skin_slope * (y + 92) - 9e-4 * x**2 - z
    deep = to_skin > a.fat_thickness
    cavity = np.maximum(40 - 0.75 * (z + 15) + 0.5 * (y + 40), 12)
    gluteal = (x > cavity) & (y < 44 - 1.2 * np.maximum(z, 0) - 0.25 * (x - 60)) & deep
    erector = 48 - 0.25 * np.maximum(20 - y, 0) - 0.012 * np.maximum(y - 40, 0) ** 2
    paraspinal = (z > p.front + 12) & (p.behind_canal > 2) & (x < erector) & deep
    iliacus = (y >= 40) & (y < 56 + 0.5 * (x - 70)) & (x > 58) & (z < 4)
    inward, upward = x - 44 - 0.15 * (z + 10), y - 78
    psoas = ((0.8 * inward - 0.6 * upward) / 15) ** 2 + ((0.6 * inward + 0.8 * upward) / 20) ** 2 < 1 - 0.01 * z
    wall = ((x - 92) / 24) ** 2 + ((y - 92) / 26) ** 2 + ((z - 6) / 24) ** 2 < 1
    tissue[deep & (p.streak > 2.1) & (z < 8)] = Tissue.MUSCLE  # vessels and septa of the pelvic fat
    tissue[gluteal | paraspinal | iliacus | psoas | wall] = Tissue.MUSCLE
    fibrous = (gluteal & (ilium > 2)) | (paraspinal & (z > 4))
    threshold = np.float32(2.0 - 2.0 * a.muscle_fat) - np.float32(0.5) * paraspinal
    fat = fibrous & (p.streak > threshold)
    tissue[fat] = Tissue.FAT
    tissue[fat & (p.grain > 1.7) & gluteal] = Tissue.BLOOD
    tissue[(np.abs(x - cavity) < 1.2) & gluteal] = Tissue.FAT
    tissue[~deep & (p.streak > 2.4) & (to_skin > 2)] = Tissue.MUSCLE  # septa
    tissue[to_skin < 1.5] = Tissue.SKIN


def _paint_bowel(a, tissue, p):
    """Loops of bowel in fat and muscle: a wall around gas, fluid or stool."""
    for x, y, z, radius, inside in a.bowel:
        reach = 1.5 * radius
        box = index_box(p.x, p.y, (x - reach, x + reach), (y - reach, y + reach))
        q = p[box]
        distance = np.sqrt(((q.x - x) / 1.2) ** 2 + (q.y - y) ** 2 + ((q.z - z) / 1.3) ** 2) + 0.7 * q.grain
        tissue[box][distance < radius] = Tissue.BOWEL_WALL
        tissue[box][distance < radius - 2.5] = inside


def _paint_vessels(a, tissue, p):
    """Iliac artery and vein running down and outwards in front of the sacrum, and the presacral venous plexus."""
    if p.z.min() < -12:
        path = 15 + 0.42 * (85 - p.y) + 4 * np.sin(0.05 * p.y + a.phase)
        depth = ((p.z + 33 + 0.05 * (85 - p.y)) / 1.2) ** 2
        for offset, radius, inside in ((0, 3.6, Tissue.FLOWING_BLOOD), (-8, 3.9, Tissue.BLOOD)):
            lumen = 0.85 * ((p.lateral - path - offset) ** 2) + depth < radius**2
            tissue[lumen & (p.y > -70)] = inside
    box = p.within(30, -70, 15)
    q = p[box]
    plexus = (q.z < q.front - 0.5) & (q.z > q.front - 2.8) & (q.lateral < 30) & (q.y < 15) & (q.y > -70)
    tissue[box][plexus & (q.grain > 1.0)] = Tissue.BLOOD


def _paint_bone(a, tissue, bone, p, ilium):
    """Marrow and cortex of all bones, and the discs."""
    middle = p.within(54, 20, 130)
    lumbar, disc = _lumbar(a, p[middle])
    for box, code, surface in (
        (middle, Bone.POSTERIOR_ELEMENT, _posterior_elements(p[middle])),
        (middle, Bone.LUMBAR, lumbar),
        (..., Bone.SACRUM, _sacrum(a, p)),
        (..., Bone.ILIUM, ilium),
    ):
        inside = surface < 0
        tissue[box][inside] = Tissue.MARROW
        tissue[box][inside & (surface > -CORTEX_MM - 0.25 * p.grain[box])] = Tissue.CORTEX
        bone[box][inside] = code
    between = (disc < 0) & (bone[middle] != Bone.LUMBAR)
    tissue[middle][between] = Tissue.DISC
    bone[middle][between] = Bone.NONE
    tissue[middle][between & (disc < -3.0) & (p.lateral[middle] < 15)] = Tissue.NUCLEUS
    box = p.within(12, 0, 20)
    q = p[box]
    remnant = (q.lateral / 12) ** 2 + ((q.y - 9 + 0.2 * q.z) / 2.3) ** 2 + ((q.z + 8) / 9) ** 2 < 1
    tissue[box][remnant & (bone[box] == Bone.SACRUM)] = Tissue.DISC  # what is left of the S1/S2 disc


def _paint_joint(a, tissue, bone, p):
    """Cartilage in the synovial part of the joint, fat and ligament behind it."""
    reach = (p.y > -34 - 0.3 * p.z) & (p.y < 44 - 1.4 * np.maximum(p.z - 4, 0)) & (p.z > -20) & (p.lateral > 20)
    gap = reach & (p.offset > -a.joint_gap - 0.1 * p.ligament) & (p.offset < a.joint_gap + 0.9 * p.ligament)
    gap &= (bone == Bone.NONE) & (p.ligament < 13)
    tissue[gap] = Tissue.CARTILAGE
    behind = gap & (p.ligament > 2)
    tissue[behind] = np.where(p.grain[behind] > 0.35, Tissue.FAT, Tissue.LIGAMENT)
    bone[gap & (p.ligament < 8)] = Bone.JOINT


def _paint_canal(a, tissue, bone, p):
    """Spinal canal: dural sac with CSF, roots at its lower end, epidural fat."""
    box = p.within(16, -64, 130)
    q, tissue, bone = p[box], tissue[box], bone[box]
    half = np.clip(5 + 0.13 * (q.y + 35), 2.0, 11.5)
    radius = np.sqrt((q.lateral / half) ** 2 + (q.behind_canal / (0.68 * half)) ** 2)
    canal = (radius < 1) & (q.y > -62)
    tissue[canal] = Tissue.FAT
    bone[canal] = Bone.NONE
    tissue[canal & (radius < 0.86) & (q.y > a.sac_end - 14 * radius)] = Tissue.CSF
    roots = (q.y <= a.sac_end + 22) & (np.abs(np.abs(q.lateral - 0.42 * half) - 0.9) < 0.55)
    tissue[canal & roots] = Tissue.NERVE
    tissue[(radius >= 1) & (radius < 1.1) & (bone == Bone.SACRUM)] = Tissue.CORTEX


def _paint_foramina(tissue, bone, p):
    """Sacral foramina: fat around a root, with a vein beside it, running from the canal forward and down."""
    for number, exit_height in enumerate(FORAMINA_Y):
        box = p.within(36, exit_height - 14, exit_height + 24)
        q = p[box]
        axis = canal_axis(q.y)
        along = np.clip((q.z - q.front) / np.maximum(axis - q.front, 6), -0.3, 1.05)
        size = 1 - 0.13 * number
        dx = q.lateral - (20.5 - 2.2 * number - 12 * along)
        dy = q.y - (exit_height + 13 * along)
        radius = np.sqrt((dx / (5.2 * size)) ** 2 + (dy / (4.8 * size)) ** 2) + 0.08 * q.grain
        inside = (radius < 1) & (q.z > q.front - 4) & (q.z < axis + 2)
        tissue[box][(radius < 1.22) & (bone[box] == Bone.SACRUM)] = Tissue.CORTEX
        tissue[box][inside] = Tissue.FAT
        tissue[box][inside & ((dx + 0.5) ** 2 + dy**2 < (2.3 * size) ** 2)] = Tissue.NERVE
        tissue[box][inside & ((dx - 2.6 * size) ** 2 + (dy + 1.5) ** 2 < 1.7)] = Tissue.BLOOD


def _paint_sclerosis(a, tissue, bone, depth, p):
    """Subchondral sclerosis: little water and little fat on both sides of the joint."""
    if a.sclerosis:
        near = (np.abs(depth) < a.sclerosis * (1 + 0.2 * p.grain)) & (p.y > -36)
        near &= (bone == Bone.SACRUM) | (bone == Bone.ILIUM)
        tissue[near & (tissue == Tissue.MARROW)] = Tissue.SCLEROSIS
