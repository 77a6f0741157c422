"""Sections 2.7.3 and 2.7.4 through their rules, on a study of counts; reporting, comparison of variants, examples."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from small_study import SHAPE, SmallStudy, save, table
from vhi.figures.readers import figure_7
from vhi.io.files import write_json
from vhi.io.tables import TAKEN_AS, read_table
from vhi.report.compare import between_readers, changed_keys, paired, summary
from vhi.report.examples import choose_examples, choose_failures
from vhi.report.grras import grras_table
from vhi.report.methods import methods_paragraphs
from vhi.report.results import results_paragraph
from vhi.study.config import averaging_settled, overlaid, with_defaults
from vhi.study.rows import read_schema

ROOT = Path(__file__).parents[1]

CLINICAL = [
    "subject",
    "session",
    *(f"basdai_q{n}" for n in range(1, 7)),
    "pga",
    "spinal_vas_cm",
    "crp_mg_l",
    "esr_mm_h",
]
COUNTS = {  # subject: R1 and R2 before, R1 and R2 after
    "A": (900, 800, 300, 350),
    "B": (50, 40, 60, 70),
    "C": (0, 0, 0, 0),
    "D": (4000, 4100, 2500, 2400),
    "E": (500, 100, 480, 510),
}


def study_of_counts(folder):
    """Five subjects, two sessions, two readers: counts without masks, on the scan a1."""
    study = SmallStudy(folder)
    study.scans, study.readings = [], []
    files = [f"a1_{part}.nii.gz" for part in ("T1W", "STIR", "marrow", "region")]
    clinical, scores = [], []
    for number, (subject, counts) in enumerate(COUNTS.items()):
        for place, session in enumerate(("pre", "post")):
            scan = f"{subject}{session}"
            study.scans.append([scan, subject, session, *files, None, "apply"])
            for reader, voxels in zip(("R1", "R2"), counts[2 * place : 2 * place + 2], strict=True):
                study.readings.append([scan, reader, 1, "semiautomatic", None, voxels])
                scores.append([scan, reader, min(72, voxels // 100), "total"])
            item = 6 - place * number
            clinical.append([subject, session, *[item] * 7, item, 12 - 4 * place, 20])
    clinical[3][9] = None  # B has no spinal pain after treatment
    study.config["statistics"] = {"bootstrap": 1000}
    study.write()
    table(folder / "clinical.tsv", CLINICAL, clinical)
    table(folder / "scores.tsv", ["scan", "reader", "sparcc", "source"], scores)
    columns = ["scan", "readers", "kind", "note", "classified_by"]
    table(folder / "disagreements.tsv", columns, [["Epre", "R1-R2", "morphological", "a vessel", "R1"]])
    return study


@pytest.fixture(scope="module")
def finished(tmp_path_factory, snakemake):
    """The steps 7.3 and 7.4 of the study of counts, run once."""
    folder = tmp_path_factory.mktemp("response")
    study = study_of_counts(folder / "counts")
    names = ["7_3_responsiveness/figure_9.png", "7_3_responsiveness/responders.tsv", "7_4_disagreement/pages"]
    snakemake(folder, *(f"results/counts/{name}" for name in names), study=study.folder, check=True)
    study.results = folder / "results" / "counts"
    return study


def read(finished, name):
    return pd.read_csv(finished.results / name, sep="\t")


def test_change_and_response_of_the_study_of_counts(finished):
    changes = read(finished, "7_3_responsiveness/changes.tsv")
    mean = changes[(changes["reader"] == "mean") & (changes["measure"] == "vhi")].set_index("subject")
    assert mean["change"].to_dict() == {"A": -525, "B": 20, "C": 0, "D": -1600, "E": 195}
    assert mean["direction"].tolist() == ["improved", "worsened", "tie", "improved", "worsened"]
    clinical = read(finished, "7_3_responsiveness/clinical_response.tsv").set_index(["subject", "rule"])
    assert clinical.loc[("B", "paper2023"), "reason"] == "no spinal_vas_cm post"
    assert clinical.loc[[("A", "paper2023"), ("C", "paper2023")], "response"].tolist() == ["no", "yes"]
    responders = read(finished, "7_3_responsiveness/responders.tsv")
    row = responders[
        (responders["primary"] == "yes") & (responders["a"] == "clinical: paper2023") & (responders["b"] == "vhi")
    ]
    counts = ["n", "undefined", "both", "only_a", "only_b", "neither"]
    assert row[counts].to_numpy().tolist() == [[4, 1, 1, 2, 1, 0]]
    svg = (finished.results / "7_3_responsiveness" / "figure_9.svg").read_text()
    assert "tie (1)" in svg
    assert "n = 3" in svg


def test_a_classified_discrepancy_is_tallied_and_counts_have_no_page(finished):
    found = read(finished, "7_4_disagreement/differences.tsv")
    assert found.loc[found["discrepant"] == "yes", "scan"].tolist() == ["Epre"]
    tally = read(finished, "7_4_disagreement/tally.tsv").set_index("kind")
    assert tally.loc[["discrepant", "morphological", "not classified"], "scans"].tolist() == [1, 1, 0]
    assert not list((finished.results / "7_4_disagreement" / "pages").glob("*.png"))


def test_the_methods_say_what_the_config_and_the_results_say(finished):
    schema, given = read_schema(ROOT, "config"), {"title": "t", "readers": ["R1", "R2"]}
    config = averaging_settled(with_defaults(given, schema))
    counts = {
        "subjects": 5,
        "scans": 10,
        "imaged": 10,
        "measured": 10,
        "cleaned": 10,
        "published": 20,
        "scans_by_hand": 0,
    }
    counts |= {"trials_by_hand": 0, "members": 0, "regions": {"manual masks": 10, "the ensemble": 0}, "paired": 5}
    counts |= {"sparcc": True, "clinical": True}
    text = " ".join(methods_paragraphs(config, counts))
    for part in (
        "10 of 10 scans of 5 subjects", "n starting at 1.5", "fewer than 4 pixels", "2 readers (R1, R2)", "manual masks in 10.",
        "Of 20 readings it is the published count", "Clinical response is 'paper2023'", "10,000 resamples of subjects",
    ):  # fmt: skip
        assert part in text, part
    assert (
        "Primary analyses: the limits of agreement of log(V_HI + 1), with scans clustered within subjects (MOVER, Zou and "
        "Donner 2008); "
        "the slope of log(V_HI + 1) on SPARCC, with scans clustered within subjects (CR2, Satterthwaite); "
        "agreement on "
        "response (any fall of the mean of the readers) between clinical response and V_HI, between clinical response and SPARCC, "
        "between V_HI and SPARCC. All others are exploratory."
    ) in text
    assert "simulated" not in text
    assert "U-Nets" not in text  # no ensemble was used
    trained = averaging_settled(with_defaults(given | {"ensemble": {"source": "trained"}}, schema))
    text = " ".join(methods_paragraphs(trained, counts | {"members": 3, "regions": {"the ensemble": 10}}))
    for part in (
        "the rounded mean of 3 U-Nets trained on the study's own", "by subject), averaged over mirrored slices and slices scaled",
        "by 0.92, 1, 1.08 and neighbouring slices (10 % from either), without parts below 0.5 % of the largest. (iv)",
    ):  # fmt: skip
        assert part in text, text
    for more, sentence in (
        ({"imaged": 0, "measured": 0}, "No images are part of this study"),
        ({"measured": 0}, "in 0 of 10 scans"),
    ):
        text = " ".join(methods_paragraphs(config, counts | more | {"regions": {"manual masks": 0}}))
        assert sentence in text
        assert "taken from" not in text
        assert not re.search(r": ?\.|\( ?\)|  |, ?\.", text), text
    assert "(iv)" not in " ".join(methods_paragraphs(config, counts | {"imaged": 0}))
    changed = overlaid(config, {"limits": {"vhi": "upper"}, "simulated": True})
    text = " ".join(methods_paragraphs(changed, counts | {"clinical": False, "sparcc": False, "paired": 0}))
    assert "Scans and readings are simulated." in text
    assert "upper ('conservative') limit" in text
    assert "Clinical" not in text
    assert "(MOVER, Zou and Donner 2008). All others" in text
    main = results_paragraph(
        {
            "responders": read_table(finished.results / "7_3_responsiveness" / "responders.tsv"),
            "regression": read_table(finished.results / "7_3_responsiveness" / "change_regression.tsv"),
            "tally": read_table(finished.results / "7_4_disagreement" / "tally.tsv"),
        },
        "voxels",
    )
    assert "agree in 1/4 subjects (1 undefined): both 1" in main
    assert "1 of 10 scans differ between R1-R2" in main
    assert results_paragraph({}, "voxels") == ""
    grras = grras_table(config, counts, main)
    assert grras["item"].tolist() == list(range(1, 16))
    assert grras.loc[12, "this_study"] == main
    assert grras.loc[7, "this_study"].endswith("Order of reading, blinding and interval: for the authors to write")
    assert not grras["this_study"].str.rstrip().str.endswith(",").any()


def test_text_and_figure_7_name_the_method_of_their_limits():
    quantities = ("bias", "lower_limit", "upper_limit")
    limits = pd.DataFrame(
        [("V_HI", "raw", "all", method, *row) for method, values in (("paper", (13, -68, 93)), ("clustered", (13, -66, 91)))
         for row in zip(quantities, values, (-5, -98, 63), (30, -38, 124), strict=True)],
        columns=["measure", "scale", "sessions", "method", "quantity", "estimate", "ci_low", "ci_high"],
    )  # fmt: skip
    main = results_paragraph({"limits": limits}, "voxels")
    assert f"between readers, {TAKEN_AS['paper']}: 13 (95 % CI -5 to 30), limits of agreement -68" in main
    assert f"between readers, {TAKEN_AS['clustered']} (Fig 7): 13 (95 % CI -5 to 30), limits of agreement -66" in main
    pairs = pd.DataFrame(columns=["measure", "a", "b"])
    assert (
        f"bias and limits {TAKEN_AS['clustered']}"
        in figure_7(pairs, limits.assign(a="R1", b="R2", primary="no"), limits.head(0), False).get_supxlabel()
    )


def test_a_wrong_classification_is_refused(snakemake, tmp_path):
    study = study_of_counts(tmp_path / "counts")
    text = (study.folder / "disagreements.tsv").read_text()
    (study.folder / "disagreements.tsv").write_text(text.replace("morphological", "odd"))
    done = snakemake(tmp_path, "-n", study=study.folder)
    assert done.returncode
    said = "disagreements.tsv, row 2, column 'kind': found 'odd'; allowed: anatomical, morphological, artefact"
    assert said in done.stdout + done.stderr


# Two variants


def test_keys_that_differ_are_listed_with_dots():
    found = changed_keys(
        {"limits": {"vhi": "lower", "n": 1.5}, "a": [1]}, {"limits": {"vhi": "upper", "n": 1.5}, "a": []}
    )
    assert found.to_numpy().tolist() == [["limits.vhi", "lower", "upper"], ["a", "[1]", "[]"]]


def test_pairs_are_kept_where_one_side_is_missing_and_summed_up_where_both_are_there():
    a = pd.DataFrame({"scan": ["1", "2", "3"], "x": [1.0, 5, 7]})
    b = pd.DataFrame({"scan": ["1", "2", "4"], "x": [1.0, 8, 9]})
    found = paired(a, b, ["scan"], ["x"])
    assert len(found) == 4
    row = summary([("x", found, "x")]).iloc[0]
    assert (row["n"], row["changed"], row["mean_change"], row["largest_change"]) == (2, 1, 1.5, 3)
    empty = summary([("x", found.head(0), "x")]).iloc[0]
    assert empty["n"] == 0
    assert pd.isna(empty["median_A"])


def test_the_limits_between_readers_are_given_within_each_variant():
    rows = [(scan, reader, "1", "semiautomatic", v, v / 2) for scan, pair in {"1": (10, 8), "2": (20, 21), "3": (5, 9)}.items()
            for reader, v in zip(("R1", "R2"), pair, strict=True)]  # fmt: skip
    readings = pd.DataFrame(rows, columns=["scan", "reader", "trial", "method", "vhi_voxels_A", "vhi_voxels_B"])
    found = between_readers(readings, ["R1", "R2"]).set_index("run")
    assert found.loc["A", "bias_voxels"] == pytest.approx(-1)
    assert found.loc["B", "sd_voxels"] == pytest.approx(found.loc["A", "sd_voxels"] / 2)


def run_of(folder, shift, limit):
    """Results of a run, as the steps leave them: two scans, a lesion of 24 voxels, and one reading of each."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[10:14, 20 + shift : 23 + shift, 2:4] = 1
    labels[10:14, 20 + shift, 2:4] = 2
    rows = []
    for scan in ("a1", "a2"):
        save(folder / "5_small_regions" / f"{scan}.nii.gz", labels, dtype=np.uint8)
        write_json(folder / "2_threshold" / f"{scan}.json", {"lower": limit, "upper": 200.0, "n": 1.5})
        rows += [[scan, reader, 1, "semiautomatic", voxels] for reader, voxels in (("R1", 24), ("R2", 20 + shift))]
    (folder / "6_cleaning").mkdir()
    table(folder / "6_cleaning" / "measurements.tsv", ["scan", "reader", "trial", "method", "vhi_voxels"], rows)


