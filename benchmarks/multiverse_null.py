"""Joint P over all universes of studies without any effect: whether it is uniform.

    python benchmarks/multiverse_null.py [RESULTS] [STUDIES]

log(V_HI + 1) of subjects, before and after treatment, is drawn from a multivariate normal distribution with the means of the
universes and their covariance between universes and visits, both from the subjects of RESULTS (results/simulated, 29 patients). Both
visits get the same mean and exchangeable covariance, so that nothing changes. Each study has as many subjects, and 499 sign flips of
the change in log(V_HI + 1). Prints per statistic the share of studies with P < 0.05, its standard error, the share at other
levels, and the P of a Kolmogorov-Smirnov test of uniformity.
"""

import sys
from pathlib import Path

import numpy as np
from scipy import stats

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow_scripts"))

from vhi.io.tables import read_table  # noqa: E402
from vhi.multiverse.inference import STATISTICS, joint_inference  # noqa: E402
from vhi.multiverse.readings import Values  # noqa: E402

SEED, FLIPS = 2020, 499


def levels(results: Path) -> np.ndarray:
    """log(V_HI + 1) before and after treatment, (universes, 2, subjects): every segmentation, by each reader and their mean."""
    readings = read_table(results / "multiverse" / "readings.tsv")
    readers = sorted(readings["reader"].unique())
    visits = readings[["scan", "subject", "session"]].drop_duplicates()
    values = Values(readings, readers, visits)
    found = []
    for segmentation in values.parts:
        table = values.vhi(segmentation, "voxels")
        found += [np.log1p(values.paired(table, reader, readers, "post")) for reader in ("mean", *readers)]
    found = np.array(found)
    return found[..., ~np.isnan(found).any(axis=(0, 1))]


def main(results: Path, studies: int) -> None:
    """Draw, test, print."""
    seen = levels(results)
    universes, _, subjects = seen.shape
    # Exchangeable visits: each subject also with its visits exchanged, around the mean of both.
    centred = seen - seen.mean(axis=(1, 2), keepdims=True)
    root = np.concatenate([centred, centred[:, ::-1]], axis=2).reshape(2 * universes, -1) / np.sqrt(2 * (subjects - 1))
    mean = np.repeat(seen.mean(axis=(1, 2)), 2)[:, None]
    rng, p = np.random.default_rng(SEED), []
    for study in range(studies):
        drawn = mean + root @ rng.standard_normal((root.shape[1], subjects))
        logs = np.log1p(np.maximum(np.expm1(drawn), 0).round()).reshape(universes, 2, subjects)  # whole voxels
        p.append(joint_inference(logs[:, 1] - logs[:, 0], FLIPS, SEED + study)["p"].to_numpy())
    print(f"{universes} universes, {subjects} subjects, {studies} studies, {FLIPS} flips")
    print("statistic", "below_0.05_percent", "se", "below_0.01", "below_0.1", "below_0.5", "ks_p", sep="\t")
    for name, of in zip(STATISTICS, np.array(p).T, strict=True):
        below = [100 * (of < level).mean() for level in (0.05, 0.01, 0.1, 0.5)]
        se = np.sqrt(below[0] * (100 - below[0]) / studies)
        uniform = stats.kstest(of - rng.random(studies) / (FLIPS + 1), "uniform").pvalue  # spread over the steps of P
        print(
            name, f"{below[0]:.2f}", f"{se:.2f}", *(f"{value:.2f}" for value in below[1:]), f"{uniform:.3f}", sep="\t"
        )


if __name__ == "__main__":
    main(
        Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "results" / "simulated",
        int(sys.argv[2]) if len(sys.argv) > 2 else 2000,
    )
