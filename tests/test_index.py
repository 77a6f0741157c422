"""A cohort of one's own: BIDS, DICOM and loose NIfTI files become a study that runs."""

import contextlib
import json
import stat
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from commands import index_cohort
from dicom_series import arrays, write_patient, write_series
from indexing import index, table_of
from small_study import SHAPE, oblique_affine, save
from vhi.exchange.index_dicom import find_series, image_of
from vhi.exchange.index_names import parts_of_name
from vhi.exchange.index_table import order_sessions, order_visits, scan_rows
from vhi.exchange.index_update import merged_table
from vhi.io.errors import InputError
from vhi.study.load import load_study

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("P01/pre_T1w.nii.gz", ("P01", "pre", "t1w")),
        ("STIR/Post_Scans/1012_STIR.nii.gz", ("1012", "Post", "stir")),
        ("masks/1012_normal_marrow.nii.gz", ("1012", "", "normal_marrow")),
        ("sub-7/ses-post/x_disease_region.nii", ("7", "post", "disease_region")),
        ("P01/baseline/t1_tse_cor.nii.gz", ("P01", "baseline", "t1w")),
        ("P01_week12_tirm.nii.gz", ("P01", "week12", "stir")),
        ("a/P02_pre_disease_region_corrected.nii.gz", ("P02", "pre", "disease_region_corrected")),
        ("a/P02_pre_inflammation_STIR.nii.gz", None),
        ("a/P02_pre_T2w.nii.gz", None),
    ],
)
def test_names_tell_subject_session_and_image(name, parts):
    found = parts_of_name(name)
    assert found == parts or (found and (found[0].startswith(parts[0]), *found[1:]) == (True, *parts[1:]))


@pytest.mark.parametrize(
    ("sessions", "expected", "by"),
    [
        ({"pre": "", "post": ""}, {"pre": "pre", "post": "post"}, "label"),
        ({"followup": "2020", "baseline": "2021"}, {"baseline": "pre", "followup": "post"}, "label"),
        ({"b": "20240101", "a": "20240601"}, {"b": "pre", "a": "post"}, "date"),
        ({"10": "", "2": ""}, {"2": "pre", "10": "post"}, "order of labels"),
        ({"": ""}, {"": "pre"}, "only session"),
        ({"post": ""}, {"post": "post"}, "label"),
    ],
)
def test_sessions_are_ordered_by_label_then_date_then_name(sessions, expected, by):
    assert order_sessions(sessions) == (expected, by)


@pytest.mark.parametrize(
    ("subjects", "visits", "by"),
    [
        ([{"w0": "", "w6": "", "w12": ""}, {"w0": "", "w12": ""}], ["w0", "w6", "w12"], "order of labels"),
        ([{"baseline": "", "wk12": "", "post": ""}], ["baseline", "wk12", "post"], "order of labels"),
        ([{"b": "20240101", "a": "20240601", "c": "20241201"}], ["b", "a", "c"], "date"),
        ([{"x1": "20240101", "x2": "20240601", "x3": "20240701"}, {"x2": "20240101", "x1": "20240202"}],
         ["x1", "x2", "x3"], "order of labels"),  # the subjects disagree
        ([{f"2024-0{n}-1{m}": f"20240{n}1{m}" for n in (1, 3, 6)} for m in range(4)], ["visit1", "visit2", "visit3"], "date"),
    ],
)  # fmt: skip
def test_more_than_two_visits_keep_their_names_and_order(subjects, visits, by):
    found, named, how = order_visits({f"P{n}": of for n, of in enumerate(subjects)})
    assert (found, how) == (visits, by)
    assert all(set(of.values()) <= set(visits) and len(set(of.values())) == len(of) for of in named.values())


def test_a_cohort_of_three_visits_is_indexed_whole(tmp_path):
    for subject, weeks in (("P1", (0, 12, 24)), ("P2", (0, 24))):
        for week in weeks:
            for image in ("T1w", "STIR"):
                save(tmp_path / "mri" / f"{subject}_week{week}_{image}.nii.gz", np.ones(SHAPE))
    told = index(tmp_path, "--study", "./own", "--from", tmp_path / "mri")
    assert "2 subjects, 5 scans: week0 (2); week24 (2); week12 (1)" in told
    assert "sessions: [week0, week12, week24]" in (tmp_path / "own" / "config.yaml").read_text()
    assert [row["scan"] for row in table_of(tmp_path / "own" / "scans.tsv")][:3] == [
        "P1_week0",
        "P1_week12",
        "P1_week24",
    ]


