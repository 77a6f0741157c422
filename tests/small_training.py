"""A training of seconds: its settings and its scans."""

from dataclasses import replace

import numpy as np

from vhi.region.protocols import PROTOCOLS, Config

TINY = Config(unet={"levels": 3, "filters": 4}, steps=20, epoch=5, seed=5, device="cpu", threads=1)


FAST = replace(
    PROTOCOLS["fast"],
    unet={"levels": 3, "filters": 4, "in_channels": 3, "block": 2},
    augmentation=("strong", "abnormal_marrow"),
    warm_up=3,
    ema=0.9,
    **{name: getattr(TINY, name) for name in ("steps", "epoch", "seed", "device", "threads")},
)


def scans(count=2, slices=6, size=(32, 40)):
    """Volumes of noise with a brighter ellipse in the middle, and the ellipses as masks."""
    rng = np.random.default_rng(0)
    r, c = np.mgrid[-1 : 1 : size[0] * 1j, -1 : 1 : size[1] * 1j]
    masks = [np.stack([(r**2 + c**2) < rng.uniform(0.2, 0.6) for _ in range(slices)]) for _ in range(count)]
    return [200 * m + rng.gamma(2, 60, m.shape) for m in masks], [m.astype(np.uint8) for m in masks]
