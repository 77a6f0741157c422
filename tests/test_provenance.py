"""Provenance: versions, config and inputs by hash; results as an RO-Crate."""

import contextlib
import hashlib
import json
import zipfile

import pandas as pd
import pytest

from commands import crate
from small_study import SmallStudy
from vhi.report.pages import sheet_page
from vhi.report.provenance import hashes, one_hash, settings, versions


def test_hashes_and_their_one_hash(tmp_path):
    for name in "ab":
        (tmp_path / name).write_text(name)
    table = hashes([("input", name, str(tmp_path / name)) for name in "ab"])
    assert table["sha256"][0] == hashlib.sha256(b"a").hexdigest()
    assert one_hash(table) == one_hash(table.iloc[::-1])
    assert one_hash(table) != one_hash(table.iloc[:1])


def test_settings_beside_their_defaults():
    table = settings(
        {"limits": {"n": 2, "vhi": "lower"}, "readers": ["R1"]}, {"limits": {"n": 1.5, "vhi": "lower"}, "readers": []}
    )
    assert table.values.tolist() == [
        ["limits.n", "2", "1.5", "yes"], ["limits.vhi", "lower", "lower", "no"], ["readers", "['R1']", "[]", "yes"],
    ]  # fmt: skip


def test_versions_pinned_and_installed():
    table = versions(
        {"imaging": {"dependencies": ["numpy =9.9", "nothing =1"]}, "unet": {"dependencies": ["numpy =9.9"]}}
    )
    rows = table.set_index("package")
    assert rows.loc["numpy", "environments"] == "imaging, unet"
    assert rows.loc["numpy", "pinned"] == "9.9"
    assert rows.loc["numpy", "installed"]
    assert rows.loc["nothing", "installed"] == ""


def test_the_page_escapes_what_a_study_is_called():
    assert "<b>" not in sheet_page("<b>", {"<b>": "<b>"}, {"<b>": pd.DataFrame({"<b>": ["<b>"]})})


@pytest.fixture(scope="module")
def packed(tmp_path_factory, snakemake):
    """A small study with limits and its provenance, packed."""
    folder = tmp_path_factory.mktemp("packed")
    study = SmallStudy(folder / "small")
    targets = ["results/small/5_small_regions/a1.nii.gz", "results/small/provenance/sheet.html"]
    snakemake(folder, *targets, study=study.folder, check=True)
    with contextlib.chdir(folder):
        crate.main(["--study", str(study.folder)])
    return folder, study


def test_the_sheet_names_every_input_and_no_path_of_this_machine(packed):
    folder, study = packed
    results = folder / "results" / "small" / "provenance"
    table = pd.read_csv(results / "inputs.tsv", sep="\t").set_index("path")
    for name in ("a1_STIR.nii.gz", "a1_cleaned_R1.nii.gz"):
        assert table.loc[name, "sha256"] == hashlib.sha256((study.data / name).read_bytes()).hexdigest()
    assert table.loc["config.yaml", "role"] == "study"
    changed = pd.read_csv(results / "settings.tsv", sep="\t").query("changed == 'yes'")["key"].tolist()
    assert set(changed) == {"ensemble.threads", "readers", "title"}
    for path in results.iterdir():
        assert str(folder) not in path.read_text(), path
    versions = pd.read_csv(results / "versions.tsv", sep="\t")
    assert (versions.loc[versions["package"] == "numpy", ["pinned", "installed"]].nunique(axis=1) == 1).all()


def test_the_crate_holds_results_and_describes_images_and_inputs(packed):
    folder, _ = packed
    with zipfile.ZipFile(folder / "results" / "small" / "crate.zip") as file:
        names = set(file.namelist())
        graph = {one["@id"]: one for one in json.loads(file.read("ro-crate-metadata.json"))["@graph"]}
        assert {"results/2_threshold/a1.json", "results/manifest.tsv", "workflow/Snakefile", "study/scans.tsv"} <= names
        assert not [name for name in names if name.endswith((".nii.gz", ".dcm"))]
        for name, entity in graph.items():
            if "sha256" in entity and name in names:
                assert hashlib.sha256(file.read(name)).hexdigest() == entity["sha256"]
    run = graph["#run"]
    assert run["instrument"] == {"@id": "workflow/Snakefile"}
    assert {"@id": "#sha256-input-a1_STIR.nii.gz"} in run["object"]
    assert {"@id": "#sha256-output-5_small_regions/a1.nii.gz"} in run["result"]
    assert graph["./"]["mainEntity"] == {"@id": "workflow/Snakefile"}
    assert "numpy" in {one.get("name") for one in graph.values()}
    from rocrate.rocrate import ROCrate

    assert ROCrate(str(folder / "results" / "small" / "crate.zip")).mainEntity.id == "workflow/Snakefile"


def test_changed_results_are_not_packed(packed):
    folder, study = packed
    path = folder / "results" / "small" / "2_threshold" / "a1.json"
    before = path.read_bytes()
    path.write_text("{}")
    try:
        with contextlib.chdir(folder), pytest.raises(SystemExit) as told:
            crate.main(["--study", str(study.folder)])
        assert "a1.json: changed, since it was made by limits" in str(told.value)
    finally:
        path.write_bytes(before)
    SmallStudy(folder / "other")  # never run
    with contextlib.chdir(folder), pytest.raises(SystemExit, match="expected the manifest"):
        crate.main(["--study", str(folder / "other")])
