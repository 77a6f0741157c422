"""Weights in the form in which the authors published them."""

import re

import torch

from vhi.region.unet import UNet


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
