"""A small study for tests: every file is made here, from a seed."""

import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import yaml

SHAPE = (48, 48, 6)
ANGLE = np.deg2rad(25)  # tilt of the oblique coronal slices


def oblique_affine(spacing=(0.6, 0.6, 3.3), origin=(30.0, 10.0, -20.0)):
    """Affine of an oblique coronal stack stored as L, S, P, like the public scans."""
    left = np.array([-1.0, 0, 0])
    up = np.array([0, np.sin(ANGLE), np.cos(ANGLE)])
    back = np.array([0, -np.cos(ANGLE), np.sin(ANGLE)])
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([left, up, back]) * spacing
    affine[:3, 3] = origin
    return affine


def save(path, array, affine=None, dtype=np.int16, slope=None, description=b""):
    """Write an array as NIfTI with both codes set, as scanners do."""
    affine = oblique_affine() if affine is None else affine
    image = nib.Nifti1Image(np.asarray(array).astype(dtype), affine)
    image.set_qform(affine, 1)
    image.set_sform(affine, 1)
    image.header.set_data_dtype(dtype)
    image.header.set_xyzt_units("mm", "sec")
    image.header["descrip"] = description
    if slope:
        image.header.set_slope_inter(slope, 0)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    nib.save(image, path)
    return Path(path)


def table(path, columns, rows):
    Path(path).write_text(
        "\t".join(columns)
        + "\n"
        + "".join("\t".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)
    )


class SmallStudy:
    """Scans a1 (pre, all masks), a2 (post, no drawn disease region), b1 (pre, T1w only); readers R1 and R2."""

    scan_columns = [
        "scan",
        "subject",
        "session",
        "t1w",
        "stir",
        "normal_marrow",
        "disease_region",
        "disease_region_corrected",
        "role",
    ]
    reading_columns = ["scan", "reader", "trial", "method", "mask", "vhi_voxels"]

    def __init__(self, folder: Path, ensemble: bool = False):
        self.folder, self.data = folder, folder / "data"
        folder.mkdir(parents=True)
        rng = np.random.default_rng(7)
        self.stir, self.preliminary = {}, {}
        for scan in ("a1", "a2", "b1"):
            t1w = rng.integers(100, 900, SHAPE)
            region = np.zeros(SHAPE, np.uint8)
            region[8:40, 6:42, 1:5] = 1
            stir = rng.integers(80, 140, SHAPE)
            stir[12:18, 10:20, 2:4] += 120  # a lesion
            stir[30, 30:32, 2] += 200  # two pixels: too small
            stir[24:28, 24:27, 4] += 90  # to be removed by the readers
            marrow = np.zeros(SHAPE, np.uint8)
            marrow[20:24, 30:40, 1:5] = 1
            stir[marrow > 0] = rng.integers(80, 140, int(marrow.sum()))
            save(self.data / f"{scan}_T1W.nii.gz", t1w, slope=1.5)
            save(self.data / f"{scan}_STIR.nii.gz", stir, description=b"TE=60;Time=101010.1")
            save(self.data / f"{scan}_marrow.nii.gz", marrow, dtype=np.uint16)
            save(self.data / f"{scan}_region.nii.gz", region, dtype=np.uint16)
            self.stir[scan] = stir
        lesion = np.zeros(SHAPE, np.uint8)
        lesion[12:18, 10:20, 2:4] = 1
        for reader, shift in (("R1", 0), ("R2", 1)):
            for trial in (1, 2):
                save(self.data / f"a1_{reader}{trial}.nii.gz", np.roll(lesion, shift * trial, 0), dtype=np.uint16)
        # The lesion alone, as a binary mask: what a reader keeps of a1 (all of it is above both limits).
        for reader in ("R1", "R2"):
            save(self.data / f"a1_cleaned_{reader}.nii.gz", lesion, dtype=np.uint8)
        self.rows()
        if ensemble:
            self.add_ensemble()
        self.write()

    def rows(self):
        """Config and tables of the study."""
        self.config = {
            "title": "small study",
            "data": str(self.data),
            "readers": ["R1", "R2"],
            "ensemble": {"threads": 1, "members": []},
        }
        self.scans = [
            ["a1", "A", "pre", *(f"a1_{part}.nii.gz" for part in ("T1W", "STIR", "marrow", "region")), None, "train"],
            [
                "a2",
                "A",
                "post",
                "a2_T1W.nii.gz",
                "a2_STIR.nii.gz",
                "a2_marrow.nii.gz",
                "a2_region.nii.gz",
                None,
                "test",
            ],
            ["b1", "B", "pre", "b1_T1W.nii.gz", None, None, "b1_region.nii.gz", None, "apply"],
        ]
        self.readings = [
            ["a1", reader, trial, "manual", f"a1_{reader}{trial}.nii.gz", None]
            for reader in ("R1", "R2")
            for trial in (1, 2)
        ] + [
            ["a1", "R1", 1, "semiautomatic", "a1_cleaned_R1.nii.gz", None],
            ["a1", "R2", 1, "semiautomatic", "a1_cleaned_R2.nii.gz", None],
            ["a2", "R1", 1, "semiautomatic", None, 100],
            ["a2", "R2", 1, "semiautomatic", None, 90],
        ]

    def add_ensemble(self):
        """Two small networks with random weights."""
        import torch

        from vhi.region.members import write_member
        from vhi.region.unet import UNet

        members = []
        for seed in (1, 2):
            torch.manual_seed(seed)
            path = self.data / f"member_{seed}.safetensors"
            write_member(path, UNet(levels=2, filters=4))
            members.append(path.name)
        self.config["ensemble"]["members"] = members

    def add_further_scan(self):
        """Scan f1, which no table names: a T1w found by a pattern, and a published region of it."""
        for part in ("T1W", "region"):
            path = self.data / part / f"f1_{part}.nii.gz"
            path.parent.mkdir()
            shutil.copy(self.data / f"b1_{part}.nii.gz", path)
        self.config["further_scans"] = {"post": "T1W/*_T1W.nii.gz"}
        self.config["published_regions"] = {"post": "region/*_region.nii.gz"}
        return self.write()

    def add_scores(self):
        """SPARCC totals of both readers for both scans of subject A."""
        pairs = [(scan, reader) for scan in ("a1", "a2") for reader in ("R1", "R2")]
        rows = [[scan, reader, 3 + place, "total"] for place, (scan, reader) in enumerate(pairs)]
        table(self.folder / "scores.tsv", ["scan", "reader", "sparcc", "source"], rows)
        return self

    def write(self):
        """Write config and tables as they stand."""
        (self.folder / "config.yaml").write_text(yaml.safe_dump(self.config))
        table(self.folder / "scans.tsv", self.scan_columns, self.scans)
        table(self.folder / "readings.tsv", self.reading_columns, self.readings)
        return self

    def empty_files(self):
        """Replace every file by one of zero bytes, for dry runs."""
        for path in filter(Path.is_file, self.data.rglob("*")):
            path.write_bytes(b"")
        return self
