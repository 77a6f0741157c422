"""Write the versions of requirements.txt into envs/*.yaml, so that they have one source (part of `make lock`).

.venv/bin/python envs/pin.py
"""

import re
from pathlib import Path

HERE = Path(__file__).parent
# Where conda-forge names a package otherwise.
PYPI_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib", "pypandoc": "pypandoc_binary"}


def pinned(text: str, versions: dict) -> str:
    """Text of an environment file with these versions; Python stays as it is.

    Parameters
    ----------
    text : str
    versions : dict of str
        By name on PyPI, in lower case.
    """

    def pin(found):
        name = found[1]
        return found[0] if name == "python" else f"  - {name} ={versions[PYPI_NAMES.get(name, name)]}"

    return re.sub(r"^  - ([\w.-]+) =(\S+)$", pin, text, flags=re.M)


def main():
    """Rewrite every environment file whose versions differ."""
    lines = (HERE.parent / "requirements.txt").read_text().split()
    versions = dict(line.lower().split("==") for line in lines if "==" in line)
    for path in sorted(HERE.glob("*.yaml")):
        before = path.read_text()
        after = pinned(before, versions)
        if after != before:
            path.write_text(after)
            print(f"{path.name}: versions of requirements.txt")


if __name__ == "__main__":
    main()
