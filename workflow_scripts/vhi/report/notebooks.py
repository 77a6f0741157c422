"""Executed notebooks as self-contained HTML."""

import base64
import html
import io

import nbformat
from nbconvert import HTMLExporter
from PIL import Image
from pygments.formatters import HtmlFormatter

from vhi.figures.style import in_256_colours

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 62em; margin: 2em auto; padding: 0 1em; }
img { max-width: 100%; height: auto; } pre { white-space: pre-wrap; background: #f6f6f6; padding: .5em .8em; font-size: 13px; }
.jp-OutputArea-output pre, .output pre { background: none; } .jp-InputPrompt, .jp-OutputPrompt, .anchor-link { display: none; }
table { border-collapse: collapse; font-size: 13px; } td, th { padding: .2em .6em; text-align: right; border-bottom: 1px solid #ddd; }
"""
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
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{STYLE}{colours}</style></head><body>\n{body}\n</body></html>\n"
    )


def _small(picture: str) -> str:
    """A PNG in 256 colours, base64: with those of Jupyter a page grows beyond what a browser opens within a report."""
    buffer = io.BytesIO()
    in_256_colours(Image.open(io.BytesIO(base64.b64decode(picture)))).save(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()
