"""Config and tables: what is wrong is told with file, row, column, what was found and what is allowed."""

from pathlib import Path

import pytest
import yaml

from refusals import ROOT, load, refused
from vhi.io.errors import InputError
from vhi.study.config import overlaid, with_defaults
from vhi.study.load import TABLES, load_study
from vhi.study.rows import read_schema


def test_a_complete_study_is_read(small_study):
    study = load(small_study)
    assert [row["scan"] for row in study.tables["scans"]] == ["a1", "a2", "b1"]
    assert study.tables["readings"][0]["trial"] == 1
    assert study.tables["scans"][2]["stir"] is None
    assert Path(study.tables["scans"][0]["t1w"]).is_file()
    assert study.config["limits"]["n_start"] == 1.5
    assert study.label == "small"


def test_every_default_passes_its_own_schema():
    schema = read_schema(ROOT, "config")
    filled = with_defaults({"title": "t"}, schema)
    import jsonschema

    jsonschema.validate(filled, schema)


KEYWORDS = {
    *(
        "type",
        "enum",
        "pattern",
        "x-gone",
        "x-says",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "items",
        "minItems",
        "maxItems",
        "uniqueItems",
    ),
    *("default", "description", "properties", "additionalProperties", "required", "x-file"),
}


def test_every_key_and_column_is_described():
    def walk(rule, name):
        for key, inner in rule.get("properties", {}).items():
            assert inner.get("description"), f"{name}.{key}"
            walk(inner, f"{name}.{key}")
            unknown = set(inner) - KEYWORDS
            assert not unknown, f"{name}.{key}: {unknown} is no keyword: a description with a comma needs quotes"
        if "properties" in rule:
            assert rule["additionalProperties"] is False, name

    for name in ("config", *TABLES):
        walk(read_schema(ROOT, name), name)


def test_no_key_of_one_study_reaches_another(small_study):
    small_study.config["limits"] = {"n_start": 9.0}
    small_study.config["cleaning"] = {"added_voxels": "report"}
    load(small_study.write())
    other = load_study(ROOT, "paper", data="nowhere")
    assert other.config["limits"]["n_start"] == 1.5
    small_study.config.pop("limits")
    small_study.config.pop("cleaning")
    again = load(small_study.write())
    assert again.config["limits"]["n_start"] == 1.5
    assert again.config["cleaning"]["added_voxels"] == "refuse"


def test_a_variant_is_laid_over(small_study):
    (small_study.folder / "variants").mkdir()
    (small_study.folder / "variants" / "strict.yaml").write_text("limits: {vhi: upper}\n")
    small_study.config["limits"] = {"n_start": 2.0}
    study = load(small_study.write(), variant="strict")
    assert study.config["limits"] == {
        "rule": "paper",
        "n_start": 2.0,
        "n_step": 0.05,
        "iqr_share": 0.5,
        "shading": "none",
        "vhi": "upper",
    }
    assert study.label == "small@strict"
    refused(small_study, "no variant 'stricter'", "strict", variant="stricter")
    (small_study.folder / "variants" / "strict.yaml").write_text("limits: {vih: upper}\n")
    refused(small_study, "strict.yaml", "unknown key 'limits.vih'", "did you mean 'vhi'", variant="strict")


def test_overlay_merges_mappings_and_replaces_the_rest():
    assert overlaid({"a": {"b": 1, "c": [1]}, "d": 2}, {"a": {"c": [2]}, "e": 3}) == {
        "a": {"b": 1, "c": [2]},
        "d": 2,
        "e": 3,
    }


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("ensembel", {}, ["unknown key 'ensembel'", "did you mean 'ensemble'"]),
        ("stability", {"draws": 1000}, ["unknown key 'stability'"]),
        ("small_regions", {"minimum": 4}, ["unknown key 'small_regions.minimum'", "minimum_pixels"]),
        ("small_regions", {"connectivity": 6}, ["small_regions.connectivity", "found 6", "4, 8"]),
        ("reading_room", {"suggestions": True}, ["'reading_room.suggestions' is gone", "from top to bottom"]),
        ("limits", {"n_step": 0}, ["limits.n_step", "found 0", "> 0"]),
        ("readers", "R1", ["readers", "'R1'", "list"]),
        ("title", None, ["title", "found None"]),
        ("limits", {"n_start": float("nan")}, ["limits.n_start", "finite number"]),
        ("ensemble", {"precision": "half"}, ["ensemble.precision", "'half'", "auto, bf16, fp32"]),
    ],
)
def test_misspelt_or_wrong_config(small_study, key, value, words):
    small_study.config[key] = value
    refused(small_study.write(), "config.yaml", *words)


