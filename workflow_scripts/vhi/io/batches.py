"""Several scans in one process: what a script is given for each of them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace


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


def batches_of(jobs: dict[str, list[dict]], size: int) -> Iterator[tuple[str, int, list[dict]]]:
    """Cut the jobs of each rule into batches; none where a job is for one scan.

    Parameters
    ----------
    jobs : dict of list of dict
        Wildcards of the jobs that may run together, by rule.
    size : int
        Jobs in a batch.

    Yields
    ------
    (rule, number, jobs)
        Numbered from 1.
    """
    for rule, of_rule in jobs.items() if size > 1 else ():
        for start in range(0, len(of_rule), size):
            yield rule, start // size + 1, of_rule[start : start + size]


class Batch:
    """Several jobs of one rule. Files are passed on by their place in the batch's lists, which keeps the records short.

    Parameters
    ----------
    rule : str
    number : int
    jobs : list of dict
        Wildcards of each job.
    declared : RuleInfo
        What the rule declares, as Snakemake keeps it.
    """

    def __init__(self, rule: str, number: int, jobs: list[dict], declared: object):
        self.step, self.name, self.script = rule, f"{rule}_batch_{number}", Path(declared.script).name
        self.log = f"<logs>/{Path(self.script).stem}/batch-{number}.log"
        self.conda, self.threads = declared.conda_env, declared.threads or 1
        self.resources = declared.resources[1] if declared.resources else {}
        wildcards = {key: summary([job[key] for job in jobs], key) for key in jobs[0]}
        self.message = declared.message.format(wildcards=SimpleNamespace(**wildcards))
        inputs = [for_job(declared.input.kwpaths, job) for job in jobs]
        outputs = [for_job(declared.output.kwpaths or list(flat(declared.output.paths)), job) for job in jobs]
        self.inputs, self.outputs = list(dict.fromkeys(flat(inputs))), list(flat(outputs))
        params = declared.params[1] if declared.params else {}
        of_each = {name: value for name, value in params.items() if callable(value)}
        self.params = {name: value for name, value in params.items() if not callable(value)}
        self.params["batch"] = [
            {"wildcards": job, "input": one, "output": other, "params": for_job(of_each, job)}
            for job, one, other in zip(jobs, places(inputs, self.inputs), places(outputs, self.outputs), strict=True)
        ]


def for_job(declared: dict | str | Sequence | Callable, job: dict) -> object:
    """Fill in what a rule declares for the wildcards of one job."""
    if isinstance(declared, dict):
        return {name: for_job(item, job) for name, item in declared.items()}
    if isinstance(declared, str):
        return declared.format(**job)
    if callable(declared):
        return declared(SimpleNamespace(**job))  # may name a file with braces, which are no wildcards
    return [for_job(item, job) for item in declared]


def flat(files: str | dict | Sequence) -> Iterator[str]:
    """Give every file in lists and dicts of any depth, in order."""
    if isinstance(files, str):
        yield files
    else:
        for item in files.values() if isinstance(files, dict) else files:
            yield from flat(item)


def places(files: object, of: Sequence[str]) -> object:
    """Replace files by their places in a list, in lists and dicts of any depth."""
    place = {file: number for number, file in enumerate(of)}

    def placed(item):
        if isinstance(item, dict):
            return {name: placed(one) for name, one in item.items()}
        return place[item] if isinstance(item, str) else [placed(one) for one in item]

    return placed(files)


def summary(values: Sequence[str], name: str) -> str:
    """Say the values of a wildcard in a few words."""
    distinct = list(dict.fromkeys(values))
    return distinct[0] if len(distinct) == 1 else f"{len(distinct)} {name}s ({distinct[0]} to {distinct[-1]})"
