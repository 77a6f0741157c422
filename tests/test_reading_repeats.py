"""Repeats by plan: a reader gets some scans twice without knowing it, and the next run compares both readings."""

import csv
import json

import numpy as np
import pandas as pd

from page_driver import Reader, chromium
from phantom_page import ROOT
from small_study import SmallStudy, save
from vhi.study.load import load_study
from vhi.study.plan import Plan

SCANS, TWICE = 9, 3


def small_cohort(folder):
    """A study of nine subjects with lesions of their own sizes, whose one reader gets a third of the scans twice."""
    study, rng = SmallStudy(folder), np.random.default_rng(3)
    for number in range(SCANS):
        stir = rng.integers(80, 140, study.stir["a1"].shape)
        for slice_ in (2, 3, 4):
            stir[12:18, 10 : 14 + number, slice_] += 120
            stir[30:34, 20 : 23 + number, slice_] += 120
        save(study.data / f"c{number}_STIR.nii.gz", stir)
    masks = ("a1_marrow.nii.gz", "a1_region.nii.gz", None, "apply")
    study.scans = [[f"c{n}", f"S{n}", "pre", "a1_T1W.nii.gz", f"c{n}_STIR.nii.gz", *masks] for n in range(SCANS)]
    study.readings = [[row[0], "R1", 1, "semiautomatic", None, None] for row in study.scans]
    study.config |= {"readers": ["R1"], "reading_room": {"repeats": 0.34}}
    return study.write()


def read(reader):
    """See all slices, remove the first region of every other page, finish; gives the record that the page saves."""
    reader.press("Home", *["PageDown"] * (reader.page.evaluate("reading.slices") - 1))
    if int(reader.page.evaluate("PACK.code")) % 2:
        reader.page.evaluate("go(reading.sliceOf(1))")
        reader.press("1", "n", "Enter")
    record = reader.download(lambda: reader.press("f"))
    assert not reader.errors
    reader.page.close()
    return record


def test_a_reader_reads_some_scans_twice_and_is_compared_with_themselves(tmp_path, snakemake, monkeypatch):
    study = small_cohort(tmp_path / "small")
    snakemake(tmp_path, "packs", study=study.folder, check=True)
    results, records = tmp_path / "results" / "small", study.folder / "records"
    key = list(csv.DictReader((records / "_key" / "R1.tsv").open(), delimiter="\t"))
    code = {(row["scan"], row["trial"]): int(row["code"]) for row in key}
    again = [scan for scan, trial in code if trial == "2"]
    assert len(key) == SCANS + TWICE
    assert len(again) == TWICE
    assert min(code[scan, "2"] - code[scan, "1"] for scan in again) >= len(key) / 3
    packs, voxels = results / "6b_reading_room" / "packs" / "R1", {}
    assert len(list(packs.glob("*.html"))) == len(key)
    (records / "R1").mkdir()
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
        for row in key:
            page = Reader(context, (packs / f"{row['code']}.html").as_uri())
            assert f"Scan {row['code']}" in page.page.inner_text("header")
            content = read(page)
            result = json.loads(content)["result"]
            voxels[row["scan"], int(row["trial"])] = result["lower_only_voxels"] + result["upper_voxels"]
            (records / "R1" / f"{row['code']}_record.json").write_bytes(content)
    names = ("7_1_overlap/medians.tsv", "7_2_agreement/limits_within.tsv", "7_2_agreement/reliability_within.tsv")
    monkeypatch.chdir(tmp_path)
    assert {f"<results>/{name}" for name in names[:2]} < set(Plan(load_study(ROOT, str(study.folder)), ROOT).targets)
    snakemake(tmp_path, *(f"results/small/{name}" for name in names), study=study.folder, check=True)
    measured = pd.read_csv(results / "6_cleaning" / "measurements.tsv", sep="\t")
    assert {(row.scan, row.trial): row.vhi_voxels for row in measured.itertuples()} == voxels
    medians, limits, reliability = (pd.read_csv(results / name, sep="\t") for name in names)
    (dice,) = medians[medians["a"].eq("R1.1") & medians["b"].eq("R1.2")].itertuples()
    assert dice.n == TWICE
    of_all = limits.query("scale == 'raw' and method == 'paper' and sessions == 'all' and quantity == 'bias'")
    (bias,) = of_all.itertuples()
    assert (bias.a, bias.b, bias.n_scans) == ("R1.1", "R1.2", TWICE)
    assert bias.estimate == np.mean([voxels[scan, 1] - voxels[scan, 2] for scan in again])
    assert reliability["reader"].eq("R1").all()
    assert reliability["n"].eq(TWICE).all()
