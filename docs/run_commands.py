"""Run every command of README and docs in a copy of the checkout (make docs-test).

The demo stands in for the user's study: NAME is the demo, `mystudy` a cohort of three of its scans as loose NIfTI files, with the
demo's networks in place of the published ones. The public scans are those of VHI_DATA, or of shared/bone_mri beside the checkout;
what needs them is left out where they are absent. Commands are taken from blocks that open with ```sh and, where they name a
study, from the text; `LEFT_OUT` says which are not run, and why. That their targets and variables exist is tested for all of them
(tests/test_docs.py).
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOT_COPIED = (".git", ".venv", "results", ".snakemake", "build", "data", ".pytest_cache", ".ruff_cache", "__pycache__")
DATA = Path(os.environ.get("VHI_DATA", ROOT.parent / "shared" / "bone_mri")).resolve()
LIMIT_S = 3600
STAND_INS = (  # what the docs say, and what is there in its place
    (r"STUDY=(NAME|<study>|\.\.\.)", "STUDY=demo"),
    (r"mycohort", "mystudy"),
    (r"(/data/bids|path/to/scans)", "build/loose"),
    (r"(path/to/Bone_MRI|\bDIR\b)", str(DATA)),
    (r"make (run|compare) (?:STUDY=mystudy )?(VARIANT|B)=mine", r"make \1 STUDY=demo \2=mychange"),
    (r"^(make index \S+ \S+)$", r"\1 YES=1"),  # nobody is there to answer
)
LEFT_OUT = (
    (r"make (test|docs-test|setup)\b", "runs all of this, or what runs it"),
    (r"make (lock|simulated-tables|docs)\b", "changes the checkout; tests compare what it writes"),
    (r"make (test-\w+|scale|coverage)\b", "a campaign of its own"),
    (r"WORK/", "a walk that was measured once"),
    (r"\.\./data/", "a bundle unpacked on another computer has it"),
    (r"make bundle\b", "fetches every package; tests/test_bundle.py does, from packages of its own"),
    (r"make paper$", "downloads the public scans; tests/test_download.py does, from a server on loopback"),
    (r"make paper-train\b", "takes 30 minutes to days"),
    (r"make read\b", "serves until it is stopped; tests/test_reading_server.py does"),
    (r"simulated@?", "takes half an hour"),
    (r"profiles/slurm", "needs a cluster; make test-slurm has one"),
)


def commands_of(text: str) -> list[str]:
    """List the commands of a page, in order: those of its blocks, and those of its text that name a study.

    Parameters
    ----------
    text : str
        Markdown. A line that ends with a backslash goes on in the next one; what follows " #" is a comment; `;` and `&&` part
        commands.
    """
    found = []
    for block, inline in re.findall(r"^```sh\n(.*?)^```|`(make [a-z][^`\n]*=[^`\n]*)`", text, re.S | re.M):
        for line in re.sub(r" *\\\n\s*", " ", block or inline).splitlines():
            command = re.split(r"(?:^|\s+)#", line, maxsplit=1)[0]
            found += [part.strip() for part in re.split(r"\s+(?:;|&&)\s+", command) if part.strip()]
    return [re.sub(r" \[.*\]", "", command) for command in found]  # without [what may be left out]


def makefile_names(text: str) -> tuple[set[str], set[str]]:
    """Targets and variables of a Makefile."""
    targets = set(re.findall(r"^([a-z][\w-]*):(?!=)", text, re.M))
    variables = set(re.findall(r"\$\((?:if \$\()?([A-Z_]+)\)", text)) | set(
        re.findall(r"^([A-Z_]+) *[?:]?=", text, re.M)
    )
    return targets, variables


def checked(command: str, targets: set[str], variables: set[str]) -> str:
    """Say what is wrong with a command; "" where nothing is, or where it is none of make's."""
    words = command.split()
    if words[0] != "make":
        return ""
    for word in words[1:]:
        name, is_setting, _ = word.partition("=")
        if is_setting and name not in variables:
            return f"no variable '{name}'"
        if not is_setting and not word.startswith("-") and name not in targets:
            return f"no target '{name}'"
    return ""


def as_run(command: str) -> tuple[str, str]:
    """Put what is there in place of what the docs name; give the command, and why it is not run ("" where it is)."""
    for pattern, there in STAND_INS:
        command = re.sub(pattern, there, command)
    why = next((why for pattern, why in LEFT_OUT if re.search(pattern, command)), "")
    if not why and str(DATA) in command and not DATA.is_dir():
        why = f"the public scans are not in {DATA}"
    return command, why


def prepare(copy: Path) -> None:
    """Make of a finished demo what a user would have: scans, networks to fetch, a change of a step."""
    made, loose = copy / "results" / "demo", copy / "build" / "loose"
    loose.mkdir(parents=True)
    for scan in ("sim08_pre", "sim08_post", "sim12_pre"):
        for part in ("T1W", "STIR", "normal_marrow"):
            shutil.copy(made / "0_scans" / f"{scan}_{part}.nii.gz", loose)
    members = sorted((made / "3a_unet_training" / "selected" / "all").glob("*/weights.safetensors"))
    lines = []
    for number, path in enumerate(members, 1):
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f"    - {{file: member-{number}.safetensors, url: '{path.as_uri()}', sha256: {sha256}}}\n")
    (copy / "config" / "ensembles.yaml").write_text("published:\n  about: of the demo\n  members:\n" + "".join(lines))
    (copy / "config" / "demo" / "variants").mkdir(exist_ok=True)
    (copy / "config" / "demo" / "variants" / "mychange.yaml").write_text("limits:\n  vhi: upper\n")


def main() -> None:
    """Run them all; the exit status says whether one failed."""
    copy = ROOT / "build" / "docs-test"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (copy / ".venv").symlink_to(ROOT / ".venv")
    failed, done = [], set()
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for said in commands_of(page.read_text(encoding="utf-8")):
            command, why = as_run(said)
            if command in done:
                continue
            done.add(command)
            if why:
                print(f"left out         {page.name}: {said} ({why})", flush=True)
                continue
            start = time.monotonic()
            result = subprocess.run(command, shell=True, cwd=copy, capture_output=True, text=True, timeout=LIMIT_S)
            seconds, how = time.monotonic() - start, "failed" if result.returncode else "ran"
            print(f"{how:7} {seconds:6.0f} s  {page.name}: {command.replace(str(DATA), 'DATA')}", flush=True)
            if result.returncode:
                failed.append(f"{page.name}: {command}\n{(result.stdout + result.stderr)[-2000:]}")
            if command == "make demo":
                prepare(copy)
    sys.exit("\n\n".join(failed) or None)


if __name__ == "__main__":
    main()
