"""A parametric pelvis: tissues, bones and the sacroiliac joints as implicit functions of position.

Subject coordinates are millimetres from the middle of the imaged volume: x towards the patient's left, y up the sacrum,
z towards the back, so that a plane of constant z is the oblique coronal plane of the scan. Shapes were set by eye to
look like oblique coronal slices through the sacroiliac joints; nothing is copied from any scan.
"""

import numpy as np

from vhi.simulation.bones import disease_region, ilium_surface, locate, skin_depth
from vhi.simulation.geometry import Anatomy, Bone, Slab, joint_obliquity_norm
from vhi.simulation.painting import (
    paint_bone,
    paint_bowel,
    paint_canal,
    paint_foramina,
    paint_joint,
    paint_muscle,
    paint_sclerosis,
    paint_vessels,
)
from vhi.simulation.tissues import Tissue


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
        fat_near_joints=rng.uniform(0.2, 0.8),
    )


def _draw_bowel(rng):
    """Draw loops of pelvic and abdominal bowel, filled with gas, fluid or stool."""
    pelvic = rng.uniform((-24, -72, -50, 8), (24, 10, -24, 18), (8, 4))
    abdominal = rng.uniform((42, 68, -50, 8), (95, 108, 5, 17), (12, 4))
    abdominal[:, 0] *= rng.choice([-1, 1], 12)
    contents = rng.choice([Tissue.AIR, Tissue.BOWEL_FLUID, Tissue.BOWEL_WALL], 20, p=[0.3, 0.2, 0.5])
    return tuple((*map(float, loop), int(inside)) for loop, inside in zip((*pelvic, *abdominal), contents, strict=True))


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
    p = locate(a, x, y, z, grain, streak)
    tissue = np.full(x.shape, Tissue.FAT, dtype=np.uint8)
    bone = np.zeros(x.shape, dtype=np.uint8)
    ilium = ilium_surface(a, p)
    paint_muscle(a, tissue, p, ilium)
    for paint in (paint_bowel, paint_vessels):
        paint(a, tissue, p)
    paint_bone(a, tissue, bone, p, ilium)
    paint_joint(a, tissue, bone, p)
    paint_canal(a, tissue, bone, p)
    paint_foramina(tissue, bone, p)
    depth = p.offset * joint_obliquity_norm(a)
    paint_sclerosis(a, tissue, bone, depth, p)
    outside = p.z > skin_depth(a, p)
    tissue[outside] = Tissue.AIR
    bone[outside] = Bone.NONE
    return Slab(tissue, bone, depth * a.size, disease_region(bone, p))
