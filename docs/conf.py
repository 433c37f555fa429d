"""How Sphinx builds these pages. The reasons for Sphinx, furo and MyST stand in dependencies.md."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from workerlib._version import __version__

project = "workerlib"
author = "workerlib contributors"
copyright = "2026, workerlib contributors"
release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
nitpicky = True  # a reference that leads nowhere is a warning, and warnings are errors

myst_heading_anchors = 3
autodoc_class_signature = "separated"  # a class is read by its fields
autodoc_member_order = "bysource"
# Beyond what these pages describe there is nothing to link to: the standard library, and names of types.
nitpick_ignore_regex = [
    ("py:.*", r"(?!workerlib\.).*"),
    ("py:mod", r"workerlib\..*"),
    ("py:class", r"workerlib\..*\.T"),
    ("py:class", r"workerlib\.(nodes|edits|changes|removing|text|layout|loading|properties)\..*"),
]

html_theme = "furo"
html_title = "workerlib"
html_static_path = ["_static"]
html_css_files = ["pages.css"]

# Notebooks see a fresh profile of IPython, not that of whoever builds the pages; and the log is for what is wrong.
_ipython = TemporaryDirectory()
os.environ["IPYTHONDIR"] = _ipython.name
_profile = Path(_ipython.name, "profile_default")
_profile.mkdir()
(_profile / "ipython_kernel_config.py").write_text("c.IPKernelApp.log_level = 'ERROR'\n", encoding="utf-8")
logging.getLogger("traitlets").setLevel(logging.WARNING)

nb_execution_mode = "force"  # notebooks are kept without results, and run whenever these pages are built
nb_execution_raise_on_error = True
nb_execution_timeout = 120  # seconds of one cell
