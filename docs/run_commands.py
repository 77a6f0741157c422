"""Run every command of README and docs in a copy of the checkout (make docs-test), and check those that need more than the demo.

A block that opens with ```sh is run, line by line; one that opens with ```sh check (or ```, where a line calls make) needs
the public data, a cluster or a study of one's own: for its lines, target and variables must exist.
"""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = (
    ".git",
    ".venv",
    "results",
    ".snakemake",
    "build",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
    "__pycache__",
    "data",
)
LIMIT_S = 3600
ALONE = ("make test",)  # takes as long as this again, and runs what runs this


def commands_of(text: str) -> list[tuple[str, bool]]:
    """List the commands of a page, in order, and whether each is to be run.

    Parameters
    ----------
    text : str
        Markdown. A line that ends with a backslash goes on in the next one; what follows " #" is a comment.
    """
    found = []
    for how, block in re.findall(r"^```([^\n]*)\n(.*?)^```", text, re.S | re.M):
        if how not in ("sh", "sh check", ""):
            continue
        for line in re.sub(r" *\\\n\s*", " ", block).splitlines():
            command = re.split(r"(?:^|\s+)#", line, maxsplit=1)[0].strip()
            if command and (how or command.startswith("make ")):
                found.append((command, how == "sh"))
    return found


def makefile_names(text: str) -> tuple[set[str], set[str]]:
    """Targets and variables of a Makefile."""
    targets = set(re.findall(r"^([a-z][\w-]*):(?!=)", text, re.M))
    variables = set(re.findall(r"\$\((?:if \$\()?([A-Z_]+)\)", text)) | set(
        re.findall(r"^([A-Z_]+) *[?:]?=", text, re.M)
    )
    return targets, variables


def checked(command: str, targets: set[str], variables: set[str]) -> str:
    """Say what is wrong with a command; "" where nothing is, or where it is none of make's."""
    parts = re.split(r"\s+(?:;|&&)\s+", command)
    if len(parts) > 1:
        return next((wrong for part in parts if (wrong := checked(part, targets, variables))), "")
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


def main() -> None:
    """Run or check them all; the exit status says whether one failed."""
    targets, variables = makefile_names((ROOT / "Makefile").read_text(encoding="utf-8"))
    copy = ROOT / "build" / "docs-test"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (copy / ".venv").symlink_to(ROOT / ".venv")
    failed, done = [], set()
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for command, run in commands_of(page.read_text(encoding="utf-8")):
            wrong = checked(command, targets, variables)
            run = run and command not in ALONE
            if run and not wrong and command not in done:
                done.add(command)
                start = time.monotonic()
                result = subprocess.run(command, shell=True, cwd=copy, capture_output=True, text=True, timeout=LIMIT_S)
                wrong = (result.stdout + result.stderr)[-2000:] if result.returncode else ""
                print(
                    f"{'failed' if wrong else 'ran':7} {time.monotonic() - start:6.0f} s  {page.name}: {command}",
                    flush=True,
                )
            elif wrong or not run:
                print(f"{'wrong' if wrong else 'checked':7} {'':8}  {page.name}: {command}", flush=True)
            if wrong:
                failed.append(f"{page.name}: {command}\n{wrong}")
    sys.exit("\n\n".join(failed) or None)


if __name__ == "__main__":
    main()
