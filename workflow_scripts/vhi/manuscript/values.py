"""Numbers of a study's tables as an article prints them: each names the table, the row and the column that it comes from."""

import math
import re
from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

OPEN = Markup("<mark>[not available]</mark>")
"""What is printed in place of a number that no table gives."""


class Row:
    """One row of a table; every number that is printed of it says where it stands.

    Parameters
    ----------
    path : str
        Of the table, as readers find it.
    number : int
        Line of the row in its file, the header being line 1.
    cells : mapping
        Value by column.
    """

    def __init__(self, path: str, number: int, cells: Mapping):
        self.path, self.number, self.cells = path, number, cells

    def raw(self, column: str) -> object:
        """Value of a cell; None where it is empty or the table has no such column."""
        value = self.cells.get(column)
        return None if value is None or pd.isna(value) else value

    def __call__(self, column: str, decimals: int = 0, factor: float = 1) -> Markup:
        """Print a cell: a number with so many decimals after multiplication by a factor, text as it is."""
        value = self.raw(column)
        if value is None:
            return OPEN
        printed = rounded(value) if isinstance(value, str) else shown(value * factor, decimals)
        return Markup('<span class="value" title="{}, line {}, {}">{}</span>').format(
            self.path, self.number, column, printed
        )

    def ci(self, column: str, decimals: int = 0, low: str = "ci_low", high: str = "ci_high") -> Markup:
        """Print an estimate with its interval, as ``1.2 (95 % CI 0.3 to 2.1)``; without one, the estimate and "no interval"."""
        if self.raw(low) is None or self.raw(high) is None:
            return self(column, decimals) + ("" if self.raw(column) is None else " (no interval)")
        return Markup("{} (95 % CI {} to {})").format(self(column, decimals), self(low, decimals), self(high, decimals))

    def side(self, low: str = "ci_low", high: str = "ci_high", null: float = 0) -> str:
        """Say on which side of a value an interval lies: ``above``, ``below``, ``both`` or ``unknown`` (no interval)."""
        ends = self.raw(low), self.raw(high)
        if None in ends:
            return "unknown"
        return "above" if ends[0] > null else "below" if ends[1] < null else "both"


def shown(value: float, decimals: int) -> str:
    """Print a number for a reader: thousands apart; in powers of ten where it is too large to be read."""
    return f"{value:.1e}" if abs(value) >= 1e7 else f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def rounded(text: str) -> str:
    """Print a text as it is, but a number in it that has more digits than anybody reads to three of them.

    Examples
    --------
    >>> rounded("1.3923999999999999"), rounded("0.05"), rounded("-4119"), rounded("60, 100")
    ('1.39', '0.05', '-4119', '60, 100')
    """
    if not re.fullmatch(r"-?\d+\.\d{4,}(e-?\d+)?", text):
        return text
    value = float(text)
    return shown(value, 0 if value.is_integer() else max(0, 2 - math.floor(math.log10(abs(value)))))


class Values:
    """Tables of a study by name, from which templates take rows.

    Parameters
    ----------
    tables : mapping of str to (str, DataFrame)
        Path and table.
    """

    def __init__(self, tables: Mapping[str, tuple[str, pd.DataFrame]]):
        self.tables = tables

    def rows(self, name: str, **where: object) -> list[Row]:
        """Rows with these values in these columns, in the order of the table; none where the study has no such table.

        Raises
        ------
        KeyError
            Of a column that the table has not: a template asks for what was renamed.
        """
        if name not in self.tables:
            return []
        path, table = self.tables[name]
        for column, value in where.items():
            table = table[table[column].astype(str) == str(value)]
        return [
            Row(path, int(index) + 2, cells) for index, cells in zip(table.index, table.to_dict("records"), strict=True)
        ]

    def row(self, name: str, **where: object) -> Row | None:
        """Give the first such row; None without."""
        return next(iter(self.rows(name, **where)), None)
