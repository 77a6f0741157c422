# Batches of scans: which jobs of a rule run in one process, and what the rule declares for all of them.

from types import SimpleNamespace


def batched_rules():
    """Rules that may run in batches, and the wildcards of their jobs: those that the study's targets need."""
    limited = scans_with("stir", "normal_bone")
    scans = {
        "normal_bone_intensities": limited,
        "limits": limited,
        "segment_disease_region": segmentable(),
        "choose_disease_region": [scan for scan in SCANS if has_region(scan)],
        "threshold_inflammation": measurable(),
        "drop_small_regions": measurable(),
        "preliminary_stability": measurable(),
    }
    if CONFIG["simulation"]:
        read = {method: {scan for scan, *_, how in READINGS if how == method} for method in ("manual", "semiautomatic")}
        scans |= {
            "simulate_scan": SCANS,
            "simulate_drawing": [scan for scan in SCANS if scan in read["manual"]],
            "simulate_cleaning": [scan for scan in measurable() if scan in read["semiautomatic"]],
        }
    jobs = {rule: [{"scan": scan} for scan in of] for rule, of in scans.items()}
    return jobs | {"ingest_cleaned_mask": [dict(zip(("scan", "reader", "trial"), key)) for key in cleaned_readings()]}


def scans_per_job():
    """How many scans a job works on; the command line, where a profile may stand, wins over the study's config."""
    given = config.get("scans_per_job", CONFIG["scans_per_job"])
    if not isinstance(given, int) or given < 1:
        raise WorkflowError(f"--config scans_per_job={given}: expected a whole number from 1")
    return given


def batches():
    """Every batch of the study; none where a job is for one scan."""
    size = scans_per_job()
    for rule, jobs in batched_rules().items() if size > 1 else ():
        for start in range(0, len(jobs), size):
            yield Batch(rule, start // size + 1, jobs[start : start + size])


class Batch:
    """Several jobs of one rule. Files are passed on by their place in the batch's lists, which keeps the records short."""

    def __init__(self, rule, number, jobs):
        declared = getattr(rules, rule).rule.ruleinfo
        self.step, self.name = rule, f"{rule}_batch_{number}"
        self.script = SCRIPTS / Path(declared.script).name
        self.log = f"<logs>/{self.script.stem}/batch-{number}.log"
        self.conda, self.threads, self.resources = declared.conda_env, declared.threads, declared.resources[1]
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
            for job, one, other in zip(jobs, places(inputs, self.inputs), places(outputs, self.outputs))
        ]


def for_job(declared, job):
    """What a rule declares, for the wildcards of one job."""
    if isinstance(declared, dict):
        return {name: for_job(item, job) for name, item in declared.items()}
    if isinstance(declared, str):
        return declared.format(**job)
    if callable(declared):
        return declared(SimpleNamespace(**job))  # may name a file with braces, which are no wildcards
    return [for_job(item, job) for item in declared]


def flat(files):
    """Every file in lists and dicts of any depth, in order."""
    if isinstance(files, str):
        yield files
    else:
        for item in files.values() if isinstance(files, dict) else files:
            yield from flat(item)


def places(files, of):
    """Files by their places in a list, in lists and dicts of any depth."""
    place = {file: number for number, file in enumerate(of)}

    def placed(item):
        if isinstance(item, dict):
            return {name: placed(one) for name, one in item.items()}
        return place[item] if isinstance(item, str) else [placed(one) for one in item]

    return placed(files)


def summary(values, name):
    """Values of a wildcard in a few words."""
    distinct = list(dict.fromkeys(values))
    return distinct[0] if len(distinct) == 1 else f"{len(distinct)} {name}s ({distinct[0]} to {distinct[-1]})"
