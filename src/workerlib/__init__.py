"""Upsun configuration in Python: load, resolve, migrate.

Everything here is imported when it is first used, so that ``import workerlib`` costs next to nothing.
"""

from __future__ import annotations

from workerlib._version import __version__

TYPE_CHECKING = False  # that of `typing`, which takes longer to import than all else here; type checkers know the name

if TYPE_CHECKING:
    from workerlib.amending import Amendment, edit
    from workerlib.checking import Selection, check
    from workerlib.comparing import Change, Comparison, compare
    from workerlib.diagnostic import Diagnostic, Diagnostics, Origin, Severity, Span
    from workerlib.drawing import Topology, topology
    from workerlib.errors import ConfigurationError, RefusedError, UsageError, WorkerlibError, WriteError
    from workerlib.factoring import expand, factor
    from workerlib.keypath import KeyPath
    from workerlib.layout import FileError
    from workerlib.loading import load, loads
    from workerlib.merging import MERGE_RULES, MergeRule, merge
    from workerlib.migrate.planning import Plan, plan
    from workerlib.model import ABSENT, Application, Project, Service, Web, Worker
    from workerlib.plain import dumps, unstructure
    from workerlib.resolving import Effective, Explanation, Lifecycle, Reason, effective, rebuild_needed, resolve
    from workerlib.rewrite import Options
    from workerlib.sizing import ResourcePlan, resources
    from workerlib.text import Limits

_HOMES = {
    "amending": ("Amendment", "edit"),
    "checking": ("Selection", "check"),
    "comparing": ("Change", "Comparison", "compare"),
    "diagnostic": ("Diagnostic", "Diagnostics", "Origin", "Severity", "Span"),
    "drawing": ("Topology", "topology"),
    "errors": ("ConfigurationError", "RefusedError", "UsageError", "WorkerlibError", "WriteError"),
    "factoring": ("expand", "factor"),
    "keypath": ("KeyPath",),
    "layout": ("FileError",),
    "loading": ("load", "loads"),
    "merging": ("MERGE_RULES", "MergeRule", "merge"),
    "migrate.planning": ("Plan", "plan"),
    "model": ("ABSENT", "Application", "Project", "Service", "Web", "Worker"),
    "plain": ("dumps", "unstructure"),
    "resolving": ("Effective", "Explanation", "Lifecycle", "Reason", "effective", "rebuild_needed", "resolve"),
    "rewrite": ("Options",),
    "sizing": ("ResourcePlan", "resources"),
    "text": ("Limits",),
}

__all__ = [
    "ABSENT",
    "MERGE_RULES",
    "Amendment",
    "Application",
    "Change",
    "Comparison",
    "ConfigurationError",
    "Diagnostic",
    "Diagnostics",
    "Effective",
    "Explanation",
    "FileError",
    "KeyPath",
    "Lifecycle",
    "Limits",
    "MergeRule",
    "Options",
    "Origin",
    "Plan",
    "Project",
    "Reason",
    "RefusedError",
    "ResourcePlan",
    "Selection",
    "Service",
    "Severity",
    "Span",
    "Topology",
    "UsageError",
    "Web",
    "Worker",
    "WorkerlibError",
    "WriteError",
    "__version__",
    "check",
    "compare",
    "dumps",
    "edit",
    "effective",
    "expand",
    "factor",
    "load",
    "loads",
    "merge",
    "plan",
    "rebuild_needed",
    "resolve",
    "resources",
    "topology",
    "unstructure",
]

if not TYPE_CHECKING:  # type checkers see the imports above

    def __getattr__(name: str) -> object:
        for module, names in _HOMES.items():
            if name in names:
                from importlib import import_module

                value = getattr(import_module(f"workerlib.{module}"), name)
                globals()[name] = value
                return value
        raise AttributeError(f"module `workerlib` has no attribute `{name}`")

    def __dir__() -> list[str]:
        return __all__
