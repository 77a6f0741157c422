"""Laws of the house: where a line belongs, and that every rule says what it stands on."""

import ast
import doctest
import importlib
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from vhi.io.code import code_of, file_of, imported

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "workflow_scripts").glob("*.py"))
RULES = sorted((ROOT / "rules").rglob("*.smk"))
VHI = ROOT / "workflow_scripts" / "vhi"
MODULES = sorted(path for path in (ROOT / "workflow_scripts").rglob("*.py") if path not in SCRIPTS)
THIRD_PARTY = {
    "numpy": "numpy", "scipy": "scipy", "nibabel": "nibabel", "pandas": "pandas", "torch": "pytorch",
    "yaml": "pyyaml", "PIL": "pillow", "nbformat": "nbformat", "nbconvert": "nbconvert", "pygments": "pygments",
    "safetensors": "safetensors", "matplotlib": "matplotlib-base", "statsmodels": "statsmodels", "pingouin": "pingouin",
    "jsonschema": "jsonschema", "pydicom": "pydicom", "highdicom": "highdicom",
    "nrrd": "pynrrd", "jinja2": "jinja2", "pooch": "pooch", "starlette": "starlette", "uvicorn": "uvicorn", "SimpleITK": "simpleitk",
    "markupsafe": "markupsafe", "pypandoc": "pypandoc",
}  # fmt: skip


def rules():
    """(file stem, rule name, body) of every rule."""
    for path in RULES:
        parts = re.split(r"^rule (\w+):\n", path.read_text(), flags=re.M)
        for name, body in zip(parts[1::2], parts[2::2], strict=True):
            if path.stem != "targets":
                yield path.stem, name, body


ALL_RULES = list(rules())


@pytest.mark.parametrize(("stem", "name", "body"), ALL_RULES, ids=[name for _, name, _ in ALL_RULES])
def test_a_rule_says_all_of_itself_and_has_one_script_of_its_name(stem, name, body):
    # Threads and resources stand there only where they differ from the defaults of engine.smk.
    for directive in ("message", "log", "conda"):
        assert re.search(rf"^    {directive}:", body, re.M), f"{name}: {directive}"
    if re.search(r"^    notebook:", body, re.M):
        notebook = f"../notebooks/{name.removesuffix('_notebook')}.ipynb"
        assert f'code("{notebook}")' in body
        assert body.rstrip().endswith(f'"{notebook}"')
        assert (ROOT / "rules" / notebook).is_file()
        return
    assert re.search(r"^    script:", body, re.M), f"{name}: script"
    number = re.match(r"\d+(_\d+|[abc])?", stem)
    script = f"{number[0]}_{name}.py" if number else f"{name}.py"
    assert f'code("{script}")' in body
    assert f'"../workflow_scripts/{script}"' in body
    assert (ROOT / "workflow_scripts" / script).is_file()


def test_every_rule_has_a_message():
    for path in [ROOT / "Snakefile", *RULES]:
        parts = re.split(r"^(?: *)(?:rule|checkpoint)\b *(\w*):\n", path.read_text(), flags=re.M)
        for name, body in zip(parts[1::2], parts[2::2], strict=True):
            assert re.search(r"^ +message:", body, re.M), f"{path.name}: {name}"


def test_every_script_has_its_rule():
    named = re.findall(r'"\.\./workflow_scripts/(\S+\.py)"', "".join(path.read_text() for path in RULES))
    assert sorted(named) == [path.name for path in SCRIPTS]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_is_thin_and_tells_errors(script):
    text = script.read_text()
    assert "tell_errors(snakemake.log[0])" in text


@pytest.mark.parametrize(("stem", "name", "body"), ALL_RULES, ids=[name for _, name, _ in ALL_RULES])
def test_the_environment_of_a_rule_holds_what_its_script_imports(stem, name, body):
    environment = yaml.safe_load((ROOT / "envs" / re.search(r"\.\./envs/(\S+)\"", body)[1]).read_text())
    offered = {line.split()[0] for line in environment["dependencies"]}
    script = ROOT / "rules" / re.search(r"^    (?:script|notebook):\n        \"(\S+)\"", body, re.M)[1]
    for path in [script, *(path for path in code_of(script) if path.suffix == ".py")]:
        for module in {name.split(".")[0] for name in imported(path)} - set(sys.stdlib_module_names) - {"vhi"}:
            assert THIRD_PARTY[module] in offered, f"{path.name} imports {module}"


