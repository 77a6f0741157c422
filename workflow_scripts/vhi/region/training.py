"""Train the U-Net of the disease region: one loop for the paper's protocol and for the fast one (section 2.5.3)."""

import copy
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from vhi.io.errors import InputError
from vhi.io.files import replacing
from vhi.region import augmentation
from vhi.region.precision import hold_memory, native_bf16
from vhi.region.protocols import Config
from vhi.region.slices import Slices
from vhi.region.unet import UNet


def rate_factor(step: int, config: Config) -> float:
    """Fraction of the learning rate in a step (from 0): it rises, stays and falls, and knows no clock."""
    rise = (step + 1) / config.warm_up if config.warm_up else 1.0
    last = config.cool_down * config.steps
    fall = (config.steps - step) / last if last else 1.0
    return min(1.0, rise, fall)


def soft_dice(p: Tensor, mask: Tensor) -> Tensor:
    """Soft Dice of a batch as in V-Net (squares in the denominator), averaged over foreground and background."""
    pairs = ((p, mask), (1 - p, 1 - mask))
    # ASSUME 1e-6 against a batch without any foreground.
    return sum((2 * (a * b).sum() + 1e-6) / ((a * a).sum() + (b * b).sum() + 1e-6) for a, b in pairs) / 2


class Trainer:
    """One training, from the seed to the last step; can stop between two rows of progress and go on later.

    Parameters
    ----------
    slices : Slices
        To train on.
    config : Config
    validation : Slices, optional
        Only for the learning curves: nothing is chosen by it.
    """

    def __init__(self, slices: Slices, config: Config, validation: Slices | None = None):
        self.config, self.step = config, 0
        hold_memory()
        torch.set_num_threads(config.threads or torch.get_num_threads())
        self.device = ("cuda" if torch.cuda.is_available() else "cpu") if config.device == "auto" else config.device
        native = self.device != "cpu" or native_bf16()
        self.bf16 = config.precision == "bf16" or (config.precision == "auto" and native)
        self.layout = torch.channels_last if config.channels_last else torch.contiguous_format
        dtype = torch.float64 if config.precision == "fp64" else torch.float32

        self.slices = slices.to(self.device, dtype)
        self.validation = validation and validation.to(self.device, dtype)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.unet = UNet(**config.unet).to(self.device, dtype, memory_format=self.layout)
        self.kept = copy.deepcopy(self.unet) if config.ema else self.unet
        # AdamW without decay of the weights is the Adam of the paper.
        self.optimiser = torch.optim.AdamW(self.unet.parameters(), config.rate, weight_decay=config.weight_decay)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, lambda step: rate_factor(step, config))
        self.generator = torch.Generator(self.device).manual_seed(config.seed)

    def run(self) -> Iterator[dict[str, float]]:
        """Train to the last step; yield a row of progress after every epoch.

        Yields
        ------
        dict
            step, loss and soft Dice (means of the epoch), the same of the validation slices where there are any,
            seconds per step and seconds left.
        """
        while self.step < self.config.steps:
            start, clock = self.step, time.perf_counter()
            sums = torch.zeros(2, dtype=torch.float64, device=self.device)
            while self.step < min(start + self.config.epoch, self.config.steps):
                sums += self.advance()
            loss, dice = (sums / (self.step - start)).tolist()
            pace = (time.perf_counter() - clock) / (self.step - start)
            row = {"step": self.step, "loss": loss, "dice": dice}
            if self.validation:
                row |= self.validate()
            yield row | {"seconds_per_step": pace, "seconds_left": pace * (self.config.steps - self.step)}

    def advance(self) -> Tensor:
        """Take one step; its loss and soft Dice."""
        # One random batch from a fresh shuffle, as the paper draws it: an epoch does not go through all slices.
        drawn = torch.randperm(len(self.slices), generator=self.generator, device=self.device)[: self.config.batch]
        images, masks = self.slices[drawn]
        for name in self.config.augmentation:
            images, masks = getattr(augmentation, name)(images, masks, self.generator)
        self.unet.train()
        loss, dice = self.losses(self.unet, images, masks)
        self.optimiser.zero_grad()
        (loss + self.config.dice * (1 - dice)).backward()
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        if self.config.ema:
            self.average()
        return torch.stack([loss, dice]).detach()

    def losses(self, unet: UNet, images: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
        """Binary cross entropy and soft Dice of a batch."""
        with torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
            logits = unet(images.contiguous(memory_format=self.layout))
        logits = logits.to(masks.dtype)
        return F.binary_cross_entropy_with_logits(logits, masks), soft_dice(logits.sigmoid(), masks)

    @torch.no_grad()
    def average(self) -> None:
        """Move the kept weights, and the running statistics, towards the present ones."""
        decay = min(self.config.ema, (1 + self.step) / (10 + self.step))
        for kept, new in zip(self.kept.state_dict().values(), self.unet.state_dict().values(), strict=True):
            kept.lerp_(new, 1 - decay) if kept.is_floating_point() else kept.copy_(new)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Loss and soft Dice over the validation slices, not augmented, in batches of the training's size."""
        self.kept.eval()
        batches = torch.arange(len(self.validation), device=self.device).split(self.config.batch)
        sums = [len(b) * torch.stack(self.losses(self.kept, *self.validation[b])) for b in batches]
        loss, dice = (sum(sums) / len(self.validation)).tolist()
        return {"validation_loss": loss, "validation_dice": dice}

    def state(self) -> dict:
        """All that is needed to go on exactly: weights, average, optimiser, schedule, random state, step, config."""
        parts = {name: getattr(self, name).state_dict() for name in ("unet", "kept", "optimiser", "schedule")}
        return parts | {"random": self.generator.get_state(), "step": self.step, "made_for": self._made_for()}

    def load(self, state: dict) -> None:
        """Go on from a checkpoint; raises InputError where it was made with another configuration or other slices."""
        for name, here in self._made_for().items():
            if (there := state["made_for"].get(name)) != here:
                raise InputError(
                    f"checkpoint: expected one made with {name} = {here}, found {there}; delete it to train anew"
                )
        for name in ("unet", "kept", "optimiser", "schedule"):
            getattr(self, name).load_state_dict(state[name])
        self.generator.set_state(state["random"])
        self.step = state["step"]

    def _made_for(self) -> dict:
        """Give the configuration, and a sum over the slices that changes with any of them."""
        return asdict(self.config) | {"slices": float(self.slices.images.double().sum() + self.slices.masks.sum())}


def write_checkpoint(path: str | Path, state: dict) -> None:
    """Write what `Trainer.state` gives, whole or not at all."""
    with replacing(path) as beside, open(beside, "wb") as file:
        torch.save(state, file)


def read_checkpoint(path: str | Path) -> dict:
    """Read a checkpoint; raises InputError where the file is damaged."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file may raise almost anything
        raise InputError(f"{path}: expected a checkpoint of a training, found a damaged file; delete it") from error
