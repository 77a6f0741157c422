"""The article of a study: every number comes from a table, and sentences change with the result."""

import html
import re
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest

from vhi.manuscript.article import article, lines_of
from vhi.manuscript.document import write_document
from vhi.manuscript.values import OPEN, Row
from vhi.study.load import load_study
from vhi.study.plan import Plan

ROOT = Path(__file__).parents[1]
TEMPLATES = sorted((ROOT / "workflow_scripts/vhi/manuscript/templates").glob("*.html"))
FACTS = {
    "title": "Small study", "simulated": False, "readers": ["R1", "R2"], "sessions": ["pre", "post"], "session": "post",
    "rule": "", "imaged": True, "networks": False, "version": "0",
}  # fmt: skip
METHODS = "Measurement\nMeasured.\n\nStatistical analysis\nAnalysed.\n"


def limits(bias=7.25, low=-5.0, high=19.5):
    """Limits of agreement of two readers, with this bias."""
    common = {
        "measure": "V_HI",
        "scale": "raw",
        "unit": "voxels",
        "a": "R1",
        "b": "R2",
        "sessions": "all",
        "method": "clustered",
    }
    common |= {"n_scans": 24, "coverage_percent": 94.1, "primary": "yes"}
    ends = {"bias": (bias, low, high), "lower_limit": (-84, -90, -70), "upper_limit": (98, 80, 120)}
    rows = [common | {"quantity": name, "estimate": e, "ci_low": a, "ci_high": b} for name, (e, a, b) in ends.items()]
    return pd.DataFrame(rows)


def slopes(low, high):
    """Slope of one reader with this interval."""
    row = {"reader": "R1", "scale": "log", "n_scans": 24, "slope": 0.17}
    return pd.DataFrame([row | {"slope_clustered_ci_low": low, "slope_clustered_ci_high": high}])


def tables(**changed):
    """Tables of a small study by name, some of them changed; None takes one away."""
    flow = [{"stage": "T1w scan", "scans": 24, "subjects": 12, "subjects_followed_up": 11}]
    icc = {
        "measure": "V_HI",
        "scale": "raw",
        "of": "status",
        "sessions": "all",
        "n": 24,
        "icc": 0.91,
        "ci_low": 0.8,
        "ci_high": 0.96,
    }
    grras = [{"item": n, "asked": "asked", "this_study": "for the authors to write"} for n in range(1, 16)]
    made = {
        "flow": pd.DataFrame(flow), "grras": pd.DataFrame(grras), "limits": limits(), "relation": slopes(-0.002, 0.35),
        "reliability": pd.DataFrame([icc | {"coverage_percent": 80.0}]),
    } | changed  # fmt: skip
    return {name: (f"{name}.tsv", table) for name, table in made.items() if table is not None}


def text_of(page):
    """Words of a page without its tags."""
    return " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S)).split())


def written(**changed):
    """Words of the article on such tables."""
    return text_of(article(FACTS, tables(**changed), METHODS, []))


def test_a_number_in_the_text_is_that_of_the_table_and_says_where_it_stands():
    page = article(FACTS, tables(), METHODS, [])
    assert '<span class="value" title="limits.tsv, line 2, estimate">7</span>' in page
    before, after = written(), written(limits=limits(bias=11.6))
    assert "bias 7 (95 % CI" in before
    assert "bias 12 (95 % CI" in after
    assert before.replace("7.2", "11.6").replace("bias 7 ", "bias 12 ") == after


def test_no_number_is_typed_in_a_template():
    for path in TEMPLATES:
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<h\d>.*?</h\d>|<[^>]*>", " ", path.read_text(), flags=re.S)
        text = re.sub(r"T1w|V_HI \+ 1|95 %|section \d[.\d]*", " ", text)
        typed = re.search(r".{0,30}\d.{0,30}", text)
        assert not typed, f"{path.name}: {typed[0]}"


def test_an_association_is_claimed_only_where_its_interval_leaves_out_zero():
    assert "an association of log(V_HI + 1) with SPARCC was not shown" in written()
    assert "V_HI was associated with SPARCC" not in written()
    found = written(relation=slopes(0.05, 0.35))
    assert "higher SPARCC went with higher log(V_HI + 1)" in found
    assert "V_HI was associated with SPARCC" in found
    assert "V_HI was inversely associated with SPARCC" in written(relation=slopes(-0.35, -0.05))
    assert "no association is claimed" in written(relation=slopes(None, None))


