"""One slice of a simulated scan: its noise-free signals, masks and truth."""

from dataclasses import replace

import numpy as np
from scipy.ndimage import uniform_filter1d

from vhi.simulation import anatomy as anatomical
from vhi.simulation import disease, sequences, texture
from vhi.simulation.explain import explain
from vhi.simulation.geometry import Bone
from vhi.simulation.tissues import Tissue
from vhi.simulation.visit import coordinates
from vhi.simulation.wider import failing

SUBSLICES = 2

UNEVEN = 0.03  # ASSUME Every tissue's signal varies by this share from place to place; no tissue is quite uniform.


def simulate_slice(visit, k, artefacts):
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
    fat = _marrow_fat(subject.anatomy, seen, grain[0], *middle)
    reason, structure = explain(visit, seen, lesion, vessel, flare, *middle)
    return {
        **{
            f"{name}_signal": _signal(visit, name, tissue, seen, grain[0], fat, flare, artefacts, *middle)
            for name in visit.protocols
        },
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


def stack(slices):
    """Stack slices into volumes (i, j, k) that lie slice by slice in memory."""
    return {name: np.stack([one[name] for one in slices]).transpose(1, 2, 0) for name in slices[0]}


def _signal(visit, name, tissue, seen, grain, fat, flare, artefacts, x, y, z):
    """Give the noise-free signal: tissues, the marrow's texture, disease and mimics, shaded by the coils."""
    signal = _unshaded(visit, visit.protocols[name], tissue, seen, grain, fat)
    if name == "stir" and artefacts.failure:
        share = failing(artefacts, x, y, z)
        signal = signal * (1 - share) + _unshaded(visit, artefacts.failed, tissue, seen, grain, fat) * share
    right, up, back, near = visit.gain
    shading = 0.01 * (right * x + up * y + back * z) + near * (np.maximum(z, 0) / 40) ** 2  # the spine coil is behind
    # ASSUME The T1w is shaded half as much (in the logarithm), only the STIR flares: so it looks in the public scans.
    return signal * (np.exp(shading) * flare if name == "stir" else np.exp(shading / 2))


def _marrow_fat(pelvis, seen, grain, x, y, z):
    """Give the fat fraction of marrow beyond its mean: texture, patches next to the joints, and from the middle to the sides."""
    fat = pelvis.marrow_spread * grain
    if pelvis.fat_near_joints:
        near = (np.abs(seen["depth"]) < 16.8) & (seen["marrow"] > 0)
        x1, y1, z1, depth = x[near], y[near], z[near], np.abs(seen["depth"][near])
        patches = 0.5 + 0.5 * np.sin(0.09 * y1 + pelvis.phase) * np.cos(0.08 * z1 + 0.05 * x1 - pelvis.phase)
        fat[near] += pelvis.fat_near_joints * patches * np.minimum(1.4 - depth / 12, 1)
    if pelvis.marrow_lateral:
        fat = fat + pelvis.marrow_lateral * np.clip((np.abs(x) - 15) / 30, 0, 1)
    return np.minimum(fat, 0.95 - pelvis.marrow_fat)


def _unshaded(visit, protocol, tissue, seen, grain, fat):
    """Give the signal of tissues, the marrow's texture, disease and mimics by one protocol, as of an even coil."""
    pelvis = visit.subject.anatomy
    table = sequences.signal_table(protocol, pelvis.marrow_fat, pelvis.marrow_t2)
    signal = _mean(table[tissue]) * (1 + UNEVEN * grain)
    signal += sequences.fat_slope(protocol, pelvis.marrow_t2) * seen["marrow"] * fat
    fluid = np.minimum(seen["oedema"] + seen["posterior"] + visit.subject.mimics.disc_edge * seen["disc_edge"], 1)
    dry = np.maximum(signal, 0) * (1 - fluid) + float(table[Tissue.OEDEMA]) * fluid
    return dry * (1 - seen["blood"]) + float(table[Tissue.BLOOD]) * seen["blood"]


def _flare(visit, x, y, z):
    """Give the extra gain around one coil element."""
    x0, y0, z0, radius, strength = visit.flare
    return 1 + strength * np.exp(-((x - x0) ** 2 + (y - y0) ** 2 + (z - z0) ** 2) / (2 * radius**2))