def bids(folder, masks=True):
    """Two subjects: one with both sessions, one with a T1w on another grid and no STIR."""
    folder.mkdir()
    (folder / "dataset_description.json").write_text('{"Name": "small", "BIDSVersion": "1.9.0"}')
    rng = np.random.default_rng(2)
    for subject, session in (("01", "pre"), ("01", "post"), ("02", "pre")):
        anat = folder / f"sub-{subject}" / f"ses-{session}" / "anat"
        stem = f"sub-{subject}_ses-{session}"
        save(anat / f"{stem}_T1w.nii.gz", rng.integers(0, 900, SHAPE))
        save(anat / f"{stem}_acq-TSE_T2w.nii.gz", rng.integers(0, 900, SHAPE))
        if subject == "01":
            save(anat / f"{stem}_acq-STIR_T2w.nii.gz", rng.integers(80, 140, SHAPE))
            if masks:
                mask = np.zeros(SHAPE)
                mask[20:24, 30:40, 1:5] = 1
                for name in ("normalmarrow", "diseaseregion"):
                    where = folder / "derivatives" / "masks" / f"sub-{subject}" / f"ses-{session}" / "anat"
                    save(where / f"{stem}_desc-{name}_mask.nii.gz", mask)
    return folder


def test_a_bids_dataset(tmp_path, snakemake):
    told = index(tmp_path, "--study", "./own", "--from", bids(tmp_path / "bids"))
    assert "2 subjects, 3 scans: pre (2); post (1)" in told
    assert "1 of 3 scans: no STIR" in told
    assert "1 of 2 subjects have one session only" in told
    assert "acq-TSE_T2w.nii.gz: neither T1w, STIR nor a known mask" in told
    rows = table_of(tmp_path / "own" / "scans.tsv")
    assert [row["scan"] for row in rows] == ["01_pre", "01_post", "02_pre"]
    assert rows[0]["stir"] == "sub-01/ses-pre/anat/sub-01_ses-pre_acq-STIR_T2w.nii.gz"
    assert rows[1]["normal_marrow"].endswith("ses-post_desc-normalmarrow_mask.nii.gz")
    # The study is complete and runs: nothing of the template's own subjects is left in it.
    with contextlib.chdir(tmp_path):
        study = load_study(ROOT, "./own")
    assert study.config["ensemble"]["source"] == "published"  # 02 has no drawn region
    assert {row["subject"] for row in study.tables["subjects"]} == {"01", "02"}
    assert len(study.tables["readings"]) == 4
    done = snakemake(tmp_path, "-n", "results/own/5_small_regions/01_pre.nii.gz", study="./own", check=True)
    assert "drop_small_regions" in done.stdout + done.stderr


def test_nothing_is_overwritten_and_an_update_only_adds(tmp_path):
    folder = bids(tmp_path / "bids", masks=False)
    told = index(tmp_path, "--study", "./own", "--from", folder)
    assert "2 of 3 scans: no mask of normal marrow" not in told
    assert "3 of 3 scans: no mask of normal marrow" in told
    assert "derivatives/masks/sub-01/ses-pre/anat/sub-01_ses-pre_desc-normalmarrow_mask.nii.gz" in told
    assert "make read STUDY=./own: draw normal marrow" in told
    readings = table_of(tmp_path / "own" / "readings.tsv")  # open without the marrow, and not of the scan without STIR
    assert {row["scan"] for row in readings} == {"01_pre", "01_post"}
    table = tmp_path / "own" / "scans.tsv"
    table.write_text(table.read_text().replace("\tapply", "\ttrain") + "# mine\n")
    before = table.read_text()
    assert "exists already; nothing was written" in index(tmp_path, "--study", "./own", "--from", folder, ok=False)
    assert table.read_text() == before
    save(folder / "derivatives/masks/sub-01/ses-pre/anat/sub-01_ses-pre_desc-normalmarrow_mask.nii.gz", np.ones(SHAPE))
    save(folder / "sub-03/ses-pre/anat/sub-03_ses-pre_T1w.nii.gz", np.ones(SHAPE))
    told = index(tmp_path, "--study", "./own", "--from", folder, "--update")
    assert "1 scans added, 1 empty cells filled" in told
    rows = table_of(table)
    assert [row["role"] for row in rows] == ["train"] * 3 + ["apply"]
    assert rows[0]["normal_marrow"].endswith("desc-normalmarrow_mask.nii.gz")
    assert "# mine" in table.read_text()