@pytest.mark.slow
def test_two_variants_are_compared_and_one_that_is_not_run_is_named(snakemake, tmp_path):
    study = SmallStudy(tmp_path / "small")
    (study.folder / "variants").mkdir()
    overlays = {"bright": {"limits": {"n_start": 2.0}}, "idle": {"limits": {"vhi": "upper"}}}
    for name, overlay in overlays.items():
        (study.folder / "variants" / f"{name}.yaml").write_text(yaml.safe_dump(overlay))
    run_of(tmp_path / "results" / "small", 0, 150.0)
    run_of(tmp_path / "results" / "small@bright", 1, 160.0)
    only = ["--allowed-rules", "compare_variants", "figure_compare"]
    target = "results/small/compare/base_vs_{}/figure_compare.png"
    snakemake(tmp_path, target.format("bright"), *only, study=study.folder, check=True)
    folder = tmp_path / "results" / "small" / "compare" / "base_vs_bright"
    assert pd.read_csv(folder / "config.tsv", sep="\t").to_numpy().tolist() == [["limits.n_start", 1.5, 2.0]]
    scans = pd.read_csv(folder / "scans.tsv", sep="\t").set_index("scan")
    assert scans["lower_change"].tolist() == [10, 10]
    assert scans["preliminary_voxels_A"].tolist() == [24, 24]
    assert scans["dice_of_preliminary"].tolist() == pytest.approx([2 / 3, 2 / 3])
    readings = pd.read_csv(folder / "readings.tsv", sep="\t")
    assert readings.loc[readings["reader"] == "R2", "vhi_voxels_change"].tolist() == [1, 1]
    assert (folder / "figure_compare.svg").stat().st_size > 0
    for variant, message in (("idle", "'idle' of study small is not run"), ("nix", "no variant 'nix'")):
        done = snakemake(tmp_path, "-n", target.format(variant), *only, study=study.folder)
        assert done.returncode
        assert f"ERROR: {message}" in done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr


