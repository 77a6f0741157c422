"""Sides and bones as found from disease region and T1w, against the geometry of simulated subjects.

    python benchmarks/per_joint.py [SUBJECTS]

Prints a row per subject (default 30, before treatment): truly inflamed voxels, the share of them on the right side and in the
right bone (sacrum or ilium), and the share of all bone in the disease region within 20 mm of the joints that is in the right bone. A
third of the subjects each has normal, fatty and sclerotic marrow; a third is from a wider range of bodies, scanners and artefacts. The
last row pools the voxels. The subjects fixed no constant of `vhi.joint`.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.io.orientation import present, presentation_order, presented_affine
from vhi.joint.territories import BONES, HALVES, find_territories
from vhi.simulation.geometry import Bone
from vhi.simulation.scan import Scan, draw_subject, simulate
from vhi.simulation.visit import coordinates
from vhi.simulation.wider import AS_PLANNED, Wider

SEED = 1706
NEAR_MM = 20.0
CODES = {"ilium": Bone.ILIUM, "sacrum": Bone.SACRUM}
WIDER = Wider(motion=0.3, ghosting=0.3, body_size=1.0, scanner=1.0)


def judged(scan: Scan) -> tuple[int, int, int, int, int]:
    """Count inflamed voxels, those on the right side and in the right bone; bone near the joints, and that in the right bone."""
    order, shape = presentation_order(scan.affine), scan.t1w.shape
    spacing = np.linalg.norm(presented_affine(scan.affine, shape, order)[:3, :3], axis=0)
    truth, parts = scan.truth, {}
    i, j, k = np.meshgrid(*map(np.arange, shape), indexing="ij", sparse=True)
    parts["left"] = coordinates(truth.pose, i, j, k)[0] > 0
    for name in ("inflammation", "bone", "depth"):
        parts[name] = getattr(truth, name)
    parts = {name: present(np.broadcast_to(values, shape), order) for name, values in parts.items()}
    region = present(scan.disease_region, order) > 0
    place = find_territories(present(scan.t1w, order).astype(float), region, tuple(spacing)).labels.astype(int) - 1
    left = place // (len(BONES) * len(HALVES)) == 1
    bone = np.array([CODES[name] for name in BONES])[place // len(HALVES) % len(BONES)]
    inflamed = parts["inflammation"]
    near = region & np.isin(parts["bone"], list(CODES.values())) & (np.abs(parts["depth"]) < NEAR_MM)
    right_bone = bone == parts["bone"]
    return tuple(
        int(np.count_nonzero(found))
        for found in (inflamed, inflamed & (left == parts["left"]), inflamed & right_bone, near, near & right_bone)
    )


if __name__ == "__main__":
    counts, number = [], int(sys.argv[1]) if len(sys.argv) > 1 else 30
    print("subject\tmarrow\tinflamed_voxels\tside_percent\tbone_percent\tregion_bone_percent")
    for n in range(number):
        name, marrow, wider = (
            f"J{n + 1:03d}",
            ("normal", "fatty", "sclerotic")[n % 3],
            WIDER if n // 3 % 3 == 2 else AS_PLANNED,
        )
        subject = draw_subject(name, SEED, marrow, wider)
        counts.append(judged(simulate(subject, "pre", SEED, wider=wider)))
        inflamed, side, bone, near, right = counts[-1]
        shares = [
            f"{100 * part / max(whole, 1):.2f}" for part, whole in ((side, inflamed), (bone, inflamed), (right, near))
        ]
        print(name, marrow, inflamed, *(shares if inflamed else ["", "", shares[2]]), sep="\t", flush=True)
    inflamed, side, bone, near, right = np.sum(counts, axis=0)
    print(
        "all",
        "",
        inflamed,
        *(f"{100 * share:.2f}" for share in (side / inflamed, bone / inflamed, right / near)),
        sep="\t",
    )