def test_an_update_opens_readings_of_new_scans_for_the_readers_who_read(tmp_path):
    folder = bids(tmp_path / "bids", masks=False)
    index(tmp_path, "--study", "./own", "--from", folder)
    config, readings, subjects = (tmp_path / "own" / name for name in ("config.yaml", "readings.tsv", "subjects.tsv"))
    config.write_text(config.read_text().replace("readers: [R1, R2]", "readers: [R2, R3, R1]"))
    text = readings.read_text().replace("\tR2\t", "\tR3\t").replace("01_pre\tR3", "# 01_pre\tR3")
    readings.write_text(text.rstrip("\n"))  # R3 does not read one of the scans, R2 none
    subjects.write_text(subjects.read_text() + "03\t42" + "\t" * 5 + "\n")
    before = table_of(readings)
    told = index(tmp_path, "--study", "./own", "--from", folder, "--update")
    assert "0 scans added, 0 empty cells filled; nothing else was changed" in told
    assert readings.read_text() == text.rstrip("\n")
    for name in ("sub-02/ses-pre/anat/sub-02_ses-pre", "sub-03/ses-pre/anat/sub-03_ses-pre"):  # sub-02 had a T1w
        save(folder / f"{name}_T1w.nii.gz", np.ones(SHAPE))
        save(folder / f"{name}_acq-STIR_T2w.nii.gz", np.ones(SHAPE))
    save(folder / "sub-04/ses-pre/anat/sub-04_ses-pre_T1w.nii.gz", np.ones(SHAPE))  # without STIR: no reading
    told = index(tmp_path, "--study", "./own", "--from", folder, "--update")
    assert "2 scans added, 1 empty cells filled; 4 open readings added, 1 subjects added" in told
    rows = table_of(readings)
    assert rows[: len(before)] == before
    assert [(row["scan"], row["reader"], row["trial"], row["method"]) for row in rows[len(before) :]] == [
        (scan, reader, "1", "semiautomatic") for scan in ("02_pre", "03_pre") for reader in ("R3", "R1")
    ]
    assert table_of(subjects)[-2]["age"] == "42"
    assert [row["subject"] for row in table_of(subjects)] == ["01", "02", "03", "04"]
    with contextlib.chdir(tmp_path):
        assert len(load_study(ROOT, "./own").tables["readings"]) == len(rows)


def test_merged_table_never_changes_a_filled_cell():
    text = "# c\nscan\tstir\nа\tx\nb\t\n"
    assert merged_table(text, [{"scan": "b", "stir": "y"}, {"scan": "c", "stir": ""}]) == (
        "# c\nscan\tstir\nа\tx\nb\ty\nc\t\n", 1, 1,
    )  # fmt: skip


def test_loose_files_and_what_is_wrong_with_their_grids(tmp_path):
    folder = tmp_path / "files"
    save(folder / "P01" / "pre_T1w.nii.gz", np.ones(SHAPE))
    save(folder / "P01" / "pre_STIR.nii.gz", np.ones((40, 40, 6)), oblique_affine((0.7, 0.7, 3.3)))
    save(folder / "P01" / "pre_normal_marrow.nii.gz", np.ones(SHAPE))
    save(folder / "P02" / "pre_T1w.nii.gz", np.ones(SHAPE))
    save(folder / "P02" / "pre_STIR.nii.gz", np.ones(SHAPE), oblique_affine(origin=(400, 0, 0)))
    (folder / "P02" / "pre_disease_region.nii.gz").write_bytes(b"broken")
    told = index(tmp_path, "--study", "./own", "--from", folder)
    assert "STIR on another grid than T1w: P01_pre, P02_pre" in told
    assert "pre_normal_marrow.nii.gz: on another grid than" in told
    assert "P02/pre_STIR.nii.gz: covers 0 % of the field of view" in told
    assert "pre_disease_region.nii.gz: cannot be read as NIfTI" in told
    assert "resample: true" in (tmp_path / "own" / "config.yaml").read_text()


