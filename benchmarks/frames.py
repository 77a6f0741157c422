"""How long the pages of the reading room take for a frame of a public scan, in headless Chromium without a graphics card.

    python benchmarks/frames.py [--data ../shared/bone_mri] [--scan 1007] [--frames 200] [--layout both]

Makes the three pages of the scan and opens them at 1366 x 768 and 3840 x 2160. Prints the median by the clock (`view.frameTime`) and
the processor time of all of Chromium's processes per frame, in ms. Each frame is another slice, with all that the page paints over it.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
from scipy import ndimage

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow_scripts"), str(ROOT / "tests")]

from page_driver import Reader, chromium  # noqa: E402
from phantom_page import make_page  # noqa: E402
from vhi.inflammation import drop_small_regions, threshold  # noqa: E402
from vhi.io.images import read_mask, read_scan  # noqa: E402
from vhi.marrow.limits import find_limits  # noqa: E402
from vhi.study.load import load_study  # noqa: E402

SIZES = ((1366, 768), (3840, 2160))


def images_of(scan, data):
    """Images that the pages of a scan show; a blurred region stands in for the networks' probability."""
    rows = {row["scan"]: row for row in load_study(ROOT, "paper", data=str(data)).tables["scans"]}
    images = {name: read_scan(rows[scan][name]) for name in ("stir", "t1w")}
    region, patch = (read_mask(rows[scan][name]) for name in ("disease_region", "normal_marrow"))
    limits = find_limits(images["stir"].volume[patch.volume > 0])
    labels = drop_small_regions(threshold(images["stir"].volume, region.volume > 0, limits.lower, limits.upper))
    probability = 100 * ndimage.gaussian_filter(region.volume.astype(float), (0, 2, 2))
    return images | {
        "preliminary": replace(region, volume=labels.astype(np.uint8)),
        "region": region,
        "proposal": patch,
        "probability": replace(region, volume=probability.astype(np.uint8)),
    }


def processor_time():
    """Seconds of all processes that this one started."""
    times = [process.cpu_times() for process in psutil.Process().children(recursive=True)]
    return sum(time.user + time.system for time in times)


def main():
    """Time each page at each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "bone_mri")
    parser.add_argument("--scan", default="1007")
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--layout", default="both", choices=["both", "stir", "t1w", "blend"])
    given = parser.parse_args()
    images = images_of(given.scan, given.data)
    shown = {"cleaning": ("preliminary",), "marrow": ("region", "proposal"), "region": ("region", "probability")}
    print("page\tsize\tclock_ms\tprocessor_ms")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for task, names in shown.items():
            url = make_page(Path(folder), {name: images[name] for name in ("stir", "t1w", *names)}, task)
            for width, height in SIZES:
                context = browser.new_context(viewport={"width": width, "height": height})
                reader = Reader(context, url)
                if task == "marrow":  # take the proposal, which gives the limits and the preliminary segmentation
                    reader.press("t")
                    reader.until("found.labels !== null")
                reader.page.evaluate("layout => { $('layout').value = layout; setLayout(); }", given.layout)
                reader.page.evaluate("view.frameTime(30)")
                before = processor_time()
                clock = reader.page.evaluate("frames => view.frameTime(frames)", given.frames)
                spent = 1000 * (processor_time() - before) / given.frames
                print(f"{task}\t{width} x {height}\t{clock:.1f}\t{spent:.1f}", flush=True)
                assert not reader.errors, reader.errors
                context.close()


if __name__ == "__main__":
    main()
