"""Which modules of the project a script stands on: Snakemake does not see edits to an imported module by itself."""

import ast
import json
from functools import cache
from pathlib import Path

TEMPLATES = "html.py"
"""Name of a module that fills in all templates beside it; an edit to one of these counts as an edit to it.

Any other module stands on the template of its own name alone.
"""
STATEMENTS = (ast.stmt, ast.ExceptHandler, ast.match_case)


@cache
def code_of(script: Path) -> list[Path]:
    """List the `vhi` modules that a script imports, and those that they import, sorted.

    A rule names them as inputs, so that an edit to one of them reruns the rules that stand on it and no others.

    Parameters
    ----------
    script : Path
        A file in the folder that holds the package ``vhi``, or a notebook (.ipynb) beside that folder.

    Returns
    -------
    list of Path
    """
    folder, found, waiting = script.parent, set(), [script]
    if script.suffix == ".ipynb":
        folder = script.parents[1] / "workflow_scripts"
    while waiting:
        for module in imported(waiting.pop()):
            path = file_of(module, folder)
            if path and path not in found:
                found.add(path)
                waiting.append(path)
    templates = [(path, file) for path in found for file in (path.parent / "templates").glob("*")]
    beside = [file for path, file in templates if path.name == TEMPLATES or path.stem == file.stem]
    return sorted(path for path in (*found, *beside) if path.name != "__init__.py")


@cache
def file_of(module: str, folder: Path) -> Path | None:
    """File of a module or package of the project; None for what comes from elsewhere, or is no module."""
    path = folder.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return path if path.is_file() else None


def source_of(script: Path) -> str:
    """Read the code of a script, or of a notebook's cells without its % commands."""
    text = script.read_text(encoding="utf-8")
    if script.suffix != ".ipynb":
        return text
    cells = ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    return "\n".join(line for cell in cells for line in cell.splitlines() if not line.startswith("%"))


@cache  # most modules stand under several scripts
def imported(script: Path) -> frozenset[str]:
    """Names of the modules that a file imports, ``from a import b`` as both ``a`` and ``a.b``."""
    names, waiting = set(), [ast.parse(source_of(script))]
    while waiting:  # statements alone: expressions hold no import, and are nearly all of a file
        node = waiting.pop()
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            waiting += [inner for inner in getattr(node, field, ()) if isinstance(inner, STATEMENTS)]
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)
