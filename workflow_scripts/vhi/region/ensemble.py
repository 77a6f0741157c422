"""Members of an ensemble: read, write, predict and average (paper, section 2.5.3).

"Average prediction from three models was computed, then rounded."
"""

import ctypes
import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import save_file
from scipy import ndimage

from vhi.io.errors import InputError
from vhi.io.files import replacing
from vhi.region.protocols import DEVIATIONS
from vhi.region.unet import UNet, folded, from_published, neighbours

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


def read_member(path: str | Path) -> UNet:
    """Trained network from a file of weights.

    Parameters
    ----------
    path : path
        One of the study's published ``.pt`` files, or a ``.safetensors`` file as `write_member` makes them.

    Returns
    -------
    UNet
        In evaluation mode.

    Raises
    ------
    InputError
        Where the file is absent, damaged, of another network, or has weights that are not finite.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: expected a file of weights, found none; check the path, or train the network first")
    try:
        unet = _read_published(path) if path.suffix == ".pt" else _read_own(path)
    except Exception as error:  # a damaged file may raise almost anything
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(
            f"{path}: expected the weights of a disease-region U-Net (published .pt, or .safetensors written here), "
            f"found a damaged or foreign file ({reason}); fetch or train it again"
        ) from error
    for name, weight in unet.state_dict().items():
        if not torch.isfinite(weight).all():
            raise InputError(f"{path}: expected finite weights, found NaN or infinity in {name}; train it again")
    return unet.eval()


def _read_published(path: Path) -> UNet:
    return from_published(torch.load(path, map_location="cpu", weights_only=True))


def _read_own(path: Path) -> UNet:
    with safe_open(path, framework="pt") as file:
        unet = UNet(**json.loads(file.metadata()["about"])["unet"])
        unet.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    return unet


def write_member(path: str | Path, unet: UNet, **facts: object) -> None:
    """Write a network as safetensors, whole or not at all.

    Parameters
    ----------
    path : path
        Ends in ``.safetensors``.
    unet : UNet
    **facts
        What else to record in the metadata (training configuration, scans, seed), each as JSON.
    """
    state = {name: weight.detach().cpu().contiguous() for name, weight in unet.state_dict().items()}
    # One entry: safetensors writes several in an order that changes from run to run.
    metadata = {"about": json.dumps({**facts, "unet": unet.config}, sort_keys=True)}
    with replacing(path) as beside:
        save_file(state, beside, metadata=metadata)


def read_ensemble(paths: Sequence[str | Path]) -> list[UNet]:
    """Members of an ensemble, checked to differ.

    Parameters
    ----------
    paths : sequence of path

    Returns
    -------
    list of UNet

    Raises
    ------
    InputError
        As `read_member`; where no path is given, or where two members have the same weights (the published notebook
        loads its first model three times: an ensemble of one).
    """
    if not paths:
        raise InputError("ensemble: expected at least one file of weights, found none; list them in the configuration")
    members = [read_member(path) for path in paths]
    for i, path in enumerate(paths):
        for j in range(i):
            if _same(members[i], members[j]):
                raise InputError(
                    f"{path}: expected members that differ, found the same weights as in {paths[j]}; "
                    "list each trained network once"
                )
    return members


def member_name(path: str | Path) -> str:
    """Name of a member in tables: its file, or the folder of a trained one (``run-1_seed-2024``)."""
    path = Path(path)
    return path.parent.name if path.stem == "weights" else path.name


def _same(one: UNet, other: UNet) -> bool:
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def native_bf16() -> bool:
    """Whether this processor multiplies bfloat16 numbers itself; where it does not, bf16 is slower than fp32."""
    return any(torch.cpu.get_capabilities().get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


@cache
def hold_memory() -> None:
    """Have glibc keep what is freed for the next step: asking the system anew each time costs a tenth of it. Elsewhere, do nothing."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        for parameter, value in ((-4, 0), (-1, 2**31 - 1), (-2, 2**28)):  # M_MMAP_MAX, M_TRIM_THRESHOLD, M_TOP_PAD
            mallopt(parameter, value)


def used_precision(precision: str) -> str:
    """Tell the precision in which `predict` computes: 'auto' is bf16 where the processor has it, else fp32."""
    return {"auto": "bf16" if native_bf16() else "fp32"}.get(precision, precision)


def predict(
    members: Sequence[UNet],
    volume: np.ndarray,
    precision: str = "auto",
    threads: int | None = None,
    flip: bool = False,
    scales: Sequence[float] = (1,),
    device: str = "cpu",
    slices: slice = slice(None),
) -> np.ndarray:
    """Probability of the disease region by each member.

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
        Average with the prediction of the mirrored slices (columns reversed). Not in the paper.
    scales : sequence of float
        Average the predictions of the slices enlarged by these factors. The paper predicts at 1 alone.
    device : str
        Where to compute.
    slices : slice
        Slices to predict; all by default. The normalisation is always that of the whole volume.

    Returns
    -------
    array (members, slices, rows, columns), float32

    Raises
    ------
    InputError
        As `normalise`.
    """
    return predict_views(members, volume, precision, threads, flip, scales, device, slices).mean(axis=1)


def predict_views(
    members: Sequence[UNet],
    volume: np.ndarray,
    precision: str = "auto",
    threads: int | None = None,
    flip: bool = False,
    scales: Sequence[float] = (1,),
    device: str = "cpu",
    slices: slice = slice(None),
) -> np.ndarray:
    """Predict as `predict` does, each scale and mirror image apart: array (members, views, slices, rows, columns), float32."""
    hold_memory()
    dtype = {"bf16": torch.bfloat16, "fp32": torch.float32}[used_precision(precision)]
    volume = normalise(volume)
    workers = (threads or torch.get_num_threads()) if device == "cpu" else 1
    # A thread to a batch: sharing out each layer instead waits at every layer, and is slower by a tenth. It also makes the
    # result the same to the bit for any number of threads.
    with _one_thread(), ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        probabilities = []
        for member in members:
            unet = folded(member.eval()).to(device, dtype, memory_format=torch.channels_last)
            images = torch.from_numpy(neighbours(volume, member.config["in_channels"])[slices]).to(device, dtype)
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
    return torch.stack(views).cpu()


def _resized(images: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    return F.interpolate(images, size=size, mode="bilinear", align_corners=False)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Run with one torch thread, then go back."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


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


def flipped(one: np.ndarray, other: np.ndarray) -> int:
    """Pixels that differ between two disease regions, for example those of bf16 and of fp32."""
    return int(np.count_nonzero(one != other))
