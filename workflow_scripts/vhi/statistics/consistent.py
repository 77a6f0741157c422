"""Do published counts of responders fit together: every table that would give them (paper, section 3.5)."""

from collections.abc import Iterator, Mapping
from itertools import product


def consistent_tables(counts: Mapping[str, int]) -> list[dict[str, int]]:
    """Find every 2 x 2 x 2 table of clinical, V_HI and SPARCC response with given counts.

    Parameters
    ----------
    counts : mapping of str to int
        ``n``, ``clinical`` (responders), and any of: ``vhi_yes sparcc_yes`` (of them, responders by V_HI, by SPARCC),
        ``vhi_no sparcc_no`` (of the non-responders, non-responders by each), ``vhi_clinical sparcc_clinical vhi_sparcc``
        (subjects on whom two agree).

    Returns
    -------
    list of dict
        Cells ``ccc`` with c in ``+-`` for clinical, V_HI and SPARCC, e.g. ``++-``; none if the counts contradict each other.
    """
    responders, found = counts["clinical"], []
    yes = [
        cells
        for cells in _splits(responders, "+")
        if _fits(counts, vhi_yes=cells["+++"] + cells["++-"], sparcc_yes=cells["+++"] + cells["+-+"])
    ]
    no = [
        cells
        for cells in _splits(counts["n"] - responders, "-")
        if _fits(counts, vhi_no=cells["--+"] + cells["---"], sparcc_no=cells["-+-"] + cells["---"])
    ]
    for cells in (of_yes | of_no for of_yes, of_no in product(yes, no)):
        agree = {
            name: sum(count for cell, count in cells.items() if cell[i] == cell[j])
            for name, i, j in (("vhi_clinical", 0, 1), ("sparcc_clinical", 0, 2), ("vhi_sparcc", 1, 2))
        }
        if _fits(counts, **agree):
            found.append(cells)
    return found


def _splits(total: int, clinical: str) -> Iterator[dict[str, int]]:
    """Every way to split subjects of one clinical response by V_HI and SPARCC response."""
    for cells in product(range(total + 1), repeat=3):
        if sum(cells) <= total:
            names = (f"{clinical}{vhi}{sparcc}" for vhi, sparcc in product("+-", repeat=2))
            yield dict(zip(names, (*cells, total - sum(cells)), strict=True))


def _fits(counts: Mapping[str, int], **found: int) -> bool:
    return all(counts.get(name, value) == value for name, value in found.items())
