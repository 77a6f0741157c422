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


def mapped(tree: object, change: Callable) -> object:
    """Change every item in lists and dicts of any depth; the form stays.

    Examples
    --------
    >>> mapped({"t1w": 0, "masks": [1, 0]}, ["a.nii", "b.nii"].__getitem__)
    {'t1w': 'a.nii', 'masks': ['b.nii', 'a.nii']}
    """
    if isinstance(tree, dict):
        return {name: mapped(item, change) for name, item in tree.items()}
    if isinstance(tree, (str, int)) or callable(tree):
        return change(tree)
    return [mapped(item, change) for item in tree]


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
        inputs = [inputs_of(declared.input, job) for job in jobs]
        outputs = [for_job(declared.output.kwpaths or list(flat(declared.output.paths)), job) for job in jobs]
        self.inputs, self.outputs = list(dict.fromkeys(flat(inputs))), list(flat(outputs))
        place_in = {file: place for place, file in enumerate(self.inputs)}
        place_out = {file: place for place, file in enumerate(self.outputs)}
        params = declared.params[1] if declared.params else {}
        of_each = {name: value for name, value in params.items() if callable(value)}
        self.params = {name: value for name, value in params.items() if not callable(value)}
        self.params["batch"] = [
            {
                "wildcards": job,
                "input": mapped(one, place_in.__getitem__),
                "output": mapped(other, place_out.__getitem__),
                "params": for_job(of_each, job),
            }
            for job, one, other in zip(jobs, inputs, outputs, strict=True)
        ]


def for_job(declared: dict | str | Sequence | Callable, job: dict) -> object:
    """Fill in what a rule declares for the wildcards of one job."""
    # What a function gives may be a file with braces, which are no wildcards.
    return mapped(declared, lambda item: item(SimpleNamespace(**job)) if callable(item) else item.format(**job))


def inputs_of(declared: object, job: dict) -> dict:
    """Input of one job by name, with what an unpacked function gives; files of code have no name."""
    named = for_job(declared.kwpaths, job)
    for item in declared.paths:
        if unpacked := getattr(item, "callable", None):  # where Snakemake keeps the function
            named |= unpacked(SimpleNamespace(**job))
    return named


def flat(files: str | dict | Sequence) -> Iterator[str]:
    """Give every file in lists and dicts of any depth, in order."""
    if isinstance(files, str):
        yield files
    else:
        for item in files.values() if isinstance(files, dict) else files:
            yield from flat(item)


def summary(values: Sequence[str], name: str) -> str:
    """Say the values of a wildcard in a few words."""
    distinct = list(dict.fromkeys(values))
    return distinct[0] if len(distinct) == 1 else f"{len(distinct)} {name}s ({distinct[0]} to {distinct[-1]})"
