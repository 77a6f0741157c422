"""How long the pages of the reading room take for a frame of a public scan, in headless Chromium without a graphics card.

    python benchmarks/frames.py [--data ../shared/bone_mri] [--scan 1007] [--frames 200] [--layout both] [--pages agreeing,scoring]

Makes the five pages of the scan and opens them at 1366 x 768 and 3840 x 2160. Each frame is another slice, with all that the page
paints over it. Prints, in ms per frame: the median by the clock of drawing it (`view.frameTime`), which grows with whatever else the
machine does; the processor time of that; and, of a slice that is shown on the screen with panel and strip, the processor time of the
page and that of Chromium's compositor, which work side by side.
The agreeing page shows where two readers differ who keep the regions that touch the composite of the manual readings, or that lie in
it by half.
"""

import argparse
import re
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
from scipy import ndimage

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow_scripts"), str(ROOT / "tests")]

from scripted_reading import kept_regions  # noqa: E402

from page_driver import Reader, chromium  # noqa: E402
from phantom_page import make_page  # noqa: E402
from vhi.inflammation import drop_small_regions, threshold  # noqa: E402
from vhi.io.images import read_mask, read_scan  # noqa: E402
from vhi.marrow.limits import find_limits  # noqa: E402
from vhi.reading_room.agreeing import compared  # noqa: E402
from vhi.statistics.overlap import composite  # noqa: E402
from vhi.study.load import load_study  # noqa: E402

SIZES = ((1366, 768), (3840, 2160))
SHOWN = {
    "cleaning": ("preliminary",),
    "marrow": ("region", "proposal"),
    "region": ("region", "probability"),
    "agreeing": ("both",),
    "scoring": (),
}
"""What each page shows, beside STIR and T1w."""


def images_of(scan, data):
    """Images that the pages of a scan show; a blurred region stands in for the networks' probability."""
    tables = load_study(ROOT, "paper", data=str(data)).tables
    rows = {row["scan"]: row for row in tables["scans"]}
    manual = [row["mask"] for row in tables["readings"] if row["scan"] == scan and row["method"] == "manual"]
    agreed = composite([read_mask(path).volume > 0 for path in manual])
    images = {name: read_scan(rows[scan][name]) for name in ("stir", "t1w")}
    region, patch = (read_mask(rows[scan][name]) for name in ("disease_region", "normal_marrow"))
    limits = find_limits(images["stir"].volume[patch.volume > 0])
    labels = drop_small_regions(threshold(images["stir"].volume, region.volume > 0, limits.lower, limits.upper))
    cleaned = []
    for share in (0.0, 0.5):
        regions, _, kept = kept_regions(labels, agreed, share)
        cleaned.append(np.where(np.isin(regions, list(kept)), labels, 0))
    probability = 100 * ndimage.gaussian_filter(region.volume.astype(float), (0, 2, 2))
    return images | {
        "preliminary": replace(region, volume=labels.astype(np.uint8)),
        "region": region,
        "proposal": patch,
        "both": replace(region, volume=compared(*cleaned)),
        "probability": replace(region, volume=probability.astype(np.uint8)),
    }


SHOW = """async (frames) => {
  const next = () => new Promise(requestAnimationFrame);
  for (let n = 0; n < frames; n++) { go(n % view.slices); await next(); await next(); }
}"""
"""Show so many slices, each until the browser is done with its frame."""


def processor_time():
    """Milliseconds that each kind of process of Chromium has used: renderer, gpu-process, ..."""
    used = Counter()
    for process in psutil.Process().children(recursive=True):
        kind = re.search(r"--type=(\S+)", " ".join(process.cmdline()))
        for thread in Path(f"/proc/{process.pid}/task").iterdir():
            used[kind[1] if kind else "browser"] += int((thread / "schedstat").read_text().split()[0]) / 1e6
    return used


def timed(reader, expression, frames):
    """Give what an expression gives for so many frames, and the processor time per frame by kind of process."""
    before = processor_time()
    found = reader.page.evaluate(expression, frames)
    return found, Counter({kind: time / frames for kind, time in (processor_time() - before).items()})


def main():
    """Time each page at each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "bone_mri")
    parser.add_argument("--scan", default="1007")
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--layout", default="both", choices=["both", "stir", "t1w", "blend"])
    parser.add_argument("--pages", default=",".join(SHOWN))
    given = parser.parse_args()
    images = images_of(given.scan, given.data)
    print("page\tsize\tclock_ms\tprocessor_ms\tpage_ms\tcompositor_ms")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for task in given.pages.split(","):
            url = make_page(Path(folder), {name: images[name] for name in ("stir", "t1w", *SHOWN[task])}, task)
            for width, height in SIZES:
                context = browser.new_context(viewport={"width": width, "height": height})
                reader = Reader(context, url)
                if task == "marrow":  # take the proposal, which gives the limits and the preliminary segmentation
                    reader.press("t")
                    reader.until("found.labels !== null")
                reader.page.evaluate("layout => { $('layout').value = layout; setLayout(); }", given.layout)
                reader.page.evaluate("view.frameTime(30)")
                clock, drawn = timed(reader, "frames => view.frameTime(frames)", given.frames)
                _, shown = timed(reader, SHOW, given.frames)
                times = (clock, drawn.total(), shown["renderer"], shown["gpu-process"])
                print(task, f"{width} x {height}", *(f"{time:.1f}" for time in times), sep="\t", flush=True)
                assert not reader.errors, reader.errors
                context.close()


if __name__ == "__main__":
    main()