def test_notebooks_are_committed_without_outputs_and_stay_readable():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in json.loads(path.read_text())["cells"]:
            text = "".join(cell["source"])
            run = cell.get("outputs") or cell.get("execution_count")
            assert not run, f"{path.name}: clear its outputs"
            assert "snakemake-job-properties" not in cell["metadata"].get("tags", []), f"{path.name}: holds a job"
            assert len(text.splitlines()) <= 26, f"{path.name}: a cell of {len(text.splitlines())} lines"


def test_environments_and_requirements_have_the_same_versions():
    pinned = dict(line.split("==") for line in (ROOT / "requirements.txt").read_text().split() if "==" in line)
    names = {conda: pip for pip, conda in THIRD_PARTY.items()} | {"pytorch": "torch", "matplotlib-base": "matplotlib"}
    for path in (ROOT / "envs").glob("*.yaml"):
        for line in yaml.safe_load(path.read_text())["dependencies"]:
            name, version = line.split(" =")
            if name != "python":
                pip = {
                    "pyyaml": "PyYAML",
                    "pygments": "Pygments",
                    "pillow": "pillow",
                    "pynrrd": "pynrrd",
                    "jinja2": "Jinja2",
                    "markupsafe": "MarkupSafe",
                    "pypandoc": "pypandoc_binary",
                    "simpleitk": "simpleitk",
                }.get(name, names.get(name, name))
                assert pinned[pip] == version, f"{path.name}: {line}"


def test_the_science_never_sees_snakemake_or_a_figure_library_where_none_is_drawn():
    for path in (ROOT / "workflow_scripts" / "vhi").rglob("*.py"):
        names = {name.split(".")[0] for name in imported(path)}
        assert "snakemake" not in names, path
        if path.parent.name != "figures" and path.stem != "figures":
            assert "matplotlib" not in names, path


def test_what_the_snakefile_stands_on_needs_no_scientific_package():
    """Of the modules that rules import at the top, and all that these import outside of functions."""
    house = ROOT / "workflow_scripts"
    text = "".join(
        path.read_text() for path in RULES if path.stem in ("study", "engine", "run", "pages", "export", "compare")
    )
    waiting, seen = re.findall(r"^from (vhi[\w.]+) import", text, re.M), set()
    assert "vhi.study.plan" in waiting
    while waiting:
        path = file_of(waiting.pop(), house)
        if path and path not in seen:
            seen.add(path)
            top = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Import | ast.ImportFrom)]
            names = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in top}
            third = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"vhi"}
            assert third <= {"yaml", "jsonschema"}, f"{path.name}: {third}"
            waiting += [name for name in names if name.startswith("vhi")]
    assert len(seen) > 20


def test_public_functions_have_docstrings():
    for path in (ROOT / "workflow_scripts" / "vhi").rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"


def test_no_study_is_named_in_a_configfile_directive():
    for path in [ROOT / "Snakefile", *RULES]:
        assert not re.search(r"^configfile:", path.read_text(), re.M)


def test_nothing_of_the_public_scans_is_committed():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    assert not [name for name in tracked.stdout.split() if re.search(r"\.(nii|nii\.gz|pt|dcm)$", name)]


