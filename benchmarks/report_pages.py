"""How long the report of a large cohort takes to open, and how large its files are.

    PYTHONPATH=workflow_scripts .venv/bin/python benchmarks/report_pages.py [--scans 1000]

Writes a cohort of pages (images are noise of a scan's size), packs it as `make report-zip` does, unpacks the zip file and opens it in
Chromium. Prints the seconds until each page is loaded and drawn, and the largest file.
"""

import argparse
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import sync_playwright

from vhi.figures.stacks import stacks_of
from vhi.report.first_page import first_page, visits_table
from vhi.report.pack import pack
from vhi.report.parts import items_of, part_page, parts_of
from vhi.report.scan_pages import cohort_page, scan_page

CAPTION = Path(__file__).parents[1] / "rules" / "captions" / "measurements.rst"
READY = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def cohort(results: Path, number: int) -> None:
    """Write the pages of a cohort: two visits a subject, two readers."""
    rng = np.random.default_rng(1)
    image = rng.gamma(2, 100, (20, 256, 256))
    region = np.zeros(image.shape, np.uint8)
    region[3:17, 40:216, 40:216] = 1
    labels = (region * (image > 500) * rng.integers(1, 3, image.shape)).astype(np.uint8)
    seen = {"t1w": image, "t1w_spacing": (1, 1), "stir": image, "stir_spacing": (1, 1), "region": region}
    stacks = stacks_of(seen | {"preliminary": labels, "cleaned": {"R1": labels, "R2": labels}})
    (results / "report" / "scans").mkdir(parents=True)
    facts, rows = [], []
    for place in range(number):
        reasons = [{"reason": "readers differ: R1 1,200, R2 300 voxels"}] * (place % 10 == 0)
        scan = {"scan": f"s{place:04d}", "session": ("pre", "post")[place % 2], "weight": 3 * len(reasons),
                "reasons": reasons, "notes": [], "expected": [], "numbers": []}  # fmt: skip
        facts.append(scan)
        page = scan_page(scan, b"", stacks, True)
        (results / "report" / "scans" / f"{scan['scan']}.html").write_text(page)
        for reader in ("R1", "R2"):
            rows.append({
                "scan": scan["scan"], "subject": f"p{place // 2:04d}", "session": scan["session"], "reader": reader,
                "trial": 1, "method": "semiautomatic", "repeat": 1, "vhi_voxels": 100 + place, "vhi_mm3": 200.0 + place,
                "sd_log_patch": 0.1, "sd_log_region": 0.1, "sd_log_reader": 0.3, "sd_log_scan": None, "limit_rule": "paper",
                "high_voxels": 150.0 + place, "high_mm3": 300.0 + 2 * place,
            })  # fmt: skip
    (results / "report" / "scans.html").write_text(cohort_page("Cohort", [], facts))
    (results / "6_cleaning").mkdir()
    table = pd.DataFrame(rows)
    table.to_csv(results / "6_cleaning" / "measurements.tsv", sep="\t", index=False)
    about = {"category": "6 Cleaning", "label": "V_HI", "caption": str(CAPTION)}
    parts = parts_of(items_of([about | {"path": "6_cleaning/measurements.tsv"}], results))
    (results / "report" / "parts").mkdir()
    (results / "report" / "parts" / parts[0]["file"]).write_text(part_page("Cohort", parts, 0, results))
    top = {"lines": [], "expected": 1, "there": 1, "checksum": "0" * 64, "shown": 1}
    review = [{"scan": scan["scan"], "weight": scan["weight"], "reasons": ""} for scan in facts]
    visits = visits_table(table, table, None, ["pre", "post"])
    (results / "report.html").write_text(first_page("Cohort", True, top, visits, parts, review, [], results))


def main() -> None:
    """Make, pack, unpack and open the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scans", type=int, default=1000)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as running:
        results, unpacked = Path(folder) / "cohort", Path(folder) / "unpacked"
        start = time.perf_counter()
        cohort(results, asked.scans)
        made, start = time.perf_counter() - start, time.perf_counter()
        number = pack(results / "report.html", results / "report.zip")
        print(f"made in {made:.1f} s; packed in {time.perf_counter() - start:.1f} s: {number} files, "
              f"{(results / 'report.zip').stat().st_size / 1e6:.0f} MB")  # fmt: skip
        with zipfile.ZipFile(results / "report.zip") as packed:
            packed.extractall(unpacked)
        largest = max(unpacked.rglob("*.*"), key=lambda path: path.stat().st_size)
        print(f"largest file: {largest.relative_to(unpacked)}, {largest.stat().st_size / 1e6:.2f} MB")
        browser = running.chromium.launch(executable_path=asked.chromium, args=["--no-sandbox", "--disable-gpu"])
        for name in ("report.html", "report/scans.html", "report/scans/s0000.html", "report/parts/6_cleaning.html"):
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            start = time.perf_counter()
            page.goto((unpacked / name).as_uri())
            page.evaluate(READY)
            print(f"{name}: {time.perf_counter() - start:.2f} s")
        browser.close()


if __name__ == "__main__":
    main()