def test_the_bias_between_readers_is_named_by_its_direction():
    assert "a bias between readers was not shown" in written()
    assert "reader R1 measured more than reader R2" in written(limits=limits(low=2))
    assert "reader R1 measured less than reader R2" in written(limits=limits(bias=-7, low=-9, high=-2))


def test_what_a_study_lacks_is_said():
    found = written(limits=None, relation=None, reliability=None)
    for said in (
        "No pair of readers measured the same scans, so agreement between readers was not assessed",
        "No SPARCC scores of the same scans are available",
        "No subject was read at two visits",
        "[no table of subjects: characteristics stay open]",
        "no result that the abstract could state",
    ):
        assert said in found
    assert Row("t.tsv", 2, {"a": None})("a") == OPEN == Row("t.tsv", 2, {})("b")


def test_published_numbers_are_set_beside_ours_and_what_is_not_public_is_open():
    rows = [
        ("3.4", "Bias of V_HI", "191", "yes", None, None, "not public"),
        ("3.3", "Dice", "0.63", "yes", "0.62860180717", None, "reproduced"),
    ]
    rows += [
        ("2.5.3", "Levels", "4", "inferred", None, None, "not run"),
        ("Fig 5", "Range", "10", "yes", None, "9.5", "consistent"),
    ]
    columns = ["section", "statement", "published", "printed", "ours", "implied", "status"]
    found = written(claims=pd.DataFrame(rows, columns=columns).assign(note=None, rests_on="printed numbers"))
    assert "Bias of V_HI 191 [open: not public] not public" in found
    assert "Dice 0.63 0.629 reproduced" in found
    assert "(inferred) 4" in found
    assert "9.5 (implied by printed numbers)" in found
    assert "not public 1" in found  # the count by status


def test_checklists_and_references_are_complete():
    assert [int(row["item"]) for row in lines_of("claim.tsv")] == list(range(1, 43))
    assert [int(row["item"]) for row in lines_of("grras.tsv")] == list(range(1, 16))
    page = article(FACTS, tables(), METHODS, [])
    cited = {int(n) for group in re.findall(r"\[(\d[\d, ]*)\]", page) for n in group.split(",")}
    assert cited == set(range(1, page.split("<h2>References</h2>")[1].count("<li>") + 1))
    text = "".join(path.read_text() for path in TEMPLATES)
    assert {row["key"] for row in lines_of("references.tsv")} == {
        key for found in re.findall(r"cite\((.*?)\)", text) for key in re.findall(r'"(\w+)"', found)
    }


@pytest.mark.parametrize(
    ("study", "has", "lacks"), [("demo", "failure_judged", "claims"), ("trial", "mixed_model", "failure_judged")]
)
def test_the_plan_names_what_a_study_has(study, has, lacks):
    plan = Plan(load_study(ROOT, study), ROOT)
    assert has in plan.article_tables
    assert lacks not in plan.article_tables
    assert "<results>/7_2_agreement/figure_7.png" in plan.article_figures
    assert plan.targets_of_manuscript[0].endswith("article.html")


def test_the_text_document_says_the_same(tmp_path):
    pypandoc = pytest.importorskip("pypandoc", reason="requirements.txt brings pandoc; make setup installs it")
    page = article(FACTS, tables(), METHODS, [])
    write_document(page, tmp_path / "a.docx")
    found = pypandoc.convert_file(str(tmp_path / "a.docx"), "plain", extra_args=["--wrap=none"])
    for said in ("bias 7 (95 % CI", "3.4 Agreement between readers", "[authors: names"):
        assert said in found
    document = ZipFile(tmp_path / "a.docx").read("word/document.xml").decode()
    (table_style,) = re.findall(
        'w:styleId="Compact".*?</w:style>', ZipFile(tmp_path / "a.docx").read("word/styles.xml").decode(), re.S
    )
    assert '<w:sz w:val="16"' in table_style  # half points
    assert [path.name for path in tmp_path.iterdir()] == ["a.docx"]
    widths = [int(width) for width in re.findall(r'<w:tblW w:type="pct" w:w="(\d+)"', document)]
    assert len(widths) == document.count("<w:tbl>") > 3
    assert all(abs(width - 5000) < 25 for width in widths)  # of the page, in fiftieths of a per cent
