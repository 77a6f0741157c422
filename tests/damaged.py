# ruff: noqa: E501 (one case a line)
"""A corpus of damaged inputs, each with the message that it must give.

``python tests/damaged.py FOLDER`` writes it: one folder per case with a small study that is whole but for one thing, and
``message.txt``. The tests named ``damaged`` make and read every case.
"""

import gzip
import json
import os
import pickle
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from small_study import SmallStudy, oblique_affine, save
from vhi.cleaning.records import difference, sealed

ROOT = Path(__file__).parents[1]
SCAN, MASK, WEIGHTS, RECORD = "a1_STIR.nii.gz", "a1_marrow.nii.gz", "member_1.safetensors", "record.json"


@dataclass(frozen=True)
class Case:
    """One damage: what is done to a whole study, who reads it, and words that the message must hold, in order."""

    name: str
    reader: str
    damage: Callable[[SmallStudy], object]
    words: tuple[str, ...]


# Hands that damage


def cell(table, line, column, value):
    def damage(study):
        path = study.folder / f"{table}.tsv"
        lines = [text.split("\t") for text in path.read_text().splitlines()]
        lines[line - 1][lines[0].index(column)] = value
        path.write_text("\n".join("\t".join(cells) for cells in lines) + "\n")

    return damage


def text(name, change):
    """Change the bytes of a file in the study's folder."""

    def damage(study):
        path = study.folder / name
        path.write_bytes(change(path.read_bytes() if path.exists() else b""))

    return damage


def key(*path, value):
    """Set a key of the config, however deep."""

    def damage(study):
        config = yaml.safe_load((study.folder / "config.yaml").read_text())
        inner = config
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
        inner[path[-1]] = value
        (study.folder / "config.yaml").write_text(yaml.safe_dump(config))

    return damage


def table(name, *lines):
    return text(f"{name}.tsv", lambda _: ("\n".join(lines) + "\n").encode())


def file(name, change):
    """Change the bytes of a file in the data folder."""

    def damage(study):
        path = study.data / name
        path.write_bytes(change(path.read_bytes()))

    return damage


def voxels(name, change, dtype=np.int16, affine=None):
    """Change the array of an image in the data folder."""

    def damage(study):
        array = np.asarray(nib.load(study.data / name).get_fdata())
        save(study.data / name, change(array), affine, dtype)

    return damage


def header(name, *fields):
    """Change fields of a NIfTI-1 header: (offset, struct format, values)."""

    def change(packed):
        content = bytearray(gzip.decompress(packed))
        for offset, form, *values in fields:
            struct.pack_into("<" + form, content, offset, *values)
        return gzip.compress(bytes(content))

    return file(name, change)


def written(name, kind, dtype=np.int16):
    """Write an image of the data folder anew: by another class of nibabel, or with other numbers."""

    def damage(study):
        path = study.data / name
        image = nib.load(path)
        array = np.asarray(image.dataobj)
        array = np.zeros(array.shape, dtype) if np.dtype(dtype).fields else array.astype(dtype)
        made = kind(array, image.affine)
        made.header.set_data_dtype(dtype)
        for code in (made.set_qform, made.set_sform) if hasattr(made, "set_qform") else ():
            code(image.affine, 1)
        if isinstance(made, nib.Nifti1Image):
            nib.save(made, path)
        else:  # the pair of files takes the place of the one
            nib.save(made, path.with_name("pair.img"))
            path.unlink()
            cell("scans", 2, "stir", "pair.img")(study)

    return damage


RGB = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])


def expanding(study):
    """A small gzip file that states 8 GB of voxels and unpacks to them, as far as anyone reads."""
    packed = bytearray(gzip.decompress((study.data / SCAN).read_bytes())[:352])
    struct.pack_into("<hhh", packed, 42, 2000, 2000, 1000)
    zeros = gzip.compress(bytes(1 << 24))
    (study.data / SCAN).write_bytes(gzip.compress(bytes(packed)) + zeros * 500)


def put(array, place, value):
    array[place] = value
    return array


def record(change=None, seal=True):
    """A cleaning record of two regions removed, changed."""

    def damage(study):
        made = a_record()
        if change:
            change(made)
        path = study.data / RECORD
        path.write_text(json.dumps(sealed(made) if seal else made))

    return damage


