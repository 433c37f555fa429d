"""Write the generated pages of the documentation: codemods and properties. A test sees to it that they are up to date.

python scripts/build_reference.py
"""

from __future__ import annotations

from pathlib import Path

from workerlib.migrate.registry import codemods, python_codemods
from workerlib.properties import PROPERTIES, InWorker
from workerlib.python.codemod import PythonRewrite
from workerlib.rewrite import Rewrite

DOCS = Path(__file__).resolve().parent.parent / "docs"


def codemods_page() -> str:
    """Every codemod with its manual and its example."""
    head = [
        "# Codemods",
        "",
        "What a migration does to a configuration once it stands in `.upsun/`, in the order in which it is done. `--only NAME` and",
        "`--skip NAME` choose among them; `lift` is the name of the move to `.upsun/` itself. An *unsafe* codemod changes what runs.",
        "",
    ]
    python = [
        "# Codemods for Python",
        "",
        "What `--python` does to Python source that reads, writes or names files of an old layout. Each of these also runs in libcst's own",
        "runner, which knows no project: the name of the application comes from `--app` there.",
        "",
        "```sh",
        "python -m libcst.tool codemod -x workerlib_codemods.python.reads.Command --no-format --app shop tools/",
        "```",
        "",
    ]
    lines = [line for rewrite in codemods() for line in _codemod(rewrite, "yaml")]
    return "\n".join(head + lines + python + [line for rewrite in python_codemods() for line in _codemod(rewrite, "python")])


def _codemod(rewrite: Rewrite | PythonRewrite, language: str) -> list[str]:
    lines = [f"## {rewrite.name}", ""]
    if not rewrite.safe:
        lines += ["*Unsafe.*", ""]
    lines += [rewrite.manual.strip(), "", f"Notes carry the code `{rewrite.code}`.", ""]
    for title, text in (("Before", rewrite.example.before), ("After", rewrite.example.after)):
        lines += [f"{title}:", "", f"```{language}", text.rstrip("\n"), "```", ""]
    return lines


def properties_page() -> str:
    """Every property of an application, and where it may be set."""
    worker = {InWorker.REPLACE: "its own, as a whole", InWorker.SHARED: "the application's", InWorker.ABSENT: "none"}
    lines = [
        "# Properties",
        "",
        "What an application may say, in which kind of image, and what that is to its web instance and its workers. A worker that says",
        "nothing of an inherited property has the application's; one that says something has that alone: properties are not merged.",
        "",
        "| property | image | in the application | in `web` | in a worker | inherited | default | status | vendor's page |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in PROPERTIES:
        cells = [
            f"`{row.name}`",
            row.images.value,
            _yes(row.application),
            _yes(row.web),
            worker[row.worker],
            _yes(row.inherited),
            "" if row.default is None else f"`{row.default}`",
            row.status.value,
            row.page,
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _yes(value: bool) -> str:
    return "yes" if value else "no"


PAGES = {"codemods.md": codemods_page, "properties.md": properties_page}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
