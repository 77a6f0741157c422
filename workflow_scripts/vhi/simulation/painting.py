"""Tissues painted into a slab of the phantom: muscle, bowel, vessels, bone, joint, canal."""

import numpy as np

from vhi.simulation.bones import lumbar_surfaces, posterior_elements, sacrum_surface
from vhi.simulation.geometry import CORTEX_MM, FORAMINA_Y, Bone, canal_axis, index_box
from vhi.simulation.tissues import Tissue


def paint_muscle(a, tissue, p, ilium):
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


def paint_bowel(a, tissue, p):
    """Loops of bowel in fat and muscle: a wall around gas, fluid or stool."""
    for x, y, z, radius, inside in a.bowel:
        reach = 1.5 * radius
        box = index_box(p.x, p.y, (x - reach, x + reach), (y - reach, y + reach))
        q = p[box]
        distance = np.sqrt(((q.x - x) / 1.2) ** 2 + (q.y - y) ** 2 + ((q.z - z) / 1.3) ** 2) + 0.7 * q.grain
        tissue[box][distance < radius] = Tissue.BOWEL_WALL
        tissue[box][distance < radius - 2.5] = inside


def paint_vessels(a, tissue, p):
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


def paint_bone(a, tissue, bone, p, ilium):
    """Marrow and cortex of all bones, and the discs."""
    middle = p.within(54, 20, 130)
    lumbar, disc = lumbar_surfaces(a, p[middle])
    for box, code, surface in (
        (middle, Bone.POSTERIOR_ELEMENT, posterior_elements(p[middle])),
        (middle, Bone.LUMBAR, lumbar),
        (..., Bone.SACRUM, sacrum_surface(a, p)),
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


def paint_joint(a, tissue, bone, p):
    """Cartilage in the synovial part of the joint, fat and ligament behind it."""
    reach = (p.y > -34 - 0.3 * p.z) & (p.y < 44 - 1.4 * np.maximum(p.z - 4, 0)) & (p.z > -20) & (p.lateral > 20)
    gap = reach & (p.offset > -a.joint_gap - 0.1 * p.ligament) & (p.offset < a.joint_gap + 0.9 * p.ligament)
    gap &= (bone == Bone.NONE) & (p.ligament < 13)
    tissue[gap] = Tissue.CARTILAGE
    behind = gap & (p.ligament > 2)
    tissue[behind] = np.where(p.grain[behind] > 0.35, Tissue.FAT, Tissue.LIGAMENT)
    bone[gap & (p.ligament < 8)] = Bone.JOINT


def paint_canal(a, tissue, bone, p):
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


def paint_foramina(tissue, bone, p):
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


def paint_sclerosis(a, tissue, bone, depth, p):
    """Subchondral sclerosis: little water and little fat on both sides of the joint."""
    if a.sclerosis:
        near = (np.abs(depth) < a.sclerosis * (1 + 0.2 * p.grain)) & (p.y > -36)
        near &= (bone == Bone.SACRUM) | (bone == Bone.ILIUM)
        tissue[near & (tissue == Tissue.MARROW)] = Tissue.SCLEROSIS