def test_a_pattern_where_names_cannot_be_guessed(tmp_path):
    save(tmp_path / "files" / "xx" / "A7.v1.T1w.nii", np.ones(SHAPE))
    save(tmp_path / "files" / "xx" / "A7.v2.T1w.nii", np.ones(SHAPE))
    index(tmp_path, "--study", "./own", "--from", "files", "--pattern", "xx/{subject}.{session}.{image}.nii")
    assert [(row["scan"], row["t1w"]) for row in table_of(tmp_path / "own" / "scans.tsv")] == [
        ("A7_pre", "xx/A7.v1.T1w.nii"), ("A7_post", "xx/A7.v2.T1w.nii"),
    ]  # fmt: skip
    told = index(tmp_path, "--study", "./o2", "--from", "files", "--pattern", "xx/{subject}.nii", ok=False)
    assert "expected {subject} and {image}" in told


def test_an_empty_folder_and_no_folder(tmp_path):
    (tmp_path / "empty").mkdir()
    assert "expected scans, found an empty folder" in index(tmp_path, "--study", "./own", "--from", "empty", ok=False)
    (tmp_path / "empty" / "notes.txt").write_text("no scan")
    assert "no T1w scan was found" in index(tmp_path, "--study", "./own", "--from", "empty", ok=False)
    assert "no such folder" in index(tmp_path, "--study", "./own", "--from", "gone", ok=False)
    assert not (tmp_path / "own").exists()


def test_the_project_itself_is_never_indexed(tmp_path):
    save(tmp_path / "results" / "x" / "P01_pre_T1w.nii.gz", np.ones(SHAPE))
    for source, words in (
        ("", "FROM=DIR is missing"), (".", "holds this project"), (ROOT, "holds this project"), (ROOT.parent, "holds this project"),
        ("results/x", "lies under results/"),
    ):  # fmt: skip
        assert words in index(tmp_path, "--study", "./own", "--from", source, ok=False)
    assert "STUDY=NAME is missing" in index(tmp_path, "--study", "", "--from", "results/x", ok=False)
    assert not (tmp_path / "own").exists()


def test_nothing_is_written_before_the_owner_agrees(tmp_path, capsys, monkeypatch):
    save(tmp_path / "files" / "P01_pre_T1w.nii.gz", np.ones(SHAPE))
    asked = ["--study", "./own", "--from", str(tmp_path / "files")]
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="ERROR: nothing was written"):
        index_cohort.main(asked)  # nobody can answer
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for answer, written in (("no", False), ("", False), ("y", True)):
        monkeypatch.setattr("builtins.input", lambda _, answer=answer: answer)
        with contextlib.nullcontext() if written else pytest.raises(SystemExit):
            index_cohort.main(asked)
        assert (tmp_path / "own").exists() == written
    told = capsys.readouterr().out
    assert told.count("Write this to own?") == 4
    assert "P01_pre  P01      pre      label" in told


def test_what_was_guessed_and_left_out_is_told_with_what_to_do(tmp_path):
    folder = tmp_path / "files"
    for name in (
        "P01_baseline_T1w",
        "P01_384_baseline_STIR",
        "mueller_baseline_T1w",
        "mueller_baseline_STIR",
        "baseline_STIR",
    ):
        save(folder / f"{name}.nii.gz", np.ones(SHAPE))
    for number in (1, 2):
        (folder / "P07" / "series").mkdir(parents=True, exist_ok=True)
        (folder / "P07" / "series" / f"{number}.dcm").write_bytes(b"x")
    told = index(tmp_path, "--study", "./own", "--from", folder)
    rows = [line.split() for line in told.splitlines()]
    assert ["P01_pre", "P01", "pre", "label", "P01_baseline_T1w.nii.gz", "-", "-", "-"] in rows
    assert "subjects P01 and P01-384: taken as two; if they are one patient, rename the files" in told
    assert "subject mueller: looks like a person's name" in told
    assert "  baseline_STIR.nii.gz: names no subject; left out. Rename it" in told
    assert "P07/: 2 files, none of them NIfTI; left out" in told
    assert told == (tmp_path / "own" / "index.txt").read_text()


def test_subjects_that_differ_only_in_signs_are_refused(tmp_path):
    from vhi.exchange.index_files import Found

    found = [Found(name, "", "t1w", tmp_path / name) for name in ("a.1", "a 1")]
    with pytest.raises(InputError, match="names that differ"):
        scan_rows(found)


