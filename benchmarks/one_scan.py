"""Time one scan from T1w and STIR to its preliminary segmentation, in bf16 and in fp32, in one run.

    .venv/bin/python benchmarks/one_scan.py DATA [SCAN]

DATA is a copy of the public repository. Reading and writing files count; starting Python and loading weights do not.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.inflammation import drop_small_regions, threshold
from vhi.io.images import check_same_grid, read_mask, read_scan, write_labels
from vhi.marrow.limits import find_limits
from vhi.region.ensemble import average, flipped, predict, rounded
from vhi.region.members import read_ensemble
from vhi.region.precision import native_bf16
from vhi.study.load import load_study

REPEATS = 3


def one_scan(row: dict, members: list, precision: str, out: Path):
    """Steps (i) to (v) of one scan; gives seconds by part, and the disease region."""
    start = time.perf_counter()
    t1w, stir, marrow = read_scan(row["t1w"]), read_scan(row["stir"]), read_mask(row["normal_marrow"])
    check_same_grid(marrow, stir)
    check_same_grid(t1w, stir)
    read = time.perf_counter()
    region = rounded(average(predict(members, t1w.volume, precision, threads=2)))
    segmented = time.perf_counter()
    limits = find_limits(stir.volume[marrow.volume > 0])
    labels = drop_small_regions(threshold(stir.volume, region > 0, limits.lower, limits.upper))
    write_labels(out, labels, like=stir)
    end = time.perf_counter()
    return {
        "read": read - start,
        "U-Net": segmented - read,
        "limits to (v)": end - segmented,
        "all": end - start,
    }, region


def main() -> None:
    """Print the fastest of some repeats, and the ratio of both precisions."""
    study = load_study(Path(__file__).parents[1], "paper", data=sys.argv[1])
    scan = sys.argv[2] if len(sys.argv) > 2 else "1007"
    row = next(row for row in study.tables["scans"] if row["scan"] == scan)
    members = read_ensemble(study.config["ensemble"]["members"])
    regions, best = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for precision in ["fp32", "bf16"] if native_bf16() else ["fp32"]:
            runs = []
            for _ in range(REPEATS):
                seconds, regions[precision] = one_scan(row, members, precision, Path(folder) / "labels.nii.gz")
                runs.append(seconds)
            best[precision] = min(runs, key=lambda seconds: seconds["all"])
            print(precision, "\t".join(f"{name} {value:.2f} s" for name, value in best[precision].items()), sep="\t")
    if len(best) == 2:
        print(f"fp32 / bf16\t{best['fp32']['all'] / best['bf16']['all']:.2f}")
        share = flipped(regions["fp32"], regions["bf16"]) / regions["fp32"].size
        print(f"pixels that differ\t{100 * share:.4f} % of {regions['fp32'].size}")


if __name__ == "__main__":
    main()
