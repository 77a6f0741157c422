"""Pages, notebooks and report of a small study, through the rules; what is taken away is missed."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from page_driver import chromium, opened_pages
from small_study import SmallStudy
from vhi.io.errors import InputError
from vhi.report.pack import linked_files, pack

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
    part = whole_run.results / "report" / "parts" / "7_1_overlap.html"
    assert inventory(whole_run)[figure] == "there"
    assert "figure_4.png" in part.read_text()
    shutil.move(path, tmp_path)
    assert inventory(whole_run)[figure] == "missing"
    done = whole_run.make("report")
    shutil.move(tmp_path / path.name, path)
    assert done.returncode == 0, done.told
    text = (whole_run.results / "report.html").read_text()
    assert "<b>Missing (" in text
    assert "7_1_overlap" in text
    assert "figure_4.png" not in part.read_text()
    assert whole_run.make("report").returncode == 0


def test_the_report_needs_nothing_that_it_does_not_bring(whole_run, tmp_path):
    report = whole_run.results / "report.html"
    results = report.parent
    files = linked_files(report)
    assert {"report.html", "scans.html", "a1.html", "A.png", "walkthrough.html", "inventory.tsv"} <= {
        path.name for path in files
    }
    assert pack(report, tmp_path / "report.zip") == len(files)
    with zipfile.ZipFile(tmp_path / "report.zip") as packed:
        assert "report/scans/a1.html" in packed.namelist()
        packed.extractall(tmp_path / "unpacked")
    assert [path for path in files if path.stat().st_size > 5e6] == []
    assert len(linked_files(tmp_path / "unpacked" / "report.html")) == len(files)
    (results / "report" / "scans" / "a2.html").rename(tmp_path / "away.html")
    with pytest.raises(InputError, match=r"a2\.html, which is absent"):
        linked_files(report)
    (tmp_path / "away.html").rename(results / "report" / "scans" / "a2.html")


def test_no_page_of_the_report_is_blank_at_any_size(whole_run):
    report = whole_run.results / "report.html"
    pages = [report, *sorted(path for path in (report.parent / "report").rglob("*.html") if path.name != "a2.html")]
    with chromium() as browser:
        opened = opened_pages(browser, pages, ((360, 640), (1366, 768), (3840, 2160)))
        assert len(opened) == 3 * len(pages) > 20
        assert not [told for told in opened.items() if told[1]]
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(report.as_uri())
        assert page.evaluate("document.documentElement.scrollHeight") <= 768  # the first page is one screen
        assert page.locator(".visits tbody tr").count() == 1
        page.goto((report.parent / "report" / "scans" / "a1.html").as_uri())
        before = page.locator(".at").first.text_content()
        page.locator(".view").first.hover()
        page.mouse.wheel(0, 100)
        page.wait_for_function("text => document.querySelector('.at').textContent !== text", arg=before)


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
