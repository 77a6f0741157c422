"""Several scans in one process: what a script is given for each of them."""

from collections.abc import Sequence


class Named(list):
    """Items in order, some of them by name as well: what a script takes for its input, output, params or wildcards.

    Parameters
    ----------
    items : dict or sequence
        Named items, or items without names.
    """

    def __init__(self, items: dict | Sequence):
        named = items if isinstance(items, dict) else {}
        super().__init__(named.values() if named else items)
        self.__dict__.update(named)

    def __getitem__(self, item: int | slice | str) -> object:
        """Item at a place, or of a name."""
        return self.__dict__[item] if isinstance(item, str) else super().__getitem__(item)

    def get(self, name: str, default: object = None) -> object:
        """Item of this name, or the default."""
        return self.__dict__.get(name, default)


def files_at(places: object, files: Sequence[str]) -> object:
    """Replace places in a list of files by the files, in lists and dicts of any depth.

    Parameters
    ----------
    places : int, list or dict
        Indices into `files`.
    files : sequence of str
        All files of a batch.

    Returns
    -------
    str, list or dict
        In the form of `places`.
    """
    if isinstance(places, dict):
        return {name: files_at(place, files) for name, place in places.items()}
    if isinstance(places, list):
        return [files_at(place, files) for place in places]
    return files[places]
