"""The published network, from its description."""

import torch
from torch import nn


class Published(nn.Module):
    """The published network written anew, layer by layer, with the names of its weights."""

    def __init__(self, levels=4, filters=16):
        super().__init__()

        def twice(n_in, n_out):
            block = nn.Module()
            block.convblock = nn.Sequential(
                nn.Conv2d(n_in, n_out, 3, padding=1),
                nn.BatchNorm2d(n_out),
                nn.ReLU(),
                nn.Conv2d(n_out, n_out, 3, padding=1),
                nn.BatchNorm2d(n_out),
                nn.ReLU(),
            )
            return block

        self.down_path, self.up_path = nn.ModuleList(), nn.ModuleList()
        n = 1
        for level in range(levels):
            self.down_path.append(twice(n, filters * 2**level))
            n = filters * 2**level
        for level in reversed(range(levels - 1)):
            up = nn.Module()
            up.UpBlock = nn.Sequential(
                nn.Upsample(mode="bilinear", scale_factor=2, align_corners=True), nn.Conv2d(n, filters * 2**level, 1)
            )
            up.ConvBlock = twice(n, filters * 2**level)
            self.up_path.append(up)
            n = filters * 2**level
        self.last_layer = nn.Conv2d(n, 1, 1)

    def forward(self, x):
        skips = []
        for i, down in enumerate(self.down_path):
            x = down.convblock(x)
            if i < len(self.down_path) - 1:
                skips.append(x)
                x = nn.functional.max_pool2d(x, 2)
        for up, skip in zip(self.up_path, reversed(skips), strict=True):
            x = up.ConvBlock.convblock(torch.cat([up.UpBlock(x), skip], 1))
        return self.last_layer(x)
