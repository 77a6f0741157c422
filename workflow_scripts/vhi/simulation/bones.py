"""Bones of the phantom: ilium, sacrum and lumbar spine within a slab."""

import math

import numpy as np

from vhi.simulation.geometry import (
    Bone,
    Points,
    canal_axis,
    joint_surface,
    sacral_front,
)


def locate(a, x, y, z, grain, streak):
    """Give the points of a slab in the subject's own size, with what several structures need of them."""
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


def ilium_surface(a, p):
    """Iliac wing: a wedge in front, a thin blade behind the joint (negative inside, mm)."""
    forward = np.maximum(-p.z - 18, 0)
    inner = a.joint_gap + 0.9 * p.ligament + 0.035 * forward * np.maximum(p.y + 10, 0)
    flare = np.clip((22 - p.z) / 30, 0.12, 1) * a.wing
    outer = inner + 13 + flare * np.maximum(p.y + 22, 0) + 1.2 * np.sin(0.12 * p.y + a.phase)
    top = p.y - (48 + 0.12 * (p.lateral - 60) - 2.1 * np.maximum(p.z - 4, 0) + np.sin(0.09 * p.lateral + a.phase))
    bottom = -37 - 0.4 * p.z + 0.02 * (p.lateral - 45) ** 2 - p.y
    blade = _cut(0.93 * (inner - p.offset), 0.85 * (p.offset - outer), 4.0)
    return np.maximum(_cut(blade, np.maximum(top, bottom)), p.z - 36)


def sacrum_surface(a, p):
    """Sacral body and alae (negative inside, mm); canal and foramina are painted over it."""
    side = np.maximum(
        0.93 * (p.offset + a.joint_gap + 0.1 * p.ligament),
        p.lateral - (40 + 0.5 * (p.y + 30) + 1.5 * np.sin(0.3 * p.y + a.phase)),
    )
    top = 0.94 * (p.y + 0.33 * (p.z + 10) - 42 + 0.9 * np.sin(0.12 * p.lateral + a.phase))
    back = p.z - (p.front + 15 + 0.17 * (p.y + 80) + 0.5 * np.sin(0.25 * p.y) + 0.5 * p.grain)
    return np.maximum.reduce([_cut(side, top, 5.0), 0.9 * (np.maximum(p.front, -30) - p.z), 0.9 * back, -92 - p.y])


def lumbar_surfaces(a, p):
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


def posterior_elements(p):
    """Facet joints of L5/S1 and L4/5 and the spinous processes (negative inside, mm)."""
    depth = ((p.behind_canal - 5) / 9) ** 2 + ((p.lateral - 19) / 8) ** 2
    facets = [8 * (np.sqrt(depth + ((p.y - height) / 14) ** 2) - 1) for height in (48.0, 84.0)]
    spinous = np.maximum(p.lateral - 2.5, np.abs(p.behind_canal - 15) - 8)
    spinous = np.maximum.reduce([spinous, 6 * np.cos(0.19 * (p.y - 40)) - 1, 20 - p.y])
    return np.minimum.reduce([*facets, spinous])


def disease_region(bone, p):
    """Mark all imaged bone and the joints but not the sacral midline, which is typically spared (section 2.5.3)."""
    region = bone > 0
    width = 19 + 4 * np.cos(0.27 * (p.y - 19)) + 0.08 * np.minimum(p.y, 0)
    region &= ~((bone == Bone.SACRUM) & (((p.lateral < width) & (p.y < 24)) | (p.y < -72)))
    return region & ~((bone == Bone.POSTERIOR_ELEMENT) & (p.lateral < 5))


def skin_depth(a, p):
    """Depth of the skin, mm, with the natal cleft."""
    cleft = 7 * np.exp(-((p.x / 3.5) ** 2)) * (p.y < -40)
    return a.skin + a.skin_slope * (p.y + 92) - 9e-4 * p.x**2 - cleft
