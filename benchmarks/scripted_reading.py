"""Clean scans through the reading page by script: keep what touches a mask, remove the rest (not a radiologist's reading).

Usage: scripted_reading.py PACKS KEY MASKS RECORDS [--scan SCAN] [--picture PNG] [--share S]

PACKS is a reader's folder of packs, KEY its key (results/<study>/6b_reading_room/key/<reader>.tsv), MASKS a pattern with
{scan} of masks on the grid of the STIR, RECORDS where finished records go. A region is kept if more than the share S of
its voxels (0: any) lies in the mask. One line per scan: clicks, keys, times, what is left.
"""

import argparse
import csv
import json
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "workflow_scripts"), str(ROOT / "tests")]

from page_driver import Reader, chromium  # noqa: E402
from vhi.inflammation import label_regions  # noqa: E402
from vhi.io.images import read_mask  # noqa: E402
from vhi.reading_room.keys import kept_file  # noqa: E402


def kept_regions(preliminary, mask, share):
    """Regions of which more than a share of the voxels lies in a mask."""
    regions, count = label_regions(preliminary)
    size = np.bincount(regions.ravel(), minlength=count + 1)
    inside = np.bincount(regions[mask > 0], minlength=count + 1)
    return regions, size, {int(n) for n in np.flatnonzero(inside > share * size) if n}


def clean(reader, regions, kept):
    """Look at every slice and mark what stays, remove the rest everywhere with a reason."""
    reader.press("Home", "k", "5")
    for place in range(len(regions)):
        for number in sorted(set(np.unique(regions[place]).tolist()) & kept):
            rows, columns = np.nonzero(regions[place] == number)
            middle = len(rows) // 2
            reader.click(place, int(rows[middle]), int(columns[middle]))
        if place + 1 < len(regions):
            reader.press("PageDown")
    reader.press("Shift+R")
    if not kept:
        reader.press("1")


def main():
    """Clean each scan of a reader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("packs", "key", "masks", "records"):
        parser.add_argument(name)
    parser.add_argument("--scan")
    parser.add_argument("--picture")
    parser.add_argument("--share", type=float, default=0.0)
    given = parser.parse_args()
    key = list(csv.DictReader(Path(given.key).read_text().splitlines(), delimiter="\t"))
    Path(given.records).mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for row in [row for row in key if given.scan in (None, row["scan"])]:
            preliminary = read_mask(kept_file(Path(given.records).parent, row["preliminary"]), (0, 1, 2)).volume
            mask = read_mask(given.masks.format(scan=row["scan"]), tuple(range(8))).volume
            regions, size, kept = kept_regions(preliminary, mask, given.share)
            context = browser.new_context(viewport={"width": 1600, "height": 900}, accept_downloads=True)
            start = time.perf_counter()
            reader = Reader(context, (Path(given.packs).resolve() / f"{row['code']}.html").as_uri())
            loaded = time.perf_counter() - start
            clean(reader, regions, kept)
            content = reader.download(partial(reader.press, "f"))
            if given.picture:
                largest = int(np.bincount(np.nonzero(np.isin(regions, list(kept)))[0]).argmax()) if kept else 0
                reader.at(largest, 0, 0)
                reader.page.screenshot(path=given.picture)
            assert not reader.errors, reader.errors
            assert [url for url in reader.requests if not url.startswith(("file:", "blob:"))] == []
            context.close()
            record = json.loads(content)
            left = record["result"]["lower_only_voxels"] + record["result"]["upper_voxels"]
            assert left == sum(int(size[number]) for number in kept)
            (Path(given.records) / f"{row['code']}.json").write_bytes(content)
            steps = record["steps"]
            print(
                f"scan {row['scan']}: {record['regions']} regions, {record['result']['regions_kept']} kept, {left} of "
                f"{int((preliminary > 0).sum())} voxels left; {len(kept)} clicks to keep, "
                f"{len(kept) + 2} actions with the reason and Shift+R, {len(steps)} steps "
                f"({sum(step['keyboard'] for step in steps)} by keys), {len(record['slices_seen'])} slices seen, "
                f"active {record['active_ms'] / 1000:.0f} s, loaded in {loaded:.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
