"""Write the reference part of config/README.md from the schemas (make docs)."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.io.files import replacing
from vhi.study.load import TABLES
from vhi.study.multiverse import AXES
from vhi.study.rows import allowed, read_schema

ROOT = Path(__file__).parents[1]
MARK = "<!-- made from config/schemas -->\n"


def config_rows(schema: dict, prefix: str = "") -> list[str]:
    """Rows of the table of config keys, nested keys with dots."""
    rows = []
    for key, rule in schema["properties"].items():
        name = f"{prefix}{key}"
        nested = "properties" in rule
        if not nested or rule.get("default") is None:
            default = rule.get("default", "required" if key in schema.get("required", []) else "")
            shown = default if isinstance(default, str) else json.dumps(default)
            rows.append(f"| `{name}` | `{shown}` | {'keys' if nested else allowed(rule)} | {rule['description']} |")
        if nested:
            rows += config_rows(rule, f"{name}.")
    return rows


def reference() -> str:
    """The reference: config keys, then the columns of each table."""
    lines = ["## config.yaml", "", "| key | default | allowed | meaning |", "|---|---|---|---|"]
    lines += config_rows(read_schema(ROOT, "config"))
    axes = read_schema(ROOT, "multiverse")
    lines += [
        "",
        "## multiverse.yaml",
        "",
        "| key | default | allowed | meaning |",
        "|---|---|---|---|",
        *config_rows(axes),
    ]
    lines += ["", f"Axes: {', '.join(f'`{key}`' for key in AXES)}."]
    for table in TABLES:
        schema = read_schema(ROOT, table)
        lines += [
            "",
            f"## {table}.tsv",
            "",
            schema["description"],
            "",
            "| column | allowed | meaning |",
            "|---|---|---|",
        ]
        for column, rule in schema["properties"].items():
            lines.append(f"| `{column}` | {allowed(rule)} | {rule['description']} |")
        lines += [
            "",
            "No two rows may have the same "
            + "; nor the same ".join(", ".join(key) for key in schema["x-unique"])
            + ".",
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    path = ROOT / "config" / "README.md"
    head = path.read_text(encoding="utf-8").split(MARK)[0]
    with replacing(path) as beside:
        beside.write_text(head + MARK + "\n" + reference(), encoding="utf-8")
