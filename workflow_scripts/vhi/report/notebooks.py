"""Executed notebooks as self-contained HTML."""

import base64
import io

import nbformat
from nbconvert import HTMLExporter
from PIL import Image
from pygments.formatters import HtmlFormatter

from vhi.figures.style import in_256_colours
from vhi.report.html import render

JOB = "snakemake-job-properties"


def notebook_page(text: str, title: str) -> str:
    """Make a page of an executed notebook, without the cell that Snakemake puts first.

    Parameters
    ----------
    text : str
        The notebook as JSON.
    title : str

    Returns
    -------
    str
        HTML that needs nothing from elsewhere: nbconvert's own templates load scripts from the net.
    """
    notebook = nbformat.reads(text, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if JOB not in cell.metadata.get("tags", [])]
    for cell in notebook.cells:
        for data in (output.get("data", {}) for output in cell.get("outputs", [])):
            if "image/png" in data:
                data["image/png"] = _small(data["image/png"])
    body, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    colours = HtmlFormatter(style="default").get_style_defs(".highlight")
    return render("notebook.html", title=title, colours=colours, body=body)


def _small(picture: str) -> str:
    """A PNG in 256 colours, base64: with those of Jupyter a page grows beyond what a browser opens within a report."""
    buffer = io.BytesIO()
    in_256_colours(Image.open(io.BytesIO(base64.b64decode(picture)))).save(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()
