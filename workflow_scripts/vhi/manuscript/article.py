"""A study as an article, in the order of the paper: text, tables, figures, references and checklists from the study's results."""

import base64
import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from vhi.manuscript.values import OPEN, Values
from vhi.report.html import templates_of

HERE = Path(__file__).parent / "templates"


@cache
def lines_of(name: str) -> list[dict[str, str]]:
    """Read a table of the templates."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


class References:
    """Number references in the order in which the text cites them."""

    def __init__(self):
        self.texts = {row["key"]: row["text"] for row in lines_of("references.tsv")}
        self.cited: list[str] = []

    def cite(self, *keys: str) -> str:
        """Print the numbers of references in brackets."""
        for key in keys:
            if key not in self.texts:
                raise KeyError(f"{HERE / 'references.tsv'}: no reference '{key}'")
            if key not in self.cited:
                self.cited.append(key)
        return f"[{', '.join(str(self.cited.index(key) + 1) for key in keys)}]"

    def listed(self) -> list[str]:
        """Texts of what was cited, in the order of their numbers."""
        return [self.texts[key] for key in self.cited]


def claims_of(values: Values, *sections: str) -> list:
    """Rows of the claims on these sections of the paper; with none named, those on no section that the article has."""
    known = ("2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6")
    rows = values.rows("claims")
    if sections:
        return [row for row in rows if str(row.raw("section")).startswith(sections)]
    return [row for row in rows if not str(row.raw("section")).startswith(known)]


def counted(values: Values, name: str, **where: object) -> Markup:
    """Print how many rows of a table have these values in these columns."""
    path = values.tables[name][0]
    said = ", ".join(f"{column} = {value}" for column, value in where.items())
    rows = f"rows with {said}" if said else "rows"
    return Markup('<span class="value" title="{}, {}">{}</span>').format(path, rows, len(values.rows(name, **where)))


def embedded(png: bytes) -> str:
    """Give a picture as a data address, so that the article is one file."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def article(
    facts: Mapping,
    tables: Mapping[str, tuple[str, pd.DataFrame]],
    methods: str,
    figures: Sequence[Mapping[str, object]],
) -> str:
    """Write the article.

    Parameters
    ----------
    facts : mapping
        ``title simulated imaged readers sessions session rule networks version``, as `vhi.study.plan_manuscript` gives them.
    tables : mapping of str to (str, DataFrame)
        Path and table by name, of those that the study has (`vhi.study.plan_manuscript`).
    methods : str
        Text of report/methods.txt; "" without.
    figures : sequence of mapping
        ``name path caption png``, in the order in which they appear.

    Returns
    -------
    str
        HTML that needs nothing from elsewhere.
    """
    values, references = Values(tables), References()
    environment = templates_of(HERE)
    paragraphs = dict(part.partition("\n")[::2] for part in methods.strip().split("\n\n") if part)
    numbered = {
        str(one["name"]): dict(one) | {"number": number, "src": embedded(one["png"])}
        for number, one in enumerate(figures, 1)
    }
    environment.globals |= dict(facts) | {
        "row": values.row, "rows": values.rows, "cite": references.cite, "figures": numbered, "methods": paragraphs,
        "open": OPEN, "claims_of": lambda *sections: claims_of(values, *sections), "references": references.listed,
        "authors": lambda what: Markup("<mark>[authors: {}]</mark>").format(what),
        "counted": lambda name, **where: counted(values, name, **where),
        "claim_items": lines_of("claim.tsv"), "grras_places": {line["item"]: line["place"] for line in lines_of("grras.tsv")},
        "css": Markup((HERE / "article.css").read_text(encoding="utf-8")),
    }  # fmt: skip
    return environment.get_template("article.html").render()