def test_scripts_name_nothing_that_is_not_defined():
    """Ruff is told to pass over undefined names in scripts, for `snakemake` alone."""
    command = [
        str(Path(sys.executable).with_name("ruff")),
        "check",
        "--isolated",
        "--select",
        "F821",
        "workflow_scripts",
    ]
    found = subprocess.run([*command, "--output-format", "concise"], cwd=ROOT, capture_output=True, text=True).stdout
    assert not [line for line in found.splitlines() if "F821" in line and "`snakemake`" not in line]


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["snakefmt", "--check", "Snakefile", "rules"]],
    ids=lambda command: " ".join(command[:2]),
)
def test_style(command):
    done = subprocess.run(
        [str(Path(sys.executable).with_name(command[0])), *command[1:]], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_snakemake_lint(snakemake, tmp_path):
    done = snakemake(tmp_path, "--lint", study="paper", data=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.xdist_group("together")
def test_tests_of_a_group_stay_on_one_worker(request):
    """Fails where pytest and xdist do not fit: the shared runs would then be made twice, at the same time."""
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@together")


def of_unknown_order(iterated: ast.expr) -> bool:
    """Whether an expression is a set, which Python goes through in another order in every process."""
    if isinstance(iterated, ast.Call):
        return isinstance(iterated.func, ast.Name) and iterated.func.id in ("set", "frozenset")
    if isinstance(iterated, ast.BinOp):
        return of_unknown_order(iterated.left) or ".keys()" in ast.unparse(iterated.left)
    return isinstance(iterated, (ast.Set, ast.SetComp))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "workflow_scripts").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_result_depends_on_the_order_of_a_set(path):
    for node in ast.walk(ast.parse(path.read_text())):
        loops = [node.iter] if isinstance(node, ast.For) else []
        if isinstance(node, (ast.ListComp, ast.DictComp)):
            loops = [part.iter for part in node.generators]
        for iterated in loops:
            assert not of_unknown_order(iterated), f"{path}:{iterated.lineno}: sort it: {ast.unparse(iterated)}"


# Sizes, floors and neighbours.

LINES = {"Snakefile": 50, "rules": 120, "script": 60, "module": 200}
MEDIAN_OF_SCRIPTS = 25
DATA = {}  # module: reason why it is data, however long
FLOORS = (
    "io", "inflammation", "cleaning", "statistics", "region", "marrow", "joint", "reading_room", "uncertainty", "study",
    "multiverse", "simulation", "figures", "report", "manuscript", "exchange",
)  # fmt: skip


def keep(offenders):
    """Fail on files that break a law, given as (name, what is wrong)."""
    assert not offenders, "\n".join(f"{name}: {told}" for name, told in sorted(dict(offenders).items()))


def kind_of(path):
    """Which limit of LINES holds for a file."""
    if path.name == "Snakefile":
        return "Snakefile"
    return "rules" if path.suffix == ".smk" else "script" if path in SCRIPTS else "module"


def test_no_file_is_longer_than_its_kind_may_be():
    files = [ROOT / "Snakefile", *RULES, *SCRIPTS, *MODULES]
    sizes = [(str(path.relative_to(ROOT)), len(path.read_text().splitlines()), LINES[kind_of(path)]) for path in files]
    keep([(name, f"{n} lines, at most {most}") for name, n, most in sizes if n > most and name not in DATA])
    assert all((ROOT / name).is_file() and reason for name, reason in DATA.items())


def test_scripts_are_short_in_the_median():
    median = statistics.median(len(path.read_text().splitlines()) for path in SCRIPTS)
    keep([("scripts", f"median {median} lines")] if median > MEDIAN_OF_SCRIPTS else [])


def floor_of(module):
    """Floor of vhi.<room>..., counted from below."""
    return FLOORS.index(module.split(".")[1])


def test_every_room_of_vhi_has_its_floor():
    rooms = {path.relative_to(VHI).parts[0].removesuffix(".py") for path in MODULES if VHI in path.parents}
    assert rooms - {"__init__"} == set(FLOORS)


def test_no_module_imports_from_a_higher_floor():
    names = {
        ".".join(path.relative_to(VHI.parent).with_suffix("").parts): path for path in MODULES if VHI in path.parents
    }
    upward = {
        f"{name} -> {other}": "imports upward"
        for name, path in names.items()
        for other in imported(path) & names.keys()
        if name != "vhi.__init__" and floor_of(other) > floor_of(name)
    }
    keep(upward)


def test_a_function_of_a_rule_file_is_used_in_that_file_alone():
    texts = {path.name: re.sub(r"#.*|\"\"\".*?\"\"\"", "", path.read_text()) for path in RULES}
    shared = []
    for file, text in texts.items():
        if file not in ("study.smk", "engine.smk", "engine_speed.smk"):
            for name in re.findall(r"^(?:def (\w+)|(\w+) = lambda)", text, re.M):
                users = [
                    other for other in texts if other != file and re.search(rf"\b{name[0] or name[1]}\(", texts[other])
                ]
                shared += [(f"{file}: {name[0] or name[1]}", f"used in {', '.join(users)}")] if users else []
    keep(shared)


def test_examples_in_docstrings_hold():
    wrong = {}
    for path in MODULES:
        if ">>> " in path.read_text():
            name = ".".join(path.relative_to(VHI.parent).with_suffix("").parts)
            done = doctest.testmod(importlib.import_module(name))
            assert done.attempted, name
            if done.failed:
                wrong[name] = f"{done.failed} examples of {done.attempted}"
    keep(wrong)


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=lambda path: path.stem)
def test_no_test_module_is_imported(path):
    imports = {name.split(".")[0] for name in imported(path)}
    assert not {name for name in imports if name.startswith("test_") or name == "conftest"}, "move it to a plain module"
