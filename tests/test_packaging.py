from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from workerlib._version import __version__

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
FOLDERS = ("src", "codemods", "tests", "docs", "examples", "benchmarks", ".ci")

# Somebody else owns the import name on the package index: no text may send anyone there.
WRONG_INSTALL = re.compile(r"\b(?:pip[x3]?|uvx?)\b(?: +(?:-\S+|pip|tool|install|run|add))* +['\"]?workerlib\b(?![-.])")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def text_files() -> Iterator[tuple[str, str]]:
    for path in [*ROOT.iterdir(), *(p for folder in FOLDERS for p in (ROOT / folder).rglob("*"))]:
        if path.is_file() and "_build" not in path.parts:
            try:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w.-]", requirement)[0] for requirement in requirements}


# ---- README -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", ["pip install . && python -m workerlib.migrate examples/shop", "pip install -e '.[test]' && pytest"], ids=["try", "test"]
)
def test_a_command_of_the_readme_is_one_line_in_a_block_of_its_own(command: str) -> None:
    assert f"{command}\n" in blocks("sh")


def test_the_readme_has_no_other_install_commands() -> None:
    assert len(re.findall(r"^pip install", README, re.MULTILINE)) == 2


def test_the_configuration_in_the_readme_becomes_what_the_readme_says(tmp_path: Path) -> None:
    from workerlib import plan

    before, after = blocks("yaml")
    (tmp_path / ".platform.app.yaml").write_text(before, encoding="utf-8")
    migration = plan(tmp_path)
    migration.apply()
    assert (tmp_path / ".upsun" / "config.yaml").read_text(encoding="utf-8") == after
    assert migration.resources is not None
    assert f"{migration.resources}\n" in blocks("sh")


def test_the_python_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    for block in blocks("python"):
        exec(block, {})  # noqa: S102  # our own text
    assert (tmp_path / "examples/shop/.upsun/config.yaml").exists()
    assert not (tmp_path / "examples/shop/.platform.app.yaml").exists()


def test_the_readme_names_options_that_there_are() -> None:
    from workerlib.migrate.__main__ import parser

    options = {option for action in parser()._actions for option in action.option_strings if option.startswith("--")}
    named = set(re.findall(r"`(--[\w-]+)", README)) - {"--help"}
    assert {"--write", "--check", "--only", "--skip", "--explain"} <= named <= options  # docs/command-line.md has all of them


def test_the_report_in_the_readme_is_the_one_that_is_shown() -> None:
    import doctest
    import subprocess
    import sys

    shown = next(block for block in blocks("text") if block.startswith("examples/shop: "))
    done = subprocess.run(
        (sys.executable, "-m", "workerlib.migrate", "examples/shop"), cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert doctest.OutputChecker().check_output(shown, done.stderr, doctest.ELLIPSIS), done.stderr


# ---- names and versions -------------------------------------------------------------------------------------------------------------


def test_no_text_tells_anyone_to_install_somebody_elses_project() -> None:
    assert [(path, found[0]) for path, text in text_files() for found in WRONG_INSTALL.finditer(text)] == []


@pytest.mark.parametrize("installer", ["pip install", "pip install -U", "pipx run", "uvx", "uv add", "uv tool install"])
def test_the_search_for_wrong_installs_knows_an_installer(installer: str) -> None:
    name = PROJECT["name"].removeprefix("upsun-")
    assert WRONG_INSTALL.search(f"{installer} {name}")
    assert not WRONG_INSTALL.search(f"{installer} {PROJECT['name']}")


def test_the_version_stands_in_one_place() -> None:
    assert "version" in PROJECT["dynamic"]
    assert PYPROJECT["tool"]["hatch"]["version"]["path"] == "src/workerlib/_version.py"
    written = [path for path, text in text_files() if re.search(rf"version\w*\s*=\s*[\"']{re.escape(__version__)}[\"']", text)]
    assert written == ["src/workerlib/_version.py"]


def test_the_installed_distribution_has_the_version_and_names() -> None:
    installed = distribution("upsun-workerlib")
    assert installed.metadata["Name"] == "upsun-workerlib"
    assert installed.version == __version__
    assert sorted((e.name, e.value) for e in installed.entry_points.select(group="console_scripts")) == [
        (name, "workerlib.__main__:main") for name in ("upsun-workerlib", "workerlib")
    ]


def test_both_packages_are_shipped_and_typed() -> None:
    packages = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert packages == ["src/workerlib", "codemods/workerlib_codemods"]
    assert all((ROOT / package / "py.typed").exists() for package in packages)


def test_the_codemods_folder_holds_one_package_and_its_manual() -> None:
    kept = {path.name for path in (ROOT / "codemods").iterdir() if path.name != "__pycache__"}
    assert kept == {"README.md", "workerlib_codemods"}


def test_every_module_has_a_layer_and_a_line_in_the_house() -> None:
    whole, *packages = PYPROJECT["tool"]["importlinter"]["contracts"]
    layers = re.findall(r"workerlib\.(\w+)", " ".join(whole["layers"]))
    modules = {path.stem for path in (ROOT / "src/workerlib").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert modules - {"__init__", "_version"} <= set(layers)
    assert len(layers) == len(set(layers))
    house = (ROOT / "docs/concepts.md").read_text(encoding="utf-8").partition("## The house")[2]
    inner = re.findall(r"\w+", " ".join(layer for package in packages for layer in package["layers"]))
    assert {*layers, *inner} <= set(re.findall(r"\w+", house))


# ---- dependencies -------------------------------------------------------------------------------------------------------------------


def test_each_dependency_has_a_reason_and_each_reason_a_dependency() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| ([\w.-]+) \| (?!why)", page, re.MULTILINE))
    wanted = names(PROJECT["dependencies"]).union(*map(names, PROJECT["optional-dependencies"].values()))
    assert listed == wanted - {PROJECT["name"]}


def test_each_run_time_dependency_is_imported() -> None:
    imports = {"ruamel.yaml.clib": "_ruamel_yaml"}
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    wanted = {name: imports.get(name, name) for name in names(PROJECT["dependencies"])}
    assert [name for name, module in wanted.items() if not re.search(rf"(?:from|import) {re.escape(module)}\b", source)] == []


def test_each_run_time_dependency_has_a_lower_bound_and_no_upper_one() -> None:
    assert [r for r in PROJECT["dependencies"] if ">=" not in r or re.search(r"==|~=|<(?! \")", r.partition(";")[0])] == []
