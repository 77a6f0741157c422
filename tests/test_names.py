"""Names that look like numbers, truth values or nothing, and readings of nothing: both go through every step as they are."""

import numpy as np
import pandas as pd
import pytest

from small_study import SHAPE, SmallStudy, save, table
from vhi.io.tables import read_table, write_table

SUBJECTS = {"NA": ("0012", "1e5"), "null": ("True", "nan"), "007": ("None", "inf")}  # scans before and after treatment
SCANS = {scan for scans in SUBJECTS.values() for scan in scans}


def text_table(path):
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def test_tables_keep_names_and_tell_an_empty_cell_from_na(tmp_path):
    names = ["0012", "1e5", "NA", "True", "null", "nan", "None", "inf", "-"]
    frame = pd.DataFrame({"scan": names, "subject": names, "note": names, "value": [1.5, np.nan, *range(7)]})
    frame.loc[3, "note"] = None
    write_table(tmp_path / "x.tsv", frame)
    back = read_table(tmp_path / "x.tsv")
    assert back["scan"].tolist() == back["subject"].tolist() == names
    assert back["note"].isna().tolist() == [place == 3 for place in range(9)]
    assert back["value"].isna().tolist() == [place == 1 for place in range(9)]


def test_numbers_come_back_from_a_table_to_their_last_bit(tmp_path):
    rng = np.random.default_rng(1)
    numbers = rng.standard_normal(20_000) * 10.0 ** rng.integers(-300, 300, 20_000)
    write_table(tmp_path / "x.tsv", pd.DataFrame({"value": [*numbers, 5e-324, 1 / 3, np.finfo(float).max]}))
    assert read_table(tmp_path / "x.tsv")["value"].tolist() == [*numbers, 5e-324, 1 / 3, np.finfo(float).max]


@pytest.fixture(scope="module")
def finished(tmp_path_factory, snakemake):
    """Three subjects of such names; the first scan's inflammation was removed whole by both readers."""
    folder = tmp_path_factory.mktemp("names")
    study = SmallStudy(folder / "odd")
    save(study.data / "nothing.nii.gz", np.zeros(SHAPE))
    files, study.scans, study.readings, clinical, scores = study.scans[0][3:7], [], [], [], []
    for number, (subject, scans) in enumerate(SUBJECTS.items()):
        for place, (scan, session) in enumerate(zip(scans, ("pre", "post"), strict=True)):
            study.scans.append([scan, subject, session, *files, None, "apply"])
            for reader in ("R1", "R2"):
                mask = {"0012": "nothing.nii.gz", "1e5": f"a1_cleaned_{reader}.nii.gz"}.get(scan)
                count = None if mask else 100 * number + 40 * place
                study.readings.append([scan, reader, 1, "semiautomatic", mask, count])
                scores.append([scan, reader, 3 + number + place, "total"])
                if scan == "0012":
                    study.readings += [[scan, reader, trial, "manual", "nothing.nii.gz", None] for trial in (1, 2)]
            clinical.append([subject, session, *[6 - place] * 6, 5, 3, 12, 20])
    study.config |= {"statistics": {"bootstrap": 200}, "scans_per_job": 6}
    study.write()
    items = [*(f"basdai_q{n}" for n in range(1, 7)), "pga", "spinal_vas_cm", "crp_mg_l", "esr_mm_h"]
    table(study.folder / "clinical.tsv", ["subject", "session", *items], clinical)
    table(study.folder / "scores.tsv", ["scan", "reader", "sparcc", "source"], scores)
    targets = [
        "6_cleaning/measurements.tsv", "7_1_overlap/dice.tsv", "7_1_overlap/composite.tsv", "7_2_agreement/limits.tsv",
        "7_2_agreement/values.tsv", "7_3_responsiveness/changes.tsv", "7_3_responsiveness/responders.tsv",
    ]  # fmt: skip
    study.results = folder / "results" / "odd"
    snakemake(folder, *(f"results/odd/{name}" for name in targets), "export", study=study.folder, check=True)
    return study


def test_names_survive_every_step(finished):
    for name in ("6_cleaning/measurements", "7_2_agreement/values"):
        assert set(text_table(finished.results / f"{name}.tsv")["scan"]) == SCANS, name
    for name in ("6_cleaning/measurements", "7_3_responsiveness/changes", "7_3_responsiveness/clinical_response"):
        assert set(text_table(finished.results / f"{name}.tsv")["subject"]) == set(SUBJECTS), name
    exported = {path.name for path in (finished.results / "export" / "bids").iterdir() if path.is_dir()}
    assert {f"sub-{subject}" for subject in SUBJECTS} <= exported


def test_a_reading_of_nothing_is_a_v_hi_of_zero_and_two_of_them_have_no_dice(finished):
    measured = text_table(finished.results / "6_cleaning" / "measurements.tsv")
    nothing = measured[measured["scan"] == "0012"]
    assert set(nothing["method"]) == {"manual", "semiautomatic"}
    assert set(nothing["vhi_voxels"]) == {"0"}
    assert set(nothing["vhi_mm3"]) == {"0.0"}
    dice = text_table(finished.results / "7_1_overlap" / "dice.tsv")
    readings = dice[dice["a"].str.match("R[12]") & dice["b"].str.match("R[12]") & (dice["scan"] == "0012")]
    assert set(readings["method"]) == {"manual", "mixed", "semiautomatic"}
    assert set(readings["dice"]) == {""}
    limits = read_table(finished.results / "7_2_agreement" / "limits.tsv")
    assert np.isfinite(limits["estimate"].dropna()).all()
