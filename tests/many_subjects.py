"""The small study with several subjects, all read before and after treatment by two readers, and an axis for each kind of choice."""

import numpy as np
import yaml

from small_study import SHAPE, SmallStudy, save, table

AXES = {
    "limits.rule": ["paper", "patch_tail"],
    "limits.iqr_share": [0.5, 1.0],
    "limits.vhi": ["lower", "upper"],
    "small_regions.minimum_pixels": [4, 8],
    "response.reader": ["mean", "R1"],
    "statistics.scale": ["raw", "log"],
}
EXCLUDED = [{"limits.rule": "patch_tail", "limits.iqr_share": 1.0}]
ITEMS = [*(f"basdai_q{n}" for n in range(1, 7)), "pga", "spinal_vas_cm", "crp_mg_l", "esr_mm_h"]


class ManySubjects(SmallStudy):
    """Subjects S0, S1, ...: lesions that shrink in most of them; readers keep one lesion and a part of the other."""

    def __init__(self, folder, subjects=6):
        self.subjects = subjects
        super().__init__(folder)

    def rows(self):
        super().rows()
        rng = np.random.default_rng(3)
        self.config |= {"cleaning": {"added_voxels": "report", "max_cut_share": 1, "max_added_share": 1}}
        self.scans, self.readings, clinical, scores = [], [], [], []
        for number in range(self.subjects):
            for session in ("pre", "post"):
                scan = f"S{number}_{session}"
                stir = rng.integers(80, 140, SHAPE)
                size = int(rng.integers(4, 12)) - (3 if session == "post" else 0)
                stir[12 : 12 + size, 10:20, 2:4] += rng.integers(20, 150, (size, 10, 2))
                stir[24:28, 24:27, 4] += 90
                save(self.data / f"{scan}_STIR.nii.gz", stir)
                files = ["a1_T1W.nii.gz", f"{scan}_STIR.nii.gz", "a1_marrow.nii.gz", "a1_region.nii.gz"]
                self.scans.append([scan, f"S{number}", session, *files, None, "apply"])
                for reader, least in (("R1", 0), ("R2", 150)):
                    kept = np.zeros(SHAPE, np.uint8)
                    kept[12 : 12 + size, 10:20, 2:4] = stir[12 : 12 + size, 10:20, 2:4] > 140 + least // 10
                    save(self.data / f"{scan}_{reader}.nii.gz", kept, dtype=np.uint8)
                    self.readings.append([scan, reader, 1, "semiautomatic", f"{scan}_{reader}.nii.gz", None])
                    scores.append([scan, reader, size + int(rng.integers(0, 4)), "total"])
                    if number < 2:
                        self.readings += [[scan, reader, n, "manual", f"{scan}_{reader}.nii.gz", None] for n in (1, 2)]
                clinical.append([f"S{number}", session, *[int(rng.integers(2, 8))] * 6, 5, 3, 12, 20])
        table(self.folder / "clinical.tsv", ["subject", "session", *ITEMS], clinical)
        table(self.folder / "scores.tsv", ["scan", "reader", "sparcc", "source"], scores)

    def axes(self, axes=None, **more):
        """Write multiverse.yaml."""
        given = {"axes": AXES if axes is None else axes} | ({"excluded": EXCLUDED} if axes is None else {}) | more
        (self.folder / "multiverse.yaml").write_text(yaml.safe_dump(given))
        return self
