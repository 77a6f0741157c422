"""Training: the paper's protocol against a plain transcription, each fast option, exact resumption, learning curves."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from scipy import ndimage
from torch import nn

from published_network import Published
from small_training import FAST, TINY, scans
from vhi.io.errors import InputError
from vhi.region.precision import native_bf16
from vhi.region.protocols import PROTOCOLS, Config
from vhi.region.slices import Slices
from vhi.region.training import Trainer, rate_factor, read_checkpoint, soft_dice, write_checkpoint
from vhi.region.unet import UNet


def train(config, channels=1):
    trainer = Trainer(Slices(*scans(), config.unet.get("in_channels", channels)), config)
    rows = list(trainer.run())
    return trainer, rows


def same(one, other):
    a, b = one.state_dict(), other.state_dict()
    return all(torch.equal(a[name], b[name]) for name in a)


def transcription(config, dtype):
    """The method of section 2.5.3, slice by slice with scipy and plain PyTorch; losses of every step."""
    volumes, masks = scans()
    images = np.concatenate([v / (3 * v.std()) for v in volumes]).astype(np.float32)
    masks = np.concatenate(masks)
    torch.manual_seed(config.seed)
    unet = Published(levels=3, filters=4).to(dtype)
    adam = torch.optim.Adam(unet.parameters(), lr=0.001)
    bce = nn.BCELoss()
    generator = torch.Generator().manual_seed(config.seed)
    double = {"generator": generator, "dtype": torch.float64}
    rows, columns = images.shape[1:]
    grid = np.meshgrid(np.linspace(0, 11, rows), np.linspace(0, 11, columns), indexing="ij")
    pixels = np.mgrid[:rows, :columns]
    centre = (np.array([rows, columns]) - 1) / 2
    losses = []
    for _ in range(config.steps):
        drawn = torch.randperm(len(images), generator=generator)[:4].tolist()
        control = 3 * torch.randn(4, 2, 12, 12, **double).numpy()
        angle = np.deg2rad(20 * torch.rand(4, **double).numpy() - 10)
        scale = 0.9 + 0.2 * torch.rand(4, 2, **double).numpy()
        shear = 0.4 * torch.rand(4, **double).numpy() - 0.2
        flip = torch.rand(4, 1, 1, 1, **double).flatten().numpy() < 0.5
        power = 0.6 + 0.6 * torch.rand(4, 1, 1, 1, **double).flatten().numpy()
        x, y = [], []
        for k, index in enumerate(drawn):
            field = [ndimage.map_coordinates(c, grid, order=3, mode="mirror") for c in control[k]]
            cos, sin = np.cos(angle[k]), np.sin(angle[k])
            matrix = np.array([[cos, -sin], [sin, cos]]) @ [[1, shear[k]], [0, 1]] @ np.diag(scale[k])
            pair = []
            for a in (images[index], masks[index].astype(np.float32)):
                a = ndimage.map_coordinates(a, pixels + field, order=0, mode="reflect")
                a = ndimage.affine_transform(a, matrix, centre - matrix @ centre, order=0, mode="reflect")
                pair.append(np.fliplr(a).copy() if flip[k] else a)
            x.append(torch.from_numpy(pair[0]).to(dtype) ** torch.tensor(power[k]).to(dtype))
            y.append(torch.from_numpy(pair[1]).to(dtype))
        p = torch.sigmoid(unet(torch.stack(x)[:, None]))
        loss = bce(p, torch.stack(y)[:, None])
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return losses, unet


@pytest.mark.parametrize(
    ("precision", "dtype", "tolerance"), [("fp32", torch.float32, 1e-5), ("fp64", torch.float64, 1e-10)]
)
def test_twenty_steps_of_the_papers_protocol(precision, dtype, tolerance):
    plain = replace(TINY, unet=TINY.unet | {"narrow_first": False}, precision=precision, epoch=1)
    expected, published = transcription(plain, dtype)
    trainer, rows = train(plain)
    assert [row["loss"] for row in rows] == pytest.approx(expected, abs=tolerance, rel=0)
    x = torch.rand(2, 1, 32, 40, dtype=dtype)
    with torch.no_grad():
        assert torch.allclose(trainer.unet.eval()(x), published.eval()(x), atol=1000 * tolerance)


@pytest.mark.parametrize(
    ("option", "tolerance"),
    [
        ({"unet": TINY.unet | {"narrow_first": True}}, 1e-5),
        ({"channels_last": True}, 1e-4),
        pytest.param({"precision": "bf16"}, 5e-3, marks=pytest.mark.skipif(not native_bf16(), reason="no bf16 here")),
    ],
    ids=["moved 1x1 convolution", "channels_last", "bf16"],
)
def test_each_fast_option_deviates_a_little(option, tolerance):
    plain = replace(TINY, unet=TINY.unet | {"narrow_first": False}, epoch=1)
    expected, found = ([row["loss"] for row in train(config)[1]] for config in (plain, replace(plain, **option)))
    assert found == pytest.approx(expected, abs=tolerance, rel=0)


@pytest.mark.parametrize("config", [TINY, FAST], ids=["paper", "fast"])
def test_the_seed_decides(config):
    one, rows = train(config)
    again, rows_again = train(config)
    assert same(one.kept, again.kept)
    assert [r["loss"] for r in rows] == [r["loss"] for r in rows_again]
    assert not same(one.kept, train(replace(config, seed=6))[0].kept)


def test_the_global_random_state_is_left_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    train(replace(TINY, steps=1))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("config", [TINY, FAST], ids=["paper", "fast"])
@pytest.mark.parametrize("stop", [1, 3])
def test_resumption_is_exact(tmp_path, config, stop):
    undisturbed, rows = train(config)
    first = Trainer(Slices(*scans(), config.unet.get("in_channels", 1)), config)
    for _ in zip(range(stop), first.run(), strict=False):
        write_checkpoint(tmp_path / "checkpoint", first.state())
    second = Trainer(Slices(*scans(), config.unet.get("in_channels", 1)), config)
    second.load(read_checkpoint(tmp_path / "checkpoint"))
    assert second.step == stop * config.epoch
    later = list(second.run())
    assert same(second.kept, undisturbed.kept)
    assert same(second.unet, undisturbed.unet)
    assert [r["loss"] for r in later] == [r["loss"] for r in rows[stop:]]


CHILD = """
import sys
from pathlib import Path
from dataclasses import replace
from small_training import FAST, scans
from vhi.region.members import write_member
from vhi.region.slices import Slices
from vhi.region.training import Trainer, read_checkpoint, write_checkpoint
checkpoint, out = map(Path, sys.argv[1:])
trainer = Trainer(Slices(*scans(), 3), replace(FAST, steps=120, epoch=10))
if checkpoint.exists():
    trainer.load(read_checkpoint(checkpoint))
