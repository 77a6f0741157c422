"""Members of an ensemble: their weights, read and written."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from vhi.io.errors import InputError
from vhi.io.files import replacing
from vhi.region.published_weights import from_published
from vhi.region.unet import UNet


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
