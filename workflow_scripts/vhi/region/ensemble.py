"""Members of an ensemble: read, write, predict and average (paper, section 2.5.3).

"Average prediction from three models was computed, then rounded."
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

from vhi.io.errors import InputError
from vhi.region.precision import hold_memory, one_thread, used_precision
from vhi.region.protocols import DEVIATIONS
from vhi.region.unet import UNet, folded, neighbours

BATCH = 2  # slices at a time: more no longer fit the processor's caches, and 25 take twice as long


def normalise(volume: np.ndarray) -> np.ndarray:
    """Intensities divided by three standard deviations of the whole volume; no mean is subtracted.

    Parameters
    ----------
    volume : array (slices, rows, columns)
        T1-weighted intensities.

    Returns
    -------
    array (slices, rows, columns), float32

    Raises
    ------
    InputError
        Where the volume is constant or has intensities that are not finite.
    """
    sd = np.std(volume, dtype=np.float64)
    if not (np.isfinite(sd) and sd > 0):
        raise InputError(
            f"T1-weighted volume: expected finite intensities that vary, found a standard deviation of {sd}; "
            "check that the scan is not empty or damaged"
        )
    return (volume / (DEVIATIONS * sd)).astype(np.float32)


def predict(members: Sequence[UNet], volume: np.ndarray, *args: object, **options: object) -> np.ndarray:
    """Predict as `predict_views` does, averaged over its views: array (members, slices, rows, columns), float32."""
    return predict_views(members, volume, *args, **options).mean(axis=1)


def predict_views(
    members: Sequence[UNet],
    volume: np.ndarray,
    precision: str = "auto",
    threads: int | None = None,
    flip: bool = False,
    scales: Sequence[float] = (1,),
    slices: slice = slice(None),
) -> np.ndarray:
    """Probability of the disease region by each member, each scale and mirror image apart.

    Parameters
    ----------
    members : sequence of UNet
    volume : array (slices, rows, columns)
        T1-weighted intensities as stored, not normalised, in presentation order: superior at the top, columns running
        to the patient's left.
    precision : {'auto', 'bf16', 'fp32'}
        'auto' is bf16 where the processor computes it natively, else fp32.
    threads : int, optional
        Slices predicted at once, each by a thread of its own; torch's own number where not given.
    flip : bool
        Predict the mirrored slices (columns reversed) too. Not in the paper.
    scales : sequence of float
        Predict the slices enlarged by these factors. The paper predicts at 1 alone.
    slices : slice
        Slices to predict; all by default. The normalisation is always that of the whole volume.

    Returns
    -------
    array (members, views, slices, rows, columns), float32

    Raises
    ------
    InputError
        As `normalise`.
    """
    hold_memory()
    dtype = {"bf16": torch.bfloat16, "fp32": torch.float32}[used_precision(precision)]
    volume = normalise(volume)
    workers = threads or torch.get_num_threads()
    # A thread to a batch: sharing out each layer instead waits at every layer, and is slower by a tenth. It also makes the
    # result the same to the bit for any number of threads.
    with one_thread(), ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        probabilities = []
        for member in members:
            unet = folded(member.eval()).to(dtype, memory_format=torch.channels_last)
            images = torch.from_numpy(neighbours(volume, member.config["in_channels"])[slices]).to(dtype)
            batches = images.contiguous(memory_format=torch.channels_last).split(BATCH)
            views = list(pool.map(lambda x, unet=unet: _probabilities(unet, x, flip, scales), batches))
            probabilities.append(torch.cat(views, dim=1).numpy())
    return np.stack(probabilities)


@torch.inference_mode()
def _probabilities(unet: UNet, x: torch.Tensor, flip: bool, scales: Sequence[float]) -> torch.Tensor:
    """Probability (views, batch, rows, columns), in fp32: of the slices at each scale and, with `flip`, of their mirror images."""
    size, views = x.shape[-2:], []
    for scale in scales:
        scaled = x if scale == 1 else _resized(x, [round(side * scale) for side in size])
        for view in [unet(scaled)] + ([unet(scaled.flip(-1)).flip(-1)] if flip else []):
            probability = view.float().sigmoid()
            views.append((probability if scale == 1 else _resized(probability, size))[:, 0])
    return torch.stack(views)


def _resized(images: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    return F.interpolate(images, size=size, mode="bilinear", align_corners=False)


def average(probabilities: np.ndarray) -> np.ndarray:
    """Mean over the members: (members, slices, rows, columns) -> (slices, rows, columns)."""
    return probabilities.mean(axis=0)


def rounded(probability: np.ndarray, smallest_part: float = 0.0, smoothing: float = 0.0) -> np.ndarray:
    """Round to the disease region: 1 where the probability exceeds 0.5 (0.5 itself rounds to the even 0).

    Parameters
    ----------
    probability : array (slices, rows, columns)
    smallest_part : float
        Parts (connected by faces of voxels) of less than this share of the largest part are dropped. Not in the paper.
    smoothing : float
        Weight of the slice before and of the slice after in the probability of each slice, before all else; an end slice
        stands in for the one that it lacks. Not in the paper.

    Returns
    -------
    uint8 array
        0 or 1, of the same shape.
    """
    if smoothing:
        probability = ndimage.convolve1d(probability, [smoothing, 1 - 2 * smoothing, smoothing], axis=0, mode="nearest")
    region = probability > 0.5
    if smallest_part and region.any():
        parts, _ = ndimage.label(region)
        voxels = np.bincount(parts.ravel())
        voxels[0] = 0
        region = (voxels >= smallest_part * voxels.max())[parts] & region
    return region.astype(np.uint8)