for row in trainer.run():
    write_checkpoint(checkpoint, trainer.state())
    print(row["step"], flush=True)
write_member(out, trainer.kept)
"""


def test_kill_minus_nine_and_resume_give_the_undisturbed_weights(tmp_path):
    tests = Path(__file__).parent
    path = os.pathsep.join([str(tests), str(tests.parent / "workflow_scripts")])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}

    def child(name):
        command = [sys.executable, "-c", CHILD, tmp_path / name, tmp_path / f"{name}.safetensors"]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    undisturbed, killed = child("undisturbed"), child("killed")
    killed.stdout.readline()  # the first checkpoint is there
    time.sleep(random.uniform(0, 0.3))
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    resumed = child("killed")
    steps = [int(line) for line in resumed.stdout]
    assert resumed.wait() == 0
    undisturbed.communicate()
    assert undisturbed.returncode == 0
    assert steps[0] > 10
    assert steps[-1] == 120
    one, other = (load_file(tmp_path / f"{name}.safetensors") for name in ("undisturbed", "killed"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    trainer, _ = train(replace(TINY, steps=1))
    state = trainer.state()
    with pytest.raises(InputError, match=r"rate = 0\.5"):
        Trainer(Slices(*scans()), replace(TINY, steps=1, rate=0.5)).load(state)
    with pytest.raises(InputError, match="slices"):
        Trainer(Slices(*scans(count=1)), replace(TINY, steps=1)).load(state)
    (tmp_path / "checkpoint").write_bytes(b"half a checkpoint")
    with pytest.raises(InputError, match="checkpoint: expected a checkpoint"):
        read_checkpoint(tmp_path / "checkpoint")


@pytest.mark.parametrize("config", [replace(TINY, steps=200), replace(FAST, steps=200)], ids=["paper", "fast"])
def test_it_learns(config):
    _, rows = train(config)
    assert rows[-1]["loss"] < 0.6 * rows[0]["loss"]
    assert rows[-1]["dice"] > rows[0]["dice"]


def test_rows_of_progress():
    trainer = Trainer(Slices(*scans()), replace(TINY, steps=12), validation=Slices(*scans(count=1)))
    rows = list(trainer.run())
    assert [row["step"] for row in rows] == [5, 10, 12]
    assert rows[-1]["seconds_left"] == 0
    assert rows[0]["seconds_left"] == pytest.approx(7 * rows[0]["seconds_per_step"])
    assert 0 < rows[-1]["validation_dice"] < 1
    assert not same(Trainer(trainer.slices, TINY).unet, trainer.unet)


def test_validation_does_not_change_the_training():
    with_it = Trainer(Slices(*scans()), TINY, validation=Slices(*scans(count=1)))
    list(with_it.run())
    assert same(with_it.unet, train(TINY)[0].unet)


def test_the_rate_rises_stays_and_falls():
    config = Config(steps=100, warm_up=10, cool_down=0.3)
    factors = [rate_factor(step, config) for step in range(100)]
    assert factors[:2] == pytest.approx([0.1, 0.2])
    assert factors[10:70] == [1.0] * 60
    assert factors[-1] == pytest.approx(1 / 30)
    assert {rate_factor(step, Config()) for step in range(0, 35_000, 500)} == {1.0}


def test_soft_dice_is_the_v_net_form():
    p, mask = torch.tensor([0.2, 0.9, 0.6]), torch.tensor([0.0, 1.0, 1.0])
    foreground = 2 * 1.5 / (0.04 + 0.81 + 0.36 + 2)
    background = 2 * 0.8 / (0.64 + 0.01 + 0.16 + 1)
    assert soft_dice(p, mask).item() == pytest.approx((foreground + background) / 2, abs=1e-5)
    assert soft_dice(mask, mask).item() == pytest.approx(1)


def test_slices_know_their_own_scan_and_are_padded_to_one_size():
    volumes, masks = scans(count=1, size=(32, 40))
    small, small_masks = scans(count=1, size=(28, 40))
    slices = Slices(volumes + small, masks + small_masks, channels=3)
    assert len(slices) == 12
    images, regions = slices[torch.tensor([5, 6])]
    assert images.shape == (2, 3, 32, 40)
    assert regions.shape == (2, 1, 32, 40)
    assert torch.equal(images[0, 1], images[0, 2])  # the last slice of the first scan is its own neighbour
    assert torch.equal(images[1, 0], images[1, 1])
    assert torch.equal(images[1, 1, 0], images[1, 1, 3])  # two rows of margin, mirrored


def test_the_papers_protocol_is_the_papers():
    paper = PROTOCOLS["paper"]
    assert (paper.steps, paper.epoch, paper.batch, paper.rate) == (100 * 350, 350, 4, 0.001)
    assert paper.augmentation == ("paper",)
    assert (paper.dice, paper.ema, paper.weight_decay, paper.cool_down, paper.precision) == (0, 0, 0, 0, "fp32")
    assert Trainer(Slices(*scans()), paper).unet.config == UNet().config
