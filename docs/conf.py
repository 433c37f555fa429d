"""How Sphinx builds these pages. The reasons for Sphinx, furo and MyST stand in dependencies.md."""

from __future__ import annotations

import logging
import os
import re
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
autodoc_preserve_defaults = True
autodoc_type_aliases = {name: name for name in ("Data", "Value", "Values", "NewValue", "Node", "Handler", "Intention", "Record", "Pools")}
smartquotes = False  # two hyphens are part of the names of workers
# Beyond what these pages describe there is nothing to link to: the standard library, and names of types.
nitpick_ignore_regex = [
    ("py:.*", r"(?!workerlib\.).*"),
    ("py:mod", r"workerlib\..*"),
    ("py:class", r"workerlib\..*\.T"),
    ("py:class", r"workerlib\.(changes|editing|text|layout|loading|properties)\..*"),
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


def _signature(app, what, name, obj, options, signature, return_annotation):
    """Names of types as they are written, where Sphinx shows its own stand-in for them."""
    shown = (text and re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", text) for text in (signature, return_annotation))
    return tuple(text and text.replace("MappingABC", "Mapping") for text in shown)


def setup(app):
    """What Sphinx is told beyond values: constructors say no more than the fields do."""
    app.connect("autodoc-process-signature", _signature)
    app.connect("autodoc-skip-member", lambda app, what, name, *rest: name in ("__init__", "__new__") or None)