def preliminary():
    """A preliminary segmentation of three regions, one of which reaches the upper limit."""
    labels = np.zeros((4, 16, 16), np.uint8)
    labels[1, 2:6, 2:6] = 1
    labels[1, 10:13, 10:13] = 2
    labels[2, 3:8, 3:8] = 1
    return labels


def a_record():
    """A whole record of `preliminary`: the first region removed, one voxel of the third cut."""
    labels = preliminary()
    kept = labels.copy()
    kept[1, 2:6, 2:6] = 0
    kept[2, 3, 3] = 0
    removed, cuts = difference(kept, labels)
    return sealed(
        {
            "schema": "vhi-record/1", "source": "mask", "pack": None, "grid": list(labels.shape), "regions": 3, "removed": removed,
            "cuts": cuts, "added": [], "steps": [], "started": None, "finished": None, "active_ms": 0, "slices_seen": [],
            "notes": "", "result": {"lower_only_voxels": 24, "upper_voxels": 9, "regions_kept": 2},
        }
    )  # fmt: skip


class Touch:
    """Pickled, this runs a command when it is loaded with a loader that executes code."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (os.system, (f"touch {self.path}",))


def weights_that_run_code(study):
    """A .pt file that would make a file if loading it ran code."""
    import torch

    path = study.data / "evil.pt"
    torch.save({"state_dict": Touch(study.folder / "ran")}, path, pickle_module=pickle)
    key("ensemble", "members", value=["evil.pt", "member_2.safetensors"])(study)


def weights_with_nan(study):
    from safetensors.torch import load_file, save_file

    from vhi.region.members import read_member

    path = study.data / WEIGHTS
    about = {"about": json.dumps({"unet": read_member(path).config})}
    state = load_file(path)
    first = next(name for name in sorted(state) if state[name].is_floating_point())
    state[first].view(-1)[0] = float("nan")
    save_file(state, path, about)


def same_member_twice(study):
    (study.data / "member_2.safetensors").write_bytes((study.data / WEIGHTS).read_bytes())


CLINICAL = "subject\tsession\tbasdai_q1\tcrp_mg_l"
SHEETS = "scan\treader\tslice\tside\tq1\tq2\tq3\tq4\tdepth\tintensity"

CASES = [
    # Config
    Case("config-not-yaml", "study", text("config.yaml", lambda old: old + b"\nx: ["), ("config.yaml: cannot be read as YAML",)),
    Case("config-a-list", "study", text("config.yaml", lambda _: b"- a\n- b\n"), ("config.yaml: expected keys and values, found list",)),
    Case("config-empty", "study", text("config.yaml", lambda _: b""), ("config.yaml: missing key 'title'",)),
    Case("config-not-utf8", "study", text("config.yaml", lambda _: b"title: \xff\xfe"), ("config.yaml: cannot be read as YAML",)),
    Case("config-tabs", "study", text("config.yaml", lambda old: old + b"limits:\n\tvhi: upper\n"), ("config.yaml: cannot be read as YAML",)),
    Case("config-unknown-key", "study", key("ensembel", value={}), ("unknown key 'ensembel'; did you mean 'ensemble'?",)),
    Case("config-unknown-inner-key", "study", key("limits", "nstart", value=2), ("unknown key 'limits.nstart'; did you mean 'n_start'?",)),
    Case("config-wrong-type", "study", key("readers", value="R1"), ("key 'readers': found 'R1'; allowed: a list",)),
    Case("config-wrong-choice", "study", key("limits", "vhi", value="both"), ("key 'limits.vhi': found 'both'; allowed: lower, upper",)),
    Case("config-below-minimum", "study", key("small_regions", "minimum_pixels", value=0), ("small_regions.minimum_pixels", "found 0", ">= 1")),
    Case("config-nan", "study", key("limits", "n_step", value=float("nan")), ("limits.n_step': found nan; allowed: a finite number",)),
    Case("config-text-for-number", "study", key("limits", "n_start", value="1,5"), ("limits.n_start': found '1,5'; allowed: number",)),
    Case("config-null-for-keys", "study", key("limits", value=None), ("key 'limits': found None; allowed: keys and values",)),
    Case("config-same-reader-twice", "study", key("readers", value=["R1", "R1", "R2"]), ("key 'readers'", "found ['R1', 'R1', 'R2']")),
    Case("config-no-data-folder", "study", key("data", value="gone"), ("config.yaml: the data folder 'gone' does not exist", "DATA=DIR")),
    Case("config-unknown-ensemble", "study", key("ensemble", "source", value="publishd"), ("unknown ensemble 'publishd'; did you mean 'published'?",)),
    Case("config-members-gone", "study", key("ensemble", "members", value=["gone.pt"]), ("ensemble.members: no such file", "gone.pt")),
    # Tables
    Case("scans-absent", "study", lambda study: (study.folder / "scans.tsv").unlink(), ("scans.tsv: expected a table with at least one scan, found none",)),
    Case("scans-empty", "study", text("scans.tsv", lambda _: b""), ("scans.tsv: expected a header row", "found an empty file")),
    Case("scans-header-alone", "study", text("scans.tsv", lambda old: old.splitlines()[0] + b"\n"), ("scans.tsv: expected a table with at least one scan, found none",)),
    Case("scans-latin-1", "study", text("scans.tsv", lambda old: old.replace(b"a1\t", "ä1\t".encode("latin-1"), 1)), ("scans.tsv: expected UTF-8",)),
    Case("scans-utf-16", "study", text("scans.tsv", lambda old: old.decode().encode("utf-16")), ("scans.tsv: expected UTF-8",)),
    Case("scans-nul-bytes", "study", text("scans.tsv", lambda old: old + b"\0\0\0\n"), ("scans.tsv, row 5: expected 9 tab-separated cells, found 1",)),
    Case("scans-commas", "study", text("scans.tsv", lambda old: old.replace(b"\t", b",")), ("scans.tsv, row 1: expected columns separated by tabs, found commas; save the table as tab-separated text",)),
    Case("scans-semicolons", "study", text("scans.tsv", lambda old: old.replace(b"\t", b";")), ("scans.tsv, row 1: expected columns separated by tabs, found semicolons",)),
    Case("scans-space-in-subject", "study", cell("scans", 2, "subject", "A 1"), ("row 2, column 'subject': found 'A 1'; allowed: text, letters (A to Z), digits", "without spaces")),
    Case("scans-unknown-column", "study", text("scans.tsv", lambda old: old.replace(b"normal_marrow", b"marrow_patch")), ("scans.tsv, row 1: unknown column 'marrow_patch'",)),
    Case("scans-column-missing", "study", text("scans.tsv", lambda old: old.replace(b"\trole", b"", 1)), ("scans.tsv, row 1: missing column 'role'",)),
    Case("scans-column-twice", "study", text("scans.tsv", lambda old: old.replace(b"subject", b"scan", 1)), ("scans.tsv, row 1: column 'scan' stands there 2 times",)),
    Case("scans-cell-missing", "study", text("scans.tsv", lambda old: old + b"c1\tC\n"), ("scans.tsv, row 5: expected 9 tab-separated cells, found 2",)),
    Case("scans-cell-too-many", "study", text("scans.tsv", lambda old: old.replace(b"\ttrain", b"\ttrain\tx")), ("scans.tsv, row 2: expected 9 tab-separated cells, found 10",)),
    Case("scans-same-scan-twice", "study", cell("scans", 3, "scan", "a1"), ("scans.tsv, row 3: scan a1 duplicates row 2",)),
    Case("scans-same-session-twice", "study", cell("scans", 3, "session", "pre"), ("scans.tsv, row 3: subject A, session pre, repeat 1 duplicates row 2",)),
    Case("scans-wrong-session", "study", cell("scans", 2, "session", "baseline"), ("row 2, column 'session': unknown session 'baseline'; known from `sessions`", "post, pre")),
    Case("scans-name-with-slash", "study", cell("scans", 2, "scan", "../a1"), ("row 2, column 'scan': found '../a1'; allowed: text, letters (A to Z), digits, hyphens",)),
    Case("scans-no-t1w", "study", cell("scans", 2, "t1w", ""), ("row 2: scan a1 names no T1w; name the file",)),
    Case("scans-file-gone", "study", cell("scans", 2, "stir", "gone.nii.gz"), ("row 2, column 'stir': no such file", "gone.nii.gz")),
    Case("scans-file-is-folder", "study", cell("scans", 2, "stir", "."), ("row 2, column 'stir': no such file",)),
    Case("readings-unknown-scan", "study", cell("readings", 2, "scan", "zz"), ("readings.tsv, row 2, column 'scan': unknown scan 'zz'; known", "a1, a2, b1")),
    Case("readings-unknown-reader", "study", cell("readings", 2, "reader", "R9"), ("readings.tsv, row 2, column 'reader': unknown reader 'R9'", "R1, R2")),
    Case("readings-trial-in-words", "study", cell("readings", 2, "trial", "first"), ("row 2, column 'trial': found 'first'; allowed: integer",)),
    Case("readings-half-a-trial", "study", cell("readings", 2, "trial", "1.5"), ("row 2, column 'trial': found '1.5'; allowed: integer",)),
    Case("readings-twice", "study", cell("readings", 3, "trial", "1"), ("readings.tsv, row 3:", "duplicates row 2")),
    Case("readings-negative-count", "study", cell("readings", 8, "vhi_voxels", "-3"), ("column 'vhi_voxels': found '-3'", ">= 0")),
    Case("readings-infinite-count", "study", cell("readings", 8, "vhi_voxels", "inf"), ("column 'vhi_voxels': found 'inf'",)),
    Case("readings-decimal-comma", "study", cell("readings", 8, "vhi_voxels", "1,5"), ("column 'vhi_voxels': found '1,5'",)),
    Case("readings-manual-without-mask", "study", lambda study: (cell("readings", 2, "mask", "")(study), cell("readings", 2, "vhi_voxels", "7")(study)), ("readings.tsv, row 2: scan a1, reader R1: a manual reading needs its mask",)),
    Case("readings-scan-without-stir", "study", cell("readings", 2, "scan", "b1"), ("readings.tsv, row 2:", "scan b1 by R1 needs stir")),
    Case("table-unknown", "study", table("reading", "scan"), ("reading.tsv: unknown table; did you mean readings.tsv?",)),
    Case("scores-total-missing", "study", table("scores", "scan\treader\tsparcc\tsource", "a1\tR1\t\ttotal"), ("scores.tsv, row 2", "a bare total needs `sparcc`")),
    Case("scores-above-72", "study", table("scores", "scan\treader\tsparcc\tsource", "a1\tR1\t73\ttotal"), ("scores.tsv, row 2, column 'sparcc': found '73'", "<= 72")),
    Case("sheets-quadrant-of-2", "study", table("sparcc_sheets", SHEETS, "a1\tR1\t1\tleft\t2\t0\t0\t0\t0\t0"), ("sparcc_sheets.tsv, row 2, column 'q1': found '2'; allowed: 0, 1",)),
    Case("clinical-basdai-of-11", "study", table("clinical", CLINICAL, "A\tpre\t11\t4"), ("clinical.tsv, row 2, column 'basdai_q1': found '11'", "<= 10")),
    Case("clinical-decimal-comma", "study", table("clinical", CLINICAL, "A\tpre\t4,5\t4"), ("clinical.tsv, row 2, column 'basdai_q1': found '4,5'", "write decimals with a point (4.5)")),
    Case("clinical-semicolons", "study", table("clinical", CLINICAL.replace("\t", ";"), "A;pre;4,5;4"), ("clinical.tsv, row 1:",)),
    Case("clinical-subject-1e5", "study", table("clinical", CLINICAL, "100000\tpre\t4\t4"), ("unknown subject '100000'",)),
    Case("clinical-very-long-cell", "study", table("clinical", CLINICAL, "A\tpre\t" + "9" * 200_000 + "\t4"), ("clinical.tsv, row 2, column 'basdai_q1': found '999",)),
    Case("clinical-beyond-all-numbers", "study", table("clinical", CLINICAL, "A\tpre\t4\t1e999"), ("clinical.tsv, row 2, column 'crp_mg_l': found '1e999'",)),
    Case("clinical-unknown-subject", "study", table("clinical", CLINICAL, "Z\tpre\t1\t4"), ("clinical.tsv, row 2, column 'subject': unknown subject 'Z'",)),
    Case("subjects-age-of-420", "study", table("subjects", "subject\tage", "A\t420"), ("subjects.tsv, row 2, column 'age': found '420'", "<= 120")),
    Case("registry-short-checksum", "study", lambda study: (key("ensemble", "source", value="mine")(study), text("ensembles.yaml", lambda _: b"mine: {members: [{file: a.pt, url: 'http://x/a.pt', sha256: abc}]}")(study)), ("ensembles.yaml: key 'mine.members.0.sha256'",)),
    Case("registry-member-outside", "study", lambda study: (key("ensemble", "source", value="mine")(study), text("ensembles.yaml", lambda _: b"mine: {members: [{file: ../../x.pt, url: 'http://x/a.pt', sha256: " + b"a" * 64 + b"}]}")(study)), ("ensembles.yaml: key 'mine.members.0.file'",)),
    Case("registry-name-outside", "study", lambda study: (key("ensemble", "source", value="../x")(study), text("ensembles.yaml", lambda _: b"../x: {members: [{file: x.pt, url: 'http://x/a.pt', sha256: " + b"a" * 64 + b"}]}")(study)), ("ensembles.yaml: key ''", "'../x'")),
    Case("readings-scan-outside", "study", cell("readings", 2, "scan", "../../a1"), ("readings.tsv, row 2, column 'scan': unknown scan '../../a1'",)),
    Case("scans-subject-outside", "study", cell("scans", 2, "subject", "../../A"), ("row 2, column 'subject': found '../../A'",)),
    Case("readings-file-of-results", "study", cell("readings", 2, "mask", os.path.abspath("results/x.nii.gz")), ("readings.tsv, row 2, column 'mask':", "lies under results/")),
    # Scans
    Case("scan-empty-file", "scan", file(SCAN, lambda _: b""), (f"{SCAN}: cannot be read as NIfTI", "copy or export it again")),
    Case("scan-truncated", "scan", file(SCAN, lambda old: old[: len(old) // 2]), (f"{SCAN}: cannot be read as NIfTI", "truncated")),
    Case("scan-words", "scan", file(SCAN, lambda _: gzip.compress(b"these are words")), (f"{SCAN}: cannot be read as NIfTI",)),
    Case("scan-not-gzip", "scan", file(SCAN, lambda old: gzip.decompress(old)), (f"{SCAN}: cannot be read as NIfTI",)),
    Case("scan-dicom", "scan", file(SCAN, lambda _: b"\0" * 128 + b"DICM" + b"\2\0" * 90), (f"{SCAN}: cannot be read as NIfTI",)),
    Case("scan-magic-broken", "scan", header(SCAN, (344, "4s", b"xxxx")), (f"{SCAN}:",)),
    Case("scan-4d", "scan", voxels(SCAN, lambda old: np.stack([old, old], 3)), (f"{SCAN}: expected one volume (3D), found 4D",)),
    Case("scan-2d", "scan", voxels(SCAN, lambda old: old[:, :, 0]), (f"{SCAN}: expected one volume (3D), found 2D",)),
    Case("scan-nan", "scan", voxels(SCAN, lambda old: put(old, (3, 3, 3), np.nan), np.float32), (f"{SCAN}: expected finite values, found 1 voxels",)),
    Case("scan-infinite", "scan", voxels(SCAN, lambda old: put(old, (3, 3, slice(0, 2)), np.inf), np.float32), (f"{SCAN}: expected finite values, found 2 voxels",)),
    Case("scan-no-orientation", "scan", header(SCAN, (252, "hh", 0, 0)), (f"{SCAN}: neither qform nor sform is set",)),
    Case("scan-forms-in-conflict", "scan", header(SCAN, (292, "f", 31.0)), (f"{SCAN}: qform and sform disagree by 1 mm at a corner",)),
    Case("scan-broken-quaternion", "scan", header(SCAN, (256, "f", 5.0)), (f"{SCAN}: its qform is damaged",)),
    Case("scan-singular", "scan", header(SCAN, (252, "h", 0), (280, "12f", *([0.0] * 12))), (f"{SCAN}: its affine is singular",)),
    Case("scan-isotropic", "scan", voxels(SCAN, lambda old: old, affine=oblique_affine((1, 1, 1))), (f"{SCAN}: the slice axis cannot be told", "orientation.slice_axis")),
    Case("scan-negative-size", "scan", header(SCAN, (42, "h", -48)), (f"{SCAN}: expected 1 to 134217728 voxels", "(-48, 48, 6)")),
    Case("scan-unknown-type", "scan", header(SCAN, (70, "hh", 9999, 16)), (f"{SCAN}: cannot be read as NIfTI",)),
    Case("scan-larger-than-file", "scan", header(SCAN, (42, "h", 4800)), (f"{SCAN}: cannot be read as NIfTI",)),
    Case("scan-header-bomb", "scan", header(SCAN, (42, "hhh", 30000, 30000, 30000)), (f"{SCAN}: expected 1 to 134217728 voxels", "(30000, 30000, 30000)")),
    Case("scan-gzip-bomb", "scan", expanding, (f"{SCAN}: expected 1 to 134217728 voxels", "(2000, 2000, 1000)")),
    Case("scan-header-bomb-grid", "grid", header(SCAN, (42, "hhh", 30000, 30000, 30000)), (f"{SCAN}: expected 1 to 134217728 voxels",)),
    Case("scan-of-no-voxel", "scan", header(SCAN, (42, "h", 0)), (f"{SCAN}: expected 1 to 134217728 voxels", "(0, 48, 6)")),
    Case("scan-voxels-in-header", "scan", header(SCAN, (108, "f", 0)), (f"{SCAN}: its header places the voxels at byte 0",)),
    Case("scan-intercept-nan", "scan", header(SCAN, (112, "ff", 2, float("nan"))), (f"{SCAN}: cannot be read as NIfTI", "invalid intercept nan")),
    Case("scan-rgb", "scan", written(SCAN, nib.Nifti1Image, RGB), (f"{SCAN}: expected one grey value a voxel, found colours (RGB)",)),
    Case("scan-complex", "scan", written(SCAN, nib.Nifti1Image, np.complex64), (f"{SCAN}: expected one grey value a voxel, found numbers of type complex64",)),
    Case("scan-nifti-pair", "first_stir", written(SCAN, nib.Nifti1Pair), ("pair.img: expected one NIfTI file (.nii, .nii.gz), found a pair of files",)),
    Case("scan-analyze-pair", "first_stir", written(SCAN, nib.AnalyzeImage), ("pair.img: expected one NIfTI file (.nii, .nii.gz), found a pair of files",)),
    Case("scan-link-to-itself", "scan", lambda study: ((study.data / SCAN).unlink(), (study.data / SCAN).symlink_to(SCAN)), (f"{SCAN}: no such file",)),
    Case("scan-constant", "normalised", voxels("a1_T1W.nii.gz", lambda old: old * 0 + 7), ("expected finite intensities that vary, found a standard deviation of 0",)),
    # Masks
    Case("mask-soft", "mask", voxels(MASK, lambda old: old * 0.7, np.float32), (f"{MASK}: a mask must hold whole numbers among 0, 1, found 0.7",)),
    Case("mask-label-3", "mask", voxels(MASK, lambda old: old * 3), (f"{MASK}: labels must be among 0, 1, found 3",)),
    Case("mask-negative", "mask", voxels(MASK, lambda old: -old), (f"{MASK}: labels must be among 0, 1, found -1",)),
    Case("mask-huge-label", "mask", voxels(MASK, lambda old: old * 1e30, np.float64), (f"{MASK}: labels must be among 0, 1",)),
    Case("mask-is-a-scan", "mask", voxels(MASK, lambda old: np.arange(old.size).reshape(old.shape) % 999), (f"{MASK}: labels must be among 0, 1, found 2, 3, 4", "(997 values)")),
    Case("mask-moved", "mask", voxels(MASK, lambda old: old, affine=oblique_affine(origin=(30.3, 10, -20))), (f"{MASK}: on another grid than", "found 0.3 mm")),
    Case("mask-of-other-size", "mask", voxels(MASK, lambda old: old[:-1]), (f"{MASK}: on another grid than", "expected (slices, rows, columns) (6, 48, 48), found (6, 48, 47)")),
    Case("marrow-empty", "limits", voxels(MASK, lambda old: old * 0), ("the normal-marrow region is empty",)),
    Case("marrow-constant", "limits", voxels(SCAN, lambda old: old * 0 + 9), ("interquartile range of 0",)),
    Case("marrow-one-bright-voxel", "limits", voxels(SCAN, lambda old: put(old, (20, 30, 1), 3e9), np.float64), ("implausible for normal marrow",)),
    Case("cleaned-added", "cleaned", voxels("a1_cleaned_R1.nii.gz", lambda old: put(old, (slice(4, 6), slice(4, 6), 2), 1)), ("4 of 124 voxels lie outside the preliminary segmentation",)),
    Case("cleaned-flipped", "cleaned", voxels("a1_cleaned_R1.nii.gz", lambda old: old[::-1]), ("the mask is flipped along columns",)),
    # Weights
    Case("weights-absent", "weights", lambda study: (study.data / WEIGHTS).unlink(), (f"{WEIGHTS}: expected a file of weights, found none",)),
    Case("weights-empty", "weights", file(WEIGHTS, lambda _: b""), (f"{WEIGHTS}: expected the weights of a disease-region U-Net", "damaged or foreign")),
    Case("weights-truncated", "weights", file(WEIGHTS, lambda old: old[:-500]), (f"{WEIGHTS}: expected the weights", "damaged or foreign")),
    Case("weights-header-too-long", "weights", file(WEIGHTS, lambda old: struct.pack("<Q", 1 << 60) + old[8:]), (f"{WEIGHTS}: expected the weights", "damaged or foreign")),
    Case("weights-of-another-network", "weights", file(WEIGHTS, lambda old: old.replace(b'\\"filters\\": 4', b'\\"filters\\": 5')), (f"{WEIGHTS}: expected the weights", "damaged or foreign")),
    Case("weights-nan", "weights", weights_with_nan, (f"{WEIGHTS}: expected finite weights, found NaN or infinity",)),
    Case("weights-twice", "weights", same_member_twice, ("member_2.safetensors: expected members that differ",)),
    Case("weights-that-run-code", "weights", weights_that_run_code, ("evil.pt: expected the weights", "damaged or foreign")),
    # Records
    Case("record-empty", "record", lambda study: (study.data / RECORD).write_bytes(b""), (f"{RECORD}: expected a cleaning record (JSON)",)),
    Case("record-truncated", "record", lambda study: (study.data / RECORD).write_text(json.dumps(a_record())[:-9]), (f"{RECORD}: expected a cleaning record (JSON)",)),
    Case("record-a-list", "record", lambda study: (study.data / RECORD).write_text("[]"), (f"{RECORD}: not a cleaning record at 'the whole'",)),
    Case("record-not-utf8", "record", lambda study: (study.data / RECORD).write_bytes(b"\xff{}"), (f"{RECORD}: expected a cleaning record (JSON)",)),
    Case("record-deep", "record", lambda study: (study.data / RECORD).write_text("[" * 100000), (f"{RECORD}: expected a cleaning record (JSON)",)),
    Case("record-changed-later", "record", record(lambda made: made.update(notes="x"), seal=False), (f"{RECORD}: its checksum does not fit",)),
    Case("record-key-missing", "record", record(lambda made: made.pop("removed")), (f"{RECORD}: not a cleaning record", "'removed' is a required property")),
    Case("record-pack-outside", "record", record(lambda made: made.update(pack="../../x")), (f"{RECORD}: not a cleaning record at 'pack'",)),
    Case("record-unknown-reason", "record", record(lambda made: made["removed"][0].update(reason="tired")), (f"{RECORD}: not a cleaning record at 'removed.0.reason'",)),
    Case("record-other-grid", "record", record(lambda made: made.update(grid=[4, 16, 17])), ("it belongs to another preliminary segmentation",)),
    Case("record-region-of-none", "record", record(lambda made: made["removed"].append({"region": 99, "reason": "other"})), ("its removed regions must be in order, each once, from 1 to 3",)),
    Case("record-cut-elsewhere", "record", record(lambda made: made["cuts"][0].update(runs=[[0, 1]])), ("its cut of region 3 is empty, leaves the region",)),
    Case("record-run-out-of-volume", "record", record(lambda made: made["cuts"][0].update(runs=[[10**9, 5]])), ("is empty, out of order or outside the volume",)),
    Case("record-wrong-count", "record", record(lambda made: made["result"].update(upper_voxels=1)), ("its counts do not fit",)),
]  # fmt: skip


def make(case: Case, folder: Path) -> SmallStudy:
    """Write a whole study and damage it."""
    study = SmallStudy(folder, ensemble=case.reader in ("weights",))
    case.damage(study)
    return study


if __name__ == "__main__":
    target = Path(sys.argv[1])
    for one in CASES:
        make(one, target / one.name)
        (target / one.name / "message.txt").write_text(" ... ".join(one.words) + "\n")
    print(f"{len(CASES)} damaged inputs in {target}")
