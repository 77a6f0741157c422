"""Make a conda channel of what is installed in a virtual environment, so that the environments of envs/ can be built offline.

    python channel.py CHANNEL SITE_PACKAGES ENVIRONMENT.yaml...

Each package holds links to the installed files, so that it is made and unpacked at once, whatever its size.
"""

import asyncio
import hashlib
import io
import json
import re
import sys
import tarfile
from importlib.metadata import distributions
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler.index import index_fs

# Where conda-forge names a package otherwise.
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base", "pypandoc-binary": "pypandoc"}
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PLACE = f"lib/python{PYTHON}/site-packages"
SUBDIR = "linux-64"


def conda_name(name):
    """Name at conda-forge of a package of PyPI."""
    return CONDA_NAMES.get(canonicalize_name(name), canonicalize_name(name))


def needs(distribution):
    """What a distribution requires, as conda writes it."""
    for line in distribution.requires or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            clauses = [
                clause.version if clause.operator == "==" and clause.version.endswith("*") else str(clause)
                for clause in requirement.specifier
            ]
            yield conda_name(requirement.name), ",".join(clauses)


def links(distribution, site):
    """Where the distribution's files and folders lie, by where they belong in an environment."""
    tops = {Path(file).parts[0] for file in distribution.files if Path(file).parts[0] not in ("..", "__pycache__")}
    return {f"{PLACE}/{top}": str(site / top) for top in sorted(tops)}


def write_package(channel, name, version, depends, linked, files=()):
    """Write a package of links, and of small files given as text."""
    facts = {"name": name, "version": version, "build": "0", "build_number": 0, "depends": depends, "subdir": SUBDIR}
    empty = hashlib.sha256(b"").hexdigest()
    paths = [{"_path": path, "path_type": "softlink", "sha256": empty, "size_in_bytes": 0} for path in linked]
    for path, text in files:
        digest = hashlib.sha256(text.encode()).hexdigest()
        paths.append({"_path": path, "path_type": "hardlink", "sha256": digest, "size_in_bytes": len(text)})
    about = {
        "info/index.json": json.dumps(facts),
        "info/paths.json": json.dumps({"paths": paths, "paths_version": 1}),
        "info/files": "".join(path["_path"] + "\n" for path in paths),
    }
    with tarfile.open(channel / SUBDIR / f"{name}-{version}-0.tar.bz2", "w:bz2") as archive:
        for path, text in [*about.items(), *files]:
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(text.encode()), 0o644
            archive.addfile(member, io.BytesIO(text.encode()))
        for path, target in linked.items():
            member = tarfile.TarInfo(path)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)


def write_python(channel):
    """Write a package `python`: the running interpreter, which sees the environment's packages alone."""
    version = ".".join(map(str, sys.version_info[:3]))
    home = Path(sys.base_prefix) / "bin"
    venv = f"home = {home}\ninclude-system-site-packages = false\nversion = {version}\n"
    names = {f"bin/{name}": str(home / f"python{PYTHON}") for name in ("python", "python3", f"python{PYTHON}")}
    write_package(channel, "python", version, [], names, [("pyvenv.cfg", venv), (f"{PLACE}/README", "linked\n")])


def main(channel, site, *environments):
    """Write every package that the environments name, and what those need."""
    (channel / SUBDIR).mkdir(parents=True)
    (channel / "noarch").mkdir()
    installed = {conda_name(found.metadata["Name"]): found for found in distributions(path=[str(site)])}
    lines = [line for path in environments for line in yaml.safe_load(path.read_text())["dependencies"]]
    waiting, written = [re.split("[ =<>]", line)[0] for line in lines], {"python"}
    write_python(channel)
    while waiting:
        name = waiting.pop()
        if name in written:
            continue
        if name not in installed:
            sys.exit(f"{name} is named in envs/, or needed by a package of it, and is not installed in {site}")
        written.add(name)
        found = installed[name]
        depends = list(needs(found))
        version = found.version.split("+")[0].replace("-", "_")
        rows = [f"{other} {which}".strip() for other, which in depends]
        write_package(channel, name, version, [f"python {PYTHON}.*", *rows], links(found, site))
        waiting += [other for other, _ in depends]
    asyncio.run(index_fs(channel, write_zst=False, write_shards=False, force=True))
    print(f"{len(written)} packages in {channel}")


if __name__ == "__main__":
    main(*(Path(word).resolve() for word in sys.argv[1:]))