@pytest.mark.parametrize(
    ("ensemble", "protocol", "expected"),
    [
        ({}, "fast", (False, [1], 0, 0)),
        ({"source": "trained"}, "fast", (True, [0.92, 1, 1.08], 0.1, 0.005)),
        ({"source": "trained"}, "paper", (False, [1], 0, 0)),
        ({"source": "trained", "scales": [1], "smoothing": 0}, "thorough", (True, [1], 0, 0.005)),
        ({"mirrored": True}, "fast", (True, [1], 0, 0)),
    ],
)
def test_what_is_averaged_goes_by_where_the_networks_come_from(small_study, ensemble, protocol, expected):
    small_study.config |= {"ensemble": ensemble, "training": {"protocol": protocol}}
    found = load(small_study.write()).config["ensemble"]
    assert tuple(found[key] for key in ("mirrored", "scales", "smoothing", "smallest_part")) == expected


def test_a_config_without_title(small_study):
    small_study.config.pop("title")
    refused(small_study.write(), "missing key 'title'")


def test_a_config_that_is_not_yaml(small_study):
    (small_study.folder / "config.yaml").write_text("title: [")
    refused(small_study, "cannot be read as YAML")


def test_an_unknown_study():
    with pytest.raises(InputError, match=r"no study 'papre'.*paper"):
        load_study(ROOT, "papre")


def change(study, table, line, column, value):
    path = study.folder / f"{table}.tsv"
    lines = [text.split("\t") for text in path.read_text().splitlines()]
    lines[line - 1][lines[0].index(column)] = value
    path.write_text("\n".join("\t".join(cells) for cells in lines) + "\n")


@pytest.mark.parametrize(
    ("table", "line", "column", "value", "words"),
    [
        (
            "scans",
            3,
            "session",
            "baseline",
            ["scans.tsv, row 3, column 'session'", "unknown session 'baseline'", "post, pre"],
        ),
        ("scans", 2, "role", "", ["row 2, column 'role'", "empty cell", "train, test, apply"]),
        ("scans", 2, "scan", "a 1", ["row 2, column 'scan'", "'a 1'"]),
        ("scans", 3, "scan", "a1", ["row 3", "scan a1", "duplicates row 2"]),
        ("scans", 3, "session", "pre", ["row 3", "subject A, session pre", "row 2"]),
        ("readings", 2, "reader", "R9", ["readings.tsv, row 2, column 'reader'", "unknown reader 'R9'", "R1, R2"]),
        ("readings", 2, "scan", "zz", ["readings.tsv", "unknown scan 'zz'", "a1, a2, b1"]),
        ("readings", 2, "trial", "first", ["row 2, column 'trial'", "'first'", "integer"]),
        ("readings", 2, "trial", "1.5", ["row 2, column 'trial'", "'1.5'", "integer"]),
        ("readings", 3, "trial", "1", ["row 3", "duplicates row 2"]),
        ("readings", 8, "vhi_voxels", "-3", ["column 'vhi_voxels'", "'-3'", ">= 0"]),
        ("readings", 8, "vhi_voxels", "nan", ["column 'vhi_voxels'", "'nan'"]),
        ("readings", 2, "method", "automatic", ["'automatic'", "manual, semiautomatic"]),
        ("readings", 2, "mask", "gone.nii.gz", ["row 2, column 'mask'", "no such file", "gone.nii.gz"]),
        ("scans", 2, "t1w", "gone.nii.gz", ["row 2, column 't1w'", "no such file"]),
    ],
)
def test_wrong_cells(small_study, table, line, column, value, words):
    change(small_study, table, line, column, value)
    refused(small_study, *words)


def test_a_number_from_a_spreadsheet_is_the_number(small_study):
    change(small_study, "readings", 2, "trial", "1.0")
    assert load(small_study).tables["readings"][0]["trial"] == 1
    change(small_study, "readings", 8, "vhi_voxels", "1_000")
    refused(small_study, "row 8, column 'vhi_voxels'", "'1_000'")


def test_an_unknown_table_is_not_overlooked(small_study):
    (small_study.folder / "reading.tsv").write_text("scan\n")
    refused(small_study, "reading.tsv: unknown table", "did you mean readings.tsv?")


def test_a_reading_needs_what_its_scan_must_have(small_study):
    small_study.readings.append(["b1", "R1", 1, "semiautomatic", None, None])
    refused(small_study.write(), "readings.tsv, row 10", "scan b1 by R1 needs stir and normal_marrow")
    small_study.config["absent_files"] = "report"
    study = load(small_study.write())
    assert "the semiautomatic reading of scan b1 by R1: no stir and no normal_marrow" in study.absent
    assert len(study.tables["readings"]) == 8


