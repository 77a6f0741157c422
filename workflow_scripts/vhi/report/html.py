"""All HTML of the project, and its longer texts, are made from the templates beside this module.

Whatever is filled in is escaped, but in plain text (.txt, .tsv).
"""

from functools import cache
from pathlib import Path

import jinja2


def templates_of(folder: Path) -> jinja2.Environment:
    """Load the templates of a folder."""
    escape = jinja2.select_autoescape(disabled_extensions=("txt", "tsv"), default=True)
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=escape, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip


@cache
def templates() -> jinja2.Environment:
    """Load the templates beside this module once."""
    return templates_of(Path(__file__).parent / "templates")


def render(template: str, **values: object) -> str:
    """Fill in a template.

    Parameters
    ----------
    template : str
        Name of a file in ``templates/``.
    **values
        What it names.

    Returns
    -------
    str
        HTML that needs nothing from elsewhere, or plain text.
    """
    return templates().get_template(template).render(values)
