"""Figures fit for print and for a report: sizes of text, broken lines, few colours."""

import re
import textwrap

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

SMALLEST_TEXT = 7  # points, in print
TERM = re.compile(r"\w*\([^()]{1,16}\)|slice \d+(?: of \d+)?|\w+ = \S+|\d+ (?:%|ml|mm³|scans|slices|subjects)")
"""What stays on one line: log(voxels + 1), slice 3, n = 12."""


def fit_text(figure: Figure) -> None:
    """Make text fit for print: none is smaller than `SMALLEST_TEXT`, and titles and labels are broken where their axes end."""
    for text in figure.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), SMALLEST_TEXT))
    if figure.get_supxlabel():
        words = figure.get_supxlabel()
        figure.supxlabel(_broken(words, figure.get_figwidth() * 72, SMALLEST_TEXT), fontsize=SMALLEST_TEXT)
    if figure.get_layout_engine() is None:
        return
    figure.draw_without_rendering()
    for ax in figure.axes:
        width, height = ax.get_window_extent().size * 72 / figure.dpi
        for text, room in ((ax.title, width), (ax.xaxis.label, width), (ax.yaxis.label, height)):
            text.set_text(_broken(text.get_text(), room + 12, text.get_fontsize()))


def _broken(words: str, room: float, size: float) -> str:
    """Break lines that are longer than so many points, but no `TERM`; a letter is about half as wide as high.

    Examples
    --------
    >>> print(_broken("SPARCC of scan a, slice 12, against log(voxels + 1)", 90, 7))
    SPARCC of scan a,
    slice 12, against
    log(voxels + 1)
    """
    letters = max(12, int(room / (0.53 * size)))
    kept = TERM.sub(lambda term: term[0].replace(" ", "\N{NO-BREAK SPACE}"), words)
    lines = [textwrap.wrap(line, letters, break_long_words=False) for line in kept.split("\n")]
    return "\n".join("\n".join(line) for line in lines).replace("\N{NO-BREAK SPACE}", " ")


def in_256_colours(image: Image.Image) -> Image.Image:
    """Reduce an image to 128 greys and 128 colours of its own: a third of the bytes, so that a report holds a cohort.

    Greys and colours are reduced apart, for scans are nearly all grey and the few yellow pixels on them are what counts.
    """
    pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    grey = np.ptp(pixels, axis=1) <= 6
    index = np.rint(pixels.mean(axis=1) * (127 / 255)).astype(np.uint8)
    palette = np.zeros((256, 3), np.uint8)
    palette[:128] = np.rint(np.linspace(0, 255, 128))[:, None]
    if not grey.all():
        reduced = Image.fromarray(pixels[~grey][None]).quantize(128, Image.Quantize.MAXCOVERAGE)
        colours = np.array(reduced.getpalette(), np.uint8).reshape(-1, 3)[:128]
        palette[128 : 128 + len(colours)] = colours
        index[~grey] = 128 + np.asarray(reduced)[0]
    out = Image.fromarray(index.reshape(image.height, image.width))
    out.putpalette(palette.tobytes())
    return out