# Which scans are shown


def test_examples_are_chosen_by_volume_or_by_the_config():
    frame = pd.DataFrame(
        [(f"{s}{w}", s, w, v) for s, pair in {"A": (0, 0), "B": (10, 2), "C": (100, 90), "D": (50, 60)}.items()
         for w, v in zip(("pre", "post"), pair, strict=True)],
        columns=["scan", "subject", "session", "voxels"],
    )  # fmt: skip
    found = choose_examples(frame, [], None)
    assert found[["figure", "scan"]].to_numpy().tolist() == [
        ["1", "Cpost"],
        ["3", "Cpost"],
        ["3", "Dpre"],
        ["8", "Cpre"],
        ["8", "Cpost"],
    ]
    named = choose_examples(frame, ["Bpre"], "A")
    assert named["scan"].tolist() == ["Bpre", "Bpre", "Apre", "Apost"]
    zeros = choose_examples(frame.assign(voxels=0), [], None)
    assert set(zeros["figure"]) == {"1", "3", "8"}
    one_session = choose_examples(frame[frame["session"] == "pre"], [], None)
    assert "8" not in set(one_session["figure"])


def test_the_worst_regions_are_chosen_one_per_subject():
    quality = pd.DataFrame({"scan": ["a1", "a2", "b1", "c1"], "predicted_dice": [0.5, 0.4, 0.9, float("nan")]})
    compared = pd.DataFrame({"scan": ["a1", "a2", "b1", "c1"], "manual_mean_slice_dice": [None, None, 0.45, None]})
    found = choose_failures(quality, compared, {"a1": "A", "a2": "A", "b1": "B", "c1": "C"}, 3)
    assert found["scan"].tolist() == ["a2", "b1"]
    assert found["why"].tolist() == ["predicted Dice", "Dice with the manual region"]
