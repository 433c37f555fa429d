"""How Sphinx builds these pages. The reasons for Sphinx, furo and MyST stand in dependencies.md."""

from __future__ import annotations

from workerlib._version import __version__

project = "workerlib"
author = "workerlib contributors"
copyright = "2026, workerlib contributors"
release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
nitpicky = True  # a reference that leads nowhere is a warning, and warnings are errors

myst_heading_anchors = 3
autodoc_typehints = "description"

html_theme = "furo"
html_title = "workerlib"
