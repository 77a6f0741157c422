"""Results as a BIDS derivative dataset: names, sidecars, description."""

import re

from vhi.io.errors import InputError

VERSION = "1.9.0"  # of BIDS
WORKFLOW = "V_HI workflow"
PAPER = "https://doi.org/10.1371/journal.pone.0284508"


def label(name: str) -> str:
    """A BIDS label: letters and digits of a name."""
    return re.sub(r"[^A-Za-z0-9]", "", name)


def check_labels(subjects: set[str]) -> None:
    """Raise `InputError` where two subjects would have one label."""
    seen: dict[str, str] = {}
    for subject in sorted(subjects):
        if seen.setdefault(label(subject), subject) != subject:
            raise InputError(
                f"subjects {seen[label(subject)]} and {subject} would both be sub-{label(subject)} in BIDS, which knows letters and "
                "digits only; rename one in scans.tsv"
            )


def stem(subject: str, session: str, description: str, suffix: str, acquisition: str = "") -> str:
    """Path of a derivative within its dataset, without ending."""
    sub, ses = f"sub-{label(subject)}", f"ses-{label(session)}"
    entities = [sub, ses, *([f"acq-{acquisition}"] if acquisition else []), f"desc-{label(description)}", suffix]
    return f"{sub}/{ses}/anat/{'_'.join(entities)}"


def generated_by(version: str) -> list[dict]:
    """Who made it, as BIDS wants it."""
    return [{"Name": WORKFLOW, "Version": version, "Description": f"Rules of the workflow, after {PAPER}"}]


def sidecar(description: str, sources: list[str], version: str, rule: str, mask: bool) -> dict:
    """Sidecar of a mask or a segmentation.

    Parameters
    ----------
    description : str
    sources : list of str
        BIDS URIs; the first is the image whose grid it has.
    version : str
        Of the workflow.
    rule : str
        That made it.
    mask : bool
        Whether it is a mask; else a segmentation with labels.
    """
    made = generated_by(version)
    made[0]["Description"] = f"Rule {rule}, after {PAPER}"
    content = {"Description": description, "Sources": sources, "SpatialReference": sources[0], "GeneratedBy": made}
    return content | ({"Type": "ROI"} if mask else {"Manual": False})


def dataset_description(title: str, version: str, data: str) -> dict:
    """Content of ``dataset_description.json``; `data` is where the scans are, relative to the dataset, or an address."""
    return {
        "Name": f"{title}: segmentations of inflammation",
        "BIDSVersion": VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": generated_by(version),
        "DatasetLinks": {"scans": data},
        "HowToAcknowledge": f"Cite {PAPER}",
    }
