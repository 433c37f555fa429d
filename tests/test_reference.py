"""The generated pages of the documentation say what the code says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["codemods.md", "checks.md", "properties.md", "command-line.md"])
def test_page_is_up_to_date(name: str) -> None:
    page = script("build_reference").PAGES[name]()
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == page, "run python scripts/build_reference.py"
