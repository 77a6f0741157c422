"""Which modules of the project a script stands on: Snakemake does not see edits to an imported module by itself."""

import ast
from functools import cache
from pathlib import Path


def code_of(script: Path) -> list[Path]:
    """List the `vhi` modules that a script imports, and those that they import, sorted.

    A rule names them as inputs, so that an edit to one of them reruns the rules that stand on it and no others.

    Parameters
    ----------
    script : Path
        A file in the folder that holds the package ``vhi``.

    Returns
    -------
    list of Path
    """
    folder, found, waiting = script.parent, set(), [script]
    while waiting:
        for module in imported(waiting.pop()):
            path = folder.joinpath(*module.split("."))
            path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            if path.is_file() and path not in found:
                found.add(path)
                waiting.append(path)
    return sorted(path for path in found if path.name != "__init__.py")


@cache  # most modules stand under several scripts
def imported(script: Path) -> frozenset[str]:
    """Names of the modules that a file imports, ``from a import b`` as both ``a`` and ``a.b``."""
    names = set()
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)
