"""Seconds per training step of the paper's U-Net: fed as published, in memory, and as here; FLOP/s against the ceiling.

Run on a quiet machine: `python benchmarks/training.py --threads 2 > benchmarks/training.tsv`.
The slices are noise of the published size (200 of 336 x 336); the time does not depend on what they show.
"""

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import h5py
import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage
from torch.utils.flop_counter import FlopCounterMode

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow_scripts"))
from vhi.region.precision import native_bf16
from vhi.region.protocols import Config
from vhi.region.slices import Slices
from vhi.region.training import Trainer
from vhi.region.unet import UNet

try:
    from elasticdeform import deform_random_grid
except ImportError:  # it needs a compiler; the cubic spline of scipy takes about as long

    def deform_random_grid(arrays, sigma, points, order, mode):
        """Transcribe the library's function with scipy."""
        rows, columns = arrays[0].shape
        grid = np.meshgrid(np.linspace(0, points - 1, rows), np.linspace(0, points - 1, columns), indexing="ij")
        control = sigma * np.random.default_rng().standard_normal((2, points, points))
        where = np.mgrid[:rows, :columns] + [ndimage.map_coordinates(c, grid, mode="mirror") for c in control]
        return [ndimage.map_coordinates(a, where, order=order, mode=mode) for a in arrays]


SIDE, COUNT, BATCH = 336, 200, 4


def timed(step, repeats: int) -> float:
    """Median seconds of a function, after one call to warm up."""
    step()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return median(times)


def ceiling(dtype: torch.dtype, repeats: int) -> float:
    """FLOP/s of the best 3x3 convolution: 128 channels at 84 x 84, channels last."""
    x = torch.randn(BATCH, 128, 84, 84, dtype=dtype).to(memory_format=torch.channels_last)
    w = torch.randn(128, 128, 3, 3, dtype=dtype).to(memory_format=torch.channels_last)
    with torch.inference_mode():
        return 2 * 9 * 128 * 128 * 84 * 84 * BATCH / timed(lambda: F.conv2d(x, w, padding=1), 5 * repeats)


def plain_step(unet: UNet, adam: torch.optim.Optimizer, images: torch.Tensor, masks: torch.Tensor) -> None:
    """One step of a loop without any option: fp32, contiguous, 1x1 convolution after the upsampling."""
    loss = F.binary_cross_entropy_with_logits(unet(images), masks)
    adam.zero_grad()
    loss.backward()
    adam.step()


def published_batch(path: Path, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Feed as published: the database read anew for each step, each slice deformed and transformed by itself."""
    with h5py.File(path) as file:
        images, masks = file["images"][:], file["masks"][:]
    x, y = [], []
    for index in rng.permutation(len(images))[:BATCH]:
        pair = deform_random_grid([images[index], masks[index]], sigma=3, points=12, order=0, mode="reflect")
        angle, shear = np.deg2rad(rng.uniform(-10, 10)), rng.uniform(-0.2, 0.2)
        rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = rotation @ [[1, shear], [0, 1]] @ np.diag(rng.uniform(0.9, 1.1, 2))
        pair = [ndimage.affine_transform(a, matrix, order=0, mode="reflect") for a in pair]
        if rng.random() < 0.5:
            pair = [a[:, ::-1] for a in pair]
        x.append(pair[0] ** rng.uniform(0.6, 1.2))
        y.append(pair[1])
    return tuple(torch.from_numpy(np.stack(a)[:, None]).float() for a in (x, y))


def main() -> None:
    """Measure all in one run; print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--repeats", type=int, default=7)
    given = options.parse_args()
    torch.set_num_threads(given.threads)
    rng = np.random.default_rng(0)
    volume, mask = rng.gamma(2, 100, (COUNT, SIDE, SIDE)), rng.random((COUNT, SIDE, SIDE)) < 0.3

    rows = []
    torch.manual_seed(0)
    unet = UNet(narrow_first=False)
    adam = torch.optim.Adam(unet.parameters())
    with FlopCounterMode(display=False) as counter:
        plain_step(unet, adam, torch.rand(BATCH, 1, SIDE, SIDE), torch.ones(BATCH, 1, SIDE, SIDE))
    flops = counter.get_total_flops()  # forward and backward, at the cost of the paper's own order

    with tempfile.TemporaryDirectory() as folder:
        with h5py.File(Path(folder) / "slices.h5", "w") as file:
            file["images"], file["masks"] = volume / (3 * volume.std()), mask.astype(float)
        feed = Path(folder) / "slices.h5"
        rows.append(
            ("published feeding", timed(lambda: plain_step(unet, adam, *published_batch(feed, rng)), given.repeats))
        )
    x, y = torch.rand(BATCH, 1, SIDE, SIDE), (torch.rand(BATCH, 1, SIDE, SIDE) < 0.3).float()
    rows.append(
        ("plain loop in memory, fp32, no augmentation", timed(lambda: plain_step(unet, adam, x, y), given.repeats))
    )

    slices = Slices([volume], [mask])
    ours = Config(threads=given.threads, device="cpu")
    fast = replace(ours, precision="auto", channels_last=True)
    for name, config in (("ours, fp32", ours), ("ours, fp32, channels_last", replace(ours, channels_last=True)),
                         ("ours, bf16, channels_last", fast)):  # fmt: skip
        rows.append((name, timed(Trainer(slices, config).advance, given.repeats)))

    peaks = {"fp32": ceiling(torch.float32, given.repeats), "bf16": ceiling(torch.bfloat16, given.repeats)}
    print("step\tseconds\ttimes_faster_than_published\tGFLOP_per_s\tpercent_of_ceiling\tceiling_GFLOP_per_s")
    for name, seconds in rows:
        peak = peaks["bf16" if "bf16" in name and native_bf16() else "fp32"]
        rate = flops / seconds
        print(
            f"{name}\t{seconds:.3f}\t{rows[0][1] / seconds:.2f}\t{rate / 1e9:.0f}\t{100 * rate / peak:.0f}"
            f"\t{peak / 1e9:.0f}"
        )


if __name__ == "__main__":
    main()
