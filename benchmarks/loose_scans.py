"""From a folder of loose T1w and STIR scans to V_HI, by make and the pages of the reading room alone; no table is edited by hand.

    python benchmarks/loose_scans.py WORK [--data ../shared/bone_mri] [--scans 1007,1012,4386] [--pictures DIR]

In WORK: copies of public scans under plain names, and a copy of this checkout in which make index, make read and make run are
called. Headless Chromium stands in for the readers. On each slice where the published networks' region and the public one differ, it
draws the public one; it draws the public patch of normal marrow; and it keeps the regions that touch the composite of the manual
readings (R1) or lie in it by half (R2). Where both differ, it keeps what lies in the composite by a quarter. Prints actions (clicks,
drags and keys) and seconds of each step: those of a script, not of a radiologist.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import contourpy
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow_scripts"), str(ROOT / "tests"), str(ROOT / "benchmarks")]

from scripted_reading import clean, kept_regions  # noqa: E402

from page_driver import Reader, chromium  # noqa: E402
from vhi.io.images import read_mask  # noqa: E402
from vhi.io.tables import read_rows, read_table  # noqa: E402
from vhi.statistics.overlap import composite, dice  # noqa: E402
from vhi.study.load import load_study  # noqa: E402

NOT_COPIED = (".git", ".venv", "results", ".snakemake", "build", "data", ".pytest_cache", ".ruff_cache", "__pycache__")
READERS = {"R1": 0.0, "R2": 0.5}
"""Share of a region that must lie in the composite for a reader to keep it."""
ALIKE = 0.97
"""Dice on a slice from which on the networks' region is left as it is."""
MAKE = ("make", "--no-print-directory", "SETUP=", "STUDY=loose", "CORES=1")


class Counted(Reader):
    """A reader whose actions are counted."""

    def __init__(self, context, url):
        self.actions = 0
        super().__init__(context, url)

    def press(self, *keys):
        """Press keys, one after the other."""
        self.actions += len(keys)
        super().press(*keys)

    def click(self, *place, **options):
        """Click a voxel."""
        self.actions += 1
        super().click(*place, **options)

    def polygon(self, slice_, corners):
        """Draw around an area, corner by corner."""
        self.actions += 1
        points = [self.at(slice_, row, column) for row, column in corners]
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point)
        self.page.mouse.up()

    def zoom_at(self, slice_, row, column, notches):
        """Zoom at a voxel with Ctrl and the wheel."""
        self.actions += 1
        self.page.mouse.move(*self.at(slice_, row, column))
        self.page.keyboard.down("Control")
        for _ in range(notches):
            self.page.mouse.wheel(0, -100)
        self.page.keyboard.up("Control")
        self.until(f"view.zoom > {1.15**notches}")


def outlines(mask, step=1):
    """Closed outlines of a 2D mask, as (row, column) corners half a voxel off its borders; every so many of them."""
    lines = contourpy.contour_generator(z=np.pad(mask.astype(float), 1)).lines(0.5)
    return [[(y - 1, x - 1) for x, y in line[:-1:step]] for line in lines]


def draw(reader, mask, slices, step=1):
    """Clear these slices and draw the mask on them."""
    for place in slices:
        reader.at(place, 0, 0)
        reader.press("Shift+Delete", "p")
        for corners in outlines(mask[place], step):
            reader.polygon(place, corners)


def draw_region(reader, truth, networks):
    """Correct and rate a disease region, looking at every slice."""
    reader.press("Home", *["PageDown"] * (len(truth) - 1))
    scores = [
        dice(truth[place], networks[place]) if (truth[place] | networks[place]).any() else 1
        for place in range(len(truth))
    ]
    wrong = [place for place, score in enumerate(scores) if score < ALIKE]
    draw(reader, truth, wrong, 8)
    reader.press("2" if wrong else "1", "f")
    return f"{len(wrong)} of {len(truth)} slices redrawn"