def test_what_a_human_made_is_never_taken_from_under_results(small_study, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "results" / "small" / "fix.nii.gz"
    path.parent.mkdir(parents=True)
    path.touch()
    small_study.scans[0][7] = str(path)
    refused(small_study.write(), "row 2, column 'disease_region_corrected'", "lies under results/")


def test_wrong_header(small_study):
    path = small_study.folder / "scans.tsv"
    text = path.read_text()
    path.write_text(text.replace("normal_marrow", "normal_marow"))
    refused(small_study, "scans.tsv, row 1", "unknown column 'normal_marow'", "did you mean")
    path.write_text(text.replace("subject", "scan", 1))
    refused(small_study, "column 'scan' stands there 2 times")
    path.write_text(text.replace("\trole", ""))
    refused(small_study, "missing column 'role'")
    path.write_text(text + "a3\tA\n")
    refused(small_study, "row 5", "expected 9 tab-separated cells, found 2")
    path.write_text("")
    refused(small_study, "empty file")
    path.write_bytes(b"\xff\xfe\x00")
    refused(small_study, "UTF-8")


def test_comments_and_a_byte_order_mark_are_skipped(small_study):
    path = small_study.folder / "scans.tsv"
    path.write_text("\ufeff# a comment\n" + path.read_text())
    assert len(load(small_study).tables["scans"]) == 3


def test_absent_files_are_reported_where_so_configured(small_study):
    small_study.config["absent_files"] = "report"
    small_study.scans[2][3] = "gone.nii.gz"
    small_study.readings[4][4] = "gone_mask.nii.gz"
    study = load(small_study.write())
    assert study.absent == ("gone.nii.gz", "gone_mask.nii.gz")
    assert [row["scan"] for row in study.tables["scans"]] == ["a1", "a2"]


def test_scans_found_by_pattern_join_the_table(small_study):
    small_study.config["further_scans"] = {"post": "further/*_T1W.nii.gz"}
    for name in ("c1", "a1"):
        path = small_study.data / "further" / f"{name}_T1W.nii.gz"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    rows = load(small_study.write()).tables["scans"]
    assert [(row["scan"], row["session"], row["role"]) for row in rows[3:]] == [("c1", "post", "apply")]
    columns = set(read_schema(ROOT, "scans")["properties"])
    assert [set(row) for row in rows] == [columns] * 4  # a rule may ask any row for any column


def test_scores_say_where_they_come_from(small_study):
    small_study.folder.joinpath("scores.tsv").write_text("scan\treader\tsparcc\tsource\na1\tR1\t\ttotal\n")
    refused(small_study, "scores.tsv", "bare total needs `sparcc`")
    small_study.folder.joinpath("scores.tsv").write_text("scan\treader\tsparcc\tsource\na1\tR1\t73\ttotal\n")
    refused(small_study, "column 'sparcc'", "'73'", "<= 72")


def test_the_shipped_studies_are_valid(tmp_path):
    paper = load_study(ROOT, "paper", data=str(tmp_path))
    assert paper.tables["scans"] == []
    template = yaml.safe_load((ROOT / "config" / "template" / "config.yaml").read_text())
    for row in (ROOT / "config" / "template" / "scans.tsv").read_text().splitlines():
        for cell in row.split("\t"):
            if cell.endswith(".nii.gz"):
                (tmp_path / cell).parent.mkdir(exist_ok=True)
                (tmp_path / cell).touch()
    study = load_study(ROOT, "template", data=str(tmp_path))
    assert study.config["title"] == template["title"]
    assert {name for name in TABLES if study.tables[name]} >= {"scans", "readings", "subjects", "clinical", "scores"}


def test_the_reference_in_the_config_readme_is_up_to_date():
    import sys

    sys.path.insert(0, str(ROOT / "docs"))
    from config_reference import MARK, reference

    assert (ROOT / "config" / "README.md").read_text().split(MARK)[1].strip() == reference().strip()


def test_old_names_are_refused_with_the_new_ones(small_study):
    small_study.config["normal_bone"] = {"source": "drawn"}
    refused(small_study.write(), "key 'normal_bone' is gone: it is called `normal_marrow` now")
    del small_study.config["normal_bone"]
    small_study.scan_columns = ["normal_bone" if name == "normal_marrow" else name for name in small_study.scan_columns]
    refused(small_study.write(), "scans.tsv, row 1: column 'normal_bone' is gone: it is called `normal_marrow` now")
    del small_study.scan_columns
    (small_study.write().folder / "failures.tsv").write_text("scan\n")
    refused(small_study, "failures.tsv: the table is called disagreements.tsv now; rename it")
