"""Items of a study by scan."""

from collections.abc import Iterable


class ByScan:
    """Items found by their scan without a look at all of them, which large cohorts ask for scan by scan.

    Parameters
    ----------
    items : iterable of (str, object)
        Scan and item.
    """

    def __init__(self, items: Iterable[tuple[str, object]]):
        self.places: dict[str, list[int]] = {}
        self.items = []
        for place, (scan, item) in enumerate(items):
            self.places.setdefault(scan, []).append(place)
            self.items.append(item)

    def of(self, scans: Iterable[str]) -> list:
        """Items of these scans, in their order among all."""
        return [
            self.items[place] for place in sorted(place for scan in set(scans) for place in self.places.get(scan, ()))
        ]
