"""Guidelines for Reporting Reliability and Agreement Studies: the 15 items, filled in as far as a workflow can know.

Kottner J et al. J Clin Epidemiol 2011; 64: 96-106.
"""

from collections.abc import Mapping

import pandas as pd

from vhi.report.html import render
from vhi.report.methods import said

COLUMNS = ["item", "section", "asked", "this_study", "where"]


def grras_table(config: Mapping, counts: Mapping, main_numbers: str) -> pd.DataFrame:
    """Fill in the 15 items.

    Parameters
    ----------
    config : mapping
        The study's config, defaults filled in.
    counts : mapping
        As `vhi.report.methods.methods_paragraphs` takes them.
    main_numbers : str
        From `vhi.report.results.results_paragraph`.

    Returns
    -------
    DataFrame
        ``item section asked this_study where``: what this study says, in which of its results, or that the authors have to
        write it.
    """
    text = render("grras.tsv", main_numbers=main_numbers, **said(config, counts))
    rows = [line.split("\t") for line in text.rstrip("\n").split("\n")]
    return pd.DataFrame([(number, *row) for number, row in enumerate(rows, 1)], columns=COLUMNS)
