"""All HTML of the project is made from the templates beside this module; whatever is filled in is escaped."""

from functools import cache
from pathlib import Path

import jinja2


@cache
def templates() -> jinja2.Environment:
    """Load the templates once."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    return jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )


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
        HTML that needs nothing from elsewhere.
    """
    return templates().get_template(template).render(values)