def test_dicom_headers_tell_the_sequence(tmp_path):
    volume = np.zeros((2, 8, 8))
    for number, (description, tags, expected) in enumerate([
        ("t1_tse_cor_obl", {}, "t1w"), ("STIR cor", {}, "stir"), ("TIRM", {}, "stir"), ("localizer T1", {}, None),
        ("cor", {"ScanningSequence": ["SE", "IR"], "InversionTime": 160, "RepetitionTime": 4000}, "stir"),
        ("cor", {"RepetitionTime": 500, "EchoTime": 10}, "t1w"), ("T2 tse", {"RepetitionTime": 4000, "EchoTime": 90}, None),
        ("cor flair", {"ScanningSequence": ["SE", "IR"], "InversionTime": 2500, "RepetitionTime": 9000}, None),
        ("T1 mip", {"ImageType": ["DERIVED", "SECONDARY"]}, None),
    ]):  # fmt: skip
        write_series(tmp_path / str(number), volume, description=description, number=number, tags=tags)
        series, _ = find_series(tmp_path / str(number))
        assert [image_of(one) for one in series] == [expected], description


def test_dicom_series_are_converted_without_the_patient(tmp_path):
    _, stir, _ = write_patient(tmp_path / "dicom", "MRN-4711")
    write_patient(tmp_path / "dicom", "MRN-0815", ("20240301",))
    (tmp_path / "dicom" / "broken").write_bytes(b"\0" * 128 + b"DICM" + b"\1\2\3")
    told = index(tmp_path, "--study", "./own", "--from", "dicom")
    assert "2 subjects, 3 scans: pre (2); post (1)" in told
    assert "broken: begins like DICOM and cannot be read" in told
    assert "series 'localizer' (2 files): neither T1w nor STIR" in told
    rows = table_of(tmp_path / "own" / "scans.tsv")
    assert [row["scan"] for row in rows] == ["S01_pre", "S02_pre", "S02_post"]  # S01 is MRN-0815
    data = tmp_path / "data" / "own"
    image = nib.load(data / rows[1]["stir"])
    assert sorted(image.shape) == sorted(stir.shape)
    assert np.sort(np.asarray(image.dataobj).ravel()).tolist() == np.sort(stir.ravel()).tolist()
    # Neither names nor days are in the study or the images; the key is its owner's alone.
    for path in [*(tmp_path / "own").iterdir(), *data.rglob("*.json")]:
        for word in ("4711", "Doe", "20240115", "1980"):
            assert word not in path.read_text(), path
    key = data / "identifiers.tsv"
    assert "MRN-4711\t20240115" in key.read_text()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    listed = (data / rows[1]["stir_dicom"]).read_text().splitlines()
    assert len(listed) == len(stir)
    assert all((data / "dicom" / line).is_file() for line in listed)
    # A third examination later: names that were given stay.
    write_patient(tmp_path / "dicom", "MRN-0001", ("20240501",))
    told = index(tmp_path, "--study", "./own", "--from", "dicom", "--update")
    assert "1 scans added, 0 empty cells filled" in told
    assert table_of(tmp_path / "own" / "scans.tsv")[-1]["scan"] == "S03_pre"
    assert json.loads(next(data.rglob("*STIR*.json")).read_text())["ConversionSoftware"] == "dcm2niix"


def test_patient_ids_that_are_pseudonyms_may_be_kept(tmp_path):
    write_patient(tmp_path / "dicom", "P-17", ("20240115",))
    index(tmp_path, "--study", "./own", "--from", "dicom", "--identifiers", "keep")
    assert [row["scan"] for row in table_of(tmp_path / "own" / "scans.tsv")] == ["P17_pre"]


def test_a_patient_id_that_is_a_path_leads_nowhere(tmp_path):
    t1w, stir, _ = arrays()
    for number, (volume, name) in enumerate([(t1w, "T1 tse cor obl"), (stir, "TIRM cor obl")], 1):
        write_series(tmp_path / "dicom" / name, volume, "../../x", "20240115", name, number)
    index(tmp_path, "--study", "./own", "--from", "dicom", "--identifiers", "keep")
    assert [row["scan"] for row in table_of(tmp_path / "own" / "scans.tsv")] == ["x_pre"]
    assert {path.name for path in (tmp_path / "data" / "own").iterdir()} >= {"x", "identifiers.tsv"}
    assert not list(tmp_path.parent.glob("x*"))