def draw_marrow(reader, truth):
    """Draw a patch of normal marrow, zoomed in."""
    slices = np.flatnonzero(truth.any(axis=(1, 2))).tolist()
    row, column = (int(np.median(axis)) for axis in np.nonzero(truth.any(axis=0)))
    reader.zoom_at(slices[0], row, column, 6)
    draw(reader, truth, slices)
    reader.until("found.limits !== null")
    reader.press("f")
    return f"{len(slices)} slices drawn"


def agree(reader, truth):
    """Decide each difference: keep it if at least a quarter of it lies in a mask."""
    left = reader.page.evaluate("reading.open().length")
    for _ in range(left):
        voxels = reader.page.evaluate("reading.voxels(chosen)")
        reader.press("k" if truth.ravel()[voxels].mean() >= 0.25 else "r")
    reader.press("f")
    return f"{left} differences decided, {reader.page.evaluate('reading.left().voxels')} voxels"


@contextmanager
def served(checkout, *arguments):
    """Serve the pages by make read; gives the link of each reader and task."""
    serving = subprocess.Popen(
        [*MAKE, "read", "PORT=8739", *arguments],
        cwd=checkout,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    links = {}
    try:
        wanted = dict(word.split("=") for word in arguments)
        number = len(wanted["READER"].split(","))
        for line in serving.stdout:
            if found := re.match(r"Reader (\w+), (\w+): (http\S+)", line):
                links[found[1], found[2]] = found[3]
            if sum(task == wanted["TASK"] for _, task in links) == number:
                break
        else:
            raise SystemExit("make read ended without a link")
        time.sleep(1)  # the links are printed just before the server listens
        yield links
    finally:
        os.killpg(serving.pid, signal.SIGINT)
        serving.wait(timeout=30)


def make(checkout, *arguments):
    """Call make, and give what it says."""
    done = subprocess.run([*MAKE, *arguments], cwd=checkout, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"make {' '.join(arguments)} failed:\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


def at_pages(browser, checkout, task, reader, act, pictures):
    """Do a task on every page, from the link that make read prints, by the dialog that offers the next scan."""
    start = time.perf_counter()
    with served(checkout, f"TASK={task}", f"READER={reader}") as links:
        ready = time.perf_counter()
        key = read_rows(checkout / f"results/loose/6b_reading_room/key/{reader if task == 'cleaning' else task}.tsv")
        scan_of = {row["code"]: row["scan"] for row in key}
        context = browser.new_context(viewport={"width": 1600, "height": 900})
        page = context.new_page()
        page.goto(links[reader, task])
        first = page.locator("a").first.get_attribute("href")
        page.close()
        person = Counted(context, links[reader, task].split(f"/{task}/")[0] + first)
        for number in range(len(scan_of)):
            code = person.page.evaluate("PACK.code")
            what = act(person, scan_of[code])
            person.until("document.getElementById('ask').open")
            assert person.page.evaluate("!unsaved"), "the record was not saved"
            print(f"  {task:9} {reader}  scan {scan_of[code]}: {what}", flush=True)
            if pictures:
                person.page.screenshot(path=pictures / f"{task}_{reader}_{scan_of[code]}.png")
            if number + 1 < len(scan_of):
                with person.page.expect_navigation():
                    person.press("1")  # the next scan
                person.wait()
        assert not person.errors, person.errors
        took = time.perf_counter()
        context.close()
    told = f"{person.actions} actions, {took - ready:.0f} s at the pages, {ready - start:.0f} s until they were served"
    print(f"{task} by {reader}: {told}", flush=True)


def prepare(work, data, scans):
    """Copy the checkout, the scans under plain names, and the published networks as their download would leave them."""
    checkout, loose = work / "checkout", work / "scans"
    shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (checkout / ".venv").symlink_to((ROOT / ".venv").resolve())
    loose.mkdir(parents=True)
    paper = {row["scan"]: row for row in load_study(ROOT, "paper", data=str(data)).tables["scans"]}
    for number, scan in enumerate(scans, 1):
        for part, name in (("t1w", "T1w"), ("stir", "STIR")):
            shutil.copy(paper[scan][part], loose / f"P{number:02d}_{name}.nii.gz")
    networks = checkout / "data" / "ensembles" / "published"
    networks.mkdir(parents=True)
    for path in (data / "scripts_notebooks" / "segmentation_disease_region").glob("model_*.pt"):
        shutil.copy(path, networks / f"{path.name}.copy")  # docs/offline.md
    return checkout, loose


def truth_of(data, scans):
    """Public region, patch, and composite of the manual readings, by name in the new study."""
    study = load_study(ROOT, "paper", data=str(data))
    rows, found = {row["scan"]: row for row in study.tables["scans"]}, {}
    for number, scan in enumerate(scans, 1):
        manual = [row["mask"] for row in study.tables["readings"] if row["scan"] == scan and row["method"] == "manual"]
        masks = {name: read_mask(rows[scan][name]).volume > 0 for name in ("disease_region", "normal_marrow")}
        found[f"P{number:02d}_pre"] = masks | {"composite": composite([read_mask(path).volume > 0 for path in manual])}
    return found


def main():
    """Go all the way, and print what each step took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "bone_mri")
    parser.add_argument("--scans", default="1007,1012,4386")
    parser.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    scans, data = given.scans.split(","), given.data.resolve()
    if given.pictures:
        given.pictures.mkdir(parents=True, exist_ok=True)
    checkout, loose = prepare(given.work.resolve(), data, scans)
    results, truth, start = checkout / "results" / "loose", truth_of(data, scans), time.perf_counter()
    print(make(checkout, "index", f"FROM={loose}", "YES=1"))
    tables = {path: path.read_bytes() for path in (checkout / "config" / "loose").glob("*.tsv")}
    kept = {}

    def region(person, scan):
        return draw_region(person, truth[scan]["disease_region"], networks[scan])

    def marrow(person, scan):
        return draw_marrow(person, truth[scan]["normal_marrow"])

    def cleaning(reader):
        def act(person, scan):
            preliminary = read_mask(results / f"5_small_regions/{scan}.nii.gz", (0, 1, 2)).volume
            regions, size, stays = kept_regions(preliminary, truth[scan]["composite"], READERS[reader])
            clean(person, regions, stays)
            kept[scan, reader] = int(sum(size[number] for number in stays))
            person.press("f")
            return f"{len(stays)} of {regions.max()} regions kept, {kept[scan, reader]} voxels"

        return act

    with chromium() as browser:
        with served(checkout, "TASK=region", "READER=R1"):
            print(f"disease regions of the networks: {time.perf_counter() - start:.0f} s", flush=True)
        networks = {scan: read_mask(results / f"3b_disease_region/ensemble/{scan}.nii.gz").volume > 0 for scan in truth}
        at_pages(browser, checkout, "region", "R1", region, given.pictures)
        at_pages(browser, checkout, "marrow", "R1", marrow, given.pictures)
        for scan, masks in truth.items():
            for task, name in (("region", "disease_region"), ("marrow", "normal_marrow")):
                path = checkout / f"config/loose/records/{task}/{scan}.nii.gz"
                drawn = read_mask(path).volume > 0 if path.is_file() else networks[scan]
                print(f"  {task} of {scan}: Dice with the public mask {dice(drawn, masks[name]):.4f}", flush=True)
        for reader in READERS:
            at_pages(browser, checkout, "cleaning", reader, cleaning(reader), given.pictures)
        at_pages(
            browser,
            checkout,
            "agreeing",
            "R1",
            lambda person, scan: agree(person, truth[scan]["composite"]),
            given.pictures,
        )
    begin = time.perf_counter()
    make(checkout, "run")
    print(f"make run: {time.perf_counter() - begin:.0f} s; in all {time.perf_counter() - start:.0f} s")
    measured = read_table(results / "6_cleaning" / "measurements.tsv")
    print(measured[["scan", "reader", "vhi_voxels", "vhi_mm3"]].to_string(index=False))
    print(
        read_table(results / "6_cleaning" / "consensus.tsv")[["scan", "reader", "vhi_voxels", "vhi_mm3"]].to_string(
            index=False
        )
    )
    for row in measured.itertuples():
        assert kept[row.scan, row.reader] == row.vhi_voxels, row
    assert all(path.read_bytes() == before for path, before in tables.items()), "a table was changed"


if __name__ == "__main__":
    main()
