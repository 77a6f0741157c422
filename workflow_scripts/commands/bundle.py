"""Pack all that a computer without network needs into build/bundle and build/bundle.tar (make bundle; docs/offline.md)."""

import argparse
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import yaml

from commands import ROOT, call
from vhi.io.download import fetch_file
from vhi.io.errors import InputError
from vhi.io.files import replacing, write_text
from vhi.io.hashes import checksum_lines, sha256_of_file

CPU_TORCH = "https://download.pytorch.org/whl/cpu"  # on Linux, PyPI's torch brings CUDA along
RELEASED = "released"
INSTALL = """V_HI without network

This disk holds V_HI at commit {commit}, with packages for {system}, Python {python}.
The other computer needs the same system, the same Python and make.

1. Copy this folder to the computer and open a terminal in it.
2. sha256sum --check --quiet SHA256SUMS      says nothing if every file arrived whole
3. cd V_HI
4. make setup WHEELS=../wheels               installs the packages into V_HI/.venv
5. make demo                                 a complete study on simulated scans

{extra}docs/offline.md in V_HI says more.
"""


def system() -> str:
    """The system that wheels of this Python are for."""
    return f"{platform.system()} {platform.machine()}"


def done(*command: str | Path, doing: str) -> str:
    """Run a command; gives what it printed, and says in one line why it failed."""
    if not shutil.which(command[0]):
        raise InputError(f"{doing}: expected the program {command[0]}, found none; install it")
    result = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True)
    if result.returncode:
        lines = [line.strip() for line in result.stderr.splitlines() if line.strip()] or ["no message"]
        raise InputError(f"{doing}: {next((line for line in lines if re.match('error|fatal', line, re.I)), lines[-1])}")
    return result.stdout


def add_wheels(folder: Path) -> None:
    """Fetch or build a wheel of every line of requirements.txt; torch without CUDA."""
    requirements, pip = ROOT / "requirements.txt", (sys.executable, "-m", "pip", "--quiet")
    torch = re.search(r"^torch==\S+", requirements.read_text(encoding="utf-8"), re.M)
    if torch and sys.platform == "linux":
        fetch = (*pip, "download", "--no-deps", "--dest", folder, "--index-url", CPU_TORCH, torch[0])
        done(*fetch, doing=f"fetching {torch[0]} from {CPU_TORCH}")
    wheel = (*pip, "wheel", "--wheel-dir", folder, "--find-links", folder, "--requirement", requirements)
    done(*wheel, doing="fetching the packages of requirements.txt")


def add_checkout(folder: Path) -> str:
    """Put the committed files of the checkout into a folder; gives the commit."""
    commit = done("git", "rev-parse", "--short", "HEAD", doing="reading the checkout").strip()
    if done("git", "status", "--porcelain", doing="reading the checkout"):
        print("Changes that are not committed are not in the bundle.")
    archive = folder.with_suffix(".tar")
    done("git", "archive", "--output", archive, "HEAD", doing="packing the checkout")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    archive.unlink()
    return commit


def add_weights(weights: str, checkout: Path) -> str:
    """Put networks where a run looks for them (``data/ensembles``); gives the ensemble's name.

    Parameters
    ----------
    weights : str
        Name of an ensemble of config/ensembles.yaml, or a folder that ``make release`` wrote.
    checkout : Path
        The checkout of the bundle.
    """
    registry = checkout / "config" / "ensembles.yaml"
    known = yaml.safe_load(registry.read_text(encoding="utf-8"))
    if weights in known:
        for member in known[weights]["members"]:
            path = ROOT / "data" / "ensembles" / weights / member["file"]
            if not path.is_file():
                fetch_file(member["url"], path, member["sha256"])
            into = checkout / "data" / "ensembles" / weights / f"{member['file']}.copy"
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, into)
        return weights
    members = sorted(Path(weights).glob("*.safetensors"))
    if not members:
        raise InputError(
            f"WEIGHTS={weights}: expected a folder that make release wrote, or one of {', '.join(known)} (config/ensembles.yaml)"
        )
    folder = checkout / "data" / "ensembles" / RELEASED
    shutil.copytree(weights, folder)
    lines = [f"{RELEASED}:\n  about: From the bundle.\n  members:\n"]
    for path in members:
        brought = (folder / path.name).rename(folder / f"{path.name}.copy")
        about = {"file": path.name, "url": f"file:///bundle/{path.name}", "sha256": sha256_of_file(brought)}
        lines.append(f"    - {{{', '.join(f'{key}: {value!r}' for key, value in about.items())}}}\n")
    with registry.open("a", encoding="utf-8") as file:
        file.writelines(lines)
    return RELEASED


def bundle(options: argparse.Namespace) -> str:
    """Pack the bundle; gives what to tell."""
    if options.data and not Path(options.data).is_dir():
        raise InputError(f"DATA={options.data}: expected a folder of scans, found none")
    target, work = ROOT / "build" / "bundle", ROOT / "build" / "bundle.partial"
    shutil.rmtree(work, ignore_errors=True)  # of a call that was ended
    work.mkdir(parents=True)
    try:
        commit, extra = add_checkout(work / "V_HI"), ""
        if options.weights:
            source = add_weights(options.weights, work / "V_HI")
            extra += f"Networks: write `ensemble: {{source: {source}}}` into the study's config.yaml.\n"
        if options.data:
            name = Path(options.data).resolve().name
            shutil.copytree(options.data, work / "data" / name)
            extra += f"Scans: add DATA=../data/{name}, as in make run STUDY=NAME DATA=../data/{name}\n"
        (work / "wheels").mkdir()
        add_wheels(work / "wheels")
        python = ".".join(platform.python_version_tuple()[:2])
        text = INSTALL.format(commit=commit, system=system(), python=python, extra=f"{extra}\n" if extra else "")
        write_text(work / "INSTALL.txt", text)
        files = sorted(path for path in work.rglob("*") if path.is_file())
        digests = ((path.relative_to(work).as_posix(), sha256_of_file(path)) for path in files)
        write_text(work / "SHA256SUMS", checksum_lines(digests))
        with replacing(target.with_suffix(".tar")) as beside, tarfile.open(beside, "w") as packed:
            packed.add(work, "bundle")
        shutil.rmtree(target, ignore_errors=True)
        work.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    size = target.with_suffix(".tar").stat().st_size / 1e6
    wheels = len(list((target / "wheels").iterdir()))
    return (
        f"build/bundle.tar: {wheels} packages, {len(files)} files, {size:.0f} MB. Unpack it there and read INSTALL.txt."
    )


def main(given: list[str] | None = None) -> None:
    """Read the command line, pack, say what the bundle holds."""
    parser = argparse.ArgumentParser(prog="make bundle", description=__doc__)
    parser.add_argument("--data", default="", help="folder of scans to take along")
    parser.add_argument(
        "--weights", default="", help="networks to take along: name of an ensemble, or a folder of make release"
    )
    print(call(bundle, parser, given))


if __name__ == "__main__":
    main()
