"""Pages, notebooks and report of a small study, through the rules; what is taken away is missed."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from page_driver import chromium, opened_pages, shown
from small_study import SmallStudy
from vhi.report.pages import REPORT_BYTES

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


def inventory(study: SmallStudy) -> dict[str, str]:
    """State of everything that the study expects, as `make report` looks it up."""
    command = [sys.executable, "-m", "commands.inventory", "--study", str(study.folder.relative_to(study.checkout))]
    paths = {"PYTHONPATH": "workflow_scripts"}
    done = subprocess.run(command, cwd=study.checkout, capture_output=True, text=True, env=os.environ | paths)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (study.results / "inventory.tsv").read_text().splitlines()[1:]
    return {line.split("\t")[1]: line.split("\t")[2] for line in lines}


def test_the_pages_say_what_is_there(whole_run):
    results = whole_run.results
    facts = json.loads((results / "report" / "scans" / "a1.json").read_text())
    state = {part["what"]: part["state"] for part in facts["expected"]}
    assert state["cleaned by R1"] == state["disease region"] == "there"
    assert facts["vhi"] == {"R1": 120, "R2": 120}
    page = (results / "report" / "scans.html").read_text()
    assert page.count('<tr id="') == 4
    assert 'class="stack"' in (results / "report" / "scans" / "a1.html").read_text()
    assert "missing: STIR scan" not in page  # the row of b1 names none: not planned
    assert "subject B: no scan of session post" in page
    assert 'src="http' not in page
    for kind in ("png", "pdf"):
        assert (results / "report" / "subjects" / f"A.{kind}").stat().st_size > 10_000


def test_the_notebook_is_executed_and_agrees_with_the_rules(whole_run):
    folder = whole_run.results / "notebooks"
    cells = json.loads((folder / "walkthrough.ipynb").read_text())["cells"]
    assert all(cell["execution_count"] for cell in cells if cell["cell_type"] == "code")
    assert not any(out["output_type"] == "error" for cell in cells for out in cell.get("outputs", []))
    found = json.loads((folder / "walkthrough.json").read_text())
    limits = json.loads((folder.parent / "2_threshold" / "a1.json").read_text())
    assert (found["lower"], found["vhi"]) == (limits["lower"], {"R1": 120, "R2": 120})
    page = (folder / "walkthrough.html").read_text()
    assert "snakemake_xopen" not in page
    assert "<script" not in page
    assert page.count("data:image/png") >= 6


def test_a_figure_taken_away_is_missed_and_the_report_is_made(whole_run, tmp_path):
    path, figure = whole_run.results / "7_1_overlap" / "figure_4.png", "results/small study/7_1_overlap/figure_4.png"
    assert inventory(whole_run)[figure] == "there"
    shutil.move(path, tmp_path)
    assert inventory(whole_run)[figure] == "missing"
    done = whole_run.make("report")
    shutil.move(tmp_path / path.name, path)
    assert done.returncode == 0, done.told
    report = whole_run.results / "report.html"
    text = report.read_text()
    assert "Missing (" in text
    assert "7_1_overlap" in text  # at its top, among what is missing
    assert report.stat().st_size < 8e6


def pages_in_reports() -> list[str]:
    """Patterns of the HTML files that rules hand to the report."""
    rules = "".join(path.read_text() for path in (ROOT / "rules").glob("*.smk"))
    found = re.findall(r'shown\(\s*"([^"]+\.html)"', rules)
    assert len(found) == len(re.findall(r'shown\([^)]*\.html"', rules)) > 4
    return [re.sub(r"\{\w+\}", "*", name) for name in found]


def test_every_page_of_the_report_is_small_enough_to_open(whole_run):
    """In Chromium, which opens no data: address above 2 MiB; the demo's pages are looked at in tests/test_demo.py."""
    results = whole_run.results
    pages = [path for name in pages_in_reports() for path in results.glob(name)]
    assert {"scans_in_report.html", "walkthrough.html"} <= {path.name for path in pages}
    assert all(path.stat().st_size <= REPORT_BYTES for path in pages)


def test_every_page_of_the_report_opens_in_a_browser(whole_run):
    with chromium() as browser:
        opened = opened_pages(browser, whole_run.results / "report.html")
    assert any(name.endswith("scans_in_report.html") for name in opened)
    assert all(opened.values()), opened


def test_a_page_of_the_largest_size_opens_and_a_larger_one_does_not():
    """Where Chromium opens longer addresses one day, `REPORT_BYTES` may grow."""
    with chromium() as browser:
        page = browser.new_page()
        for size, opens in ((REPORT_BYTES, True), (2**21, False)):
            text = "<body><h1>here</h1><!--" + "x" * (size - 26) + "-->"
            page.goto("about:blank")
            page.evaluate(
                "uri => { const frame = document.createElement('iframe'); frame.src = uri; document.body.append(frame); }",
                "data:text/html;charset=utf8;base64," + base64.b64encode(text.encode()).decode(),
            )
            assert shown(page) == opens, size


def test_a_scan_and_a_reader_taken_away_are_missed(whole_run, tmp_path):
    readings, stir = whole_run.readings, whole_run.data / "a2_STIR.nii.gz"
    whole_run.readings = [row for row in readings if row[1] == "R1"]
    whole_run.config["absent_files"] = "report"
    shutil.move(stir, tmp_path)  # and its readings with it
    after = inventory(whole_run.write())
    shutil.move(tmp_path / stir.name, stir)
    whole_run.readings = readings
    del whole_run.config["absent_files"]
    whole_run.write()
    assert after["a1: cleaned by R2"] == after["a2: STIR scan"] == after["a2: cleaned by R1"] == "missing"
