"""Members of an ensemble: their weights, read and written."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from vhi.io.errors import InputError
from vhi.io.files import replacing
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
        if path.suffix == ".pt":
            unet = from_published(torch.load(path, map_location="cpu", weights_only=True))
        else:
            with safe_open(path, framework="pt") as file:
                unet = UNet(**json.loads(file.metadata()["about"])["unet"])
                unet.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
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


def networks_of_folds(paths: Sequence[str], setting: str) -> dict[int, dict[str, UNet]]:
    """Networks that the cross-validation trained by one setting.

    Parameters
    ----------
    paths : sequence of str
        ``.../{setting}/fold-{fold}/seed-{seed}/{name}-{steps}.safetensors``.
    setting : str

    Returns
    -------
    dict of dict
        Networks by fold and by steps, in the order of the paths.
    """
    found = {}
    for path in map(Path, paths):
        *_, of_setting, fold, _, _ = path.parts
        if of_setting == setting:
            steps = path.stem.rpartition("-")[2]
            found.setdefault(int(fold.removeprefix("fold-")), {})[steps] = read_member(path)
    return found


def from_published(state: dict[str, torch.Tensor]) -> UNet:
    """Network with the weights of one of the study's published files.

    Parameters
    ----------
    state : dict of Tensor
        State dict with the published names (``down_path.0.convblock.0.weight`` ...).

    Returns
    -------
    UNet
        In evaluation mode; its shape is read from the weights.

    Raises
    ------
    KeyError, RuntimeError
        Where names or shapes are not those of the published network.
    """
    first = state["down_path.0.convblock.0.weight"]
    unet = UNet(
        levels=1 + max(int(m[1]) for m in map(re.compile(r"down_path\.(\d+)\.").match, state) if m),
        filters=first.shape[0],
        kernel=first.shape[2],
        in_channels=first.shape[1],
    )
    unet.load_state_dict({_our_name(name): weight for name, weight in state.items()})
    return unet.eval()


def _our_name(published: str) -> str:
    """Our name of a published weight."""
    name = re.sub(r"^down_path\.(\d+)\.convblock\.", r"down.\1.", published)
    name = re.sub(r"^up_path\.(\d+)\.UpBlock\.1\.", r"narrow.\1.", name)
    name = re.sub(r"^up_path\.(\d+)\.ConvBlock\.convblock\.", r"up.\1.", name)
    return name.replace("last_layer.", "last.")


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
