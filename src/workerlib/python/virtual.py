"""Configuration that stands in a program, migrated as a project of its own by the same plan as files are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, Union

from attrs import frozen

from workerlib.definitions import Definitions
from workerlib.errors import ConfigurationError, WorkerlibError
from workerlib.layout import CONFIG, MemoryFiles
from workerlib.loading import load_tree
from workerlib.model import Number
from workerlib.python.places import CannotFollowError, Old
from workerlib.scalars import scalar_value
from workerlib.text import Mapping as MappingNode
from workerlib.text import Node
from workerlib.text import Sequence as SequenceNode

Data: TypeAlias = Union[str, int, float, bool, list["Data"], dict[str, "Data"], None]  # noqa: UP007
# Migrates files in memory, in as many files as possible where that is asked for: the new files, the command that sets resources, warnings.
Planner: TypeAlias = Callable[[Mapping[str, bytes], bool], tuple[Mapping[str, bytes], str | None, tuple[str, ...]]]

WORD = "workerlibunknown{}value"  # stands for what is no literal
WORDS = re.compile(r"workerlibunknown\d+value")
_STAND_IN = "workerlib-stand-in"  # the application of a project that needs one, and any other name
_NAME = "workerlib-name"  # the application, or service, that something is a part of


@frozen
class Migrated:
    """What became of one old file: the text of the new one, its definitions by section and name, the command that sets resources."""

    text: str
    definitions: Mapping[str, Mapping[str, Data]]
    command: str | None
    warnings: tuple[str, ...] = ()

    def names(self, section: str) -> tuple[str, ...]:
        """The names of what the old file of a section defined."""
        return tuple(self.definitions["applications" if section == "application" else section])

    @property
    def application(self) -> str:
        """The name of the only application."""
        return next(iter(self.definitions["applications"]))


def migrate_text(planner: Planner, old: Old, text: str) -> Migrated:
    """Migrate the content of an old file that stands alone. Raises CannotFollowError where that cannot be done, with the reason."""
    name = old.name.lstrip("/")
    files = {name: text.encode()}
    alone = old.section in ("application", "applications")
    if not alone:
        newline = "\r\n" if "\r\n" in text else "\n"  # the new file has that of the application's
        files[".platform.app.yaml"] = f"name: {_STAND_IN}{newline}type: php:8.4{newline}".encode()
    try:
        new, command, warnings = planner(files, not alone)
        tree = load_tree(MemoryFiles(new))
    except (ConfigurationError, WorkerlibError) as error:
        reason = error.diagnostics[0].message if isinstance(error, ConfigurationError) else str(error)
        raise CannotFollowError(f"as `{name}` it could not be migrated: {reason}", "adapt it yourself") from None
    if set(new) - {CONFIG, f"{CONFIG.partition('/')[0]}/{_STAND_IN}.yaml"}:
        raise CannotFollowError("it names other files", "adapt it yourself")
    found = tree.definitions
    sections = {
        "applications": {one.name: _data(found, one.node) for one in found.applications.values() if one.name != _STAND_IN},
        "services": {key: _data(found, entry.value) for key, entry in found.services.items()},
        "routes": {key: _data(found, entry.value) for key, entry in found.routes.items()},
    }
    return Migrated(new[CONFIG].decode(), sections, command, tuple(one for one in warnings if _STAND_IN not in one))


def migrate_data(planner: Planner, old: Old, data: Data) -> Migrated:
    """Migrate what would be written to an old file, given as plain data. Raises CannotFollowError where that cannot be done."""
    return migrate_text(planner, old, json.dumps(data, ensure_ascii=False))  # JSON is YAML


def migrate_at(planner: Planner, keys: Sequence[str | None], data: Data) -> Data | None:
    """Migrate what is to stand at some keys of the new layout; None where it may stand there no more. A key that is None is any.

    Raises CannotFollowError where that cannot be done.
    """
    section, _, *rest = (key or _STAND_IN for key in (*keys, None)[: max(len(keys), 2)])
    given: Data = data
    for key in reversed(rest):
        given = {key: given}
    if not isinstance(given, dict):
        raise CannotFollowError("it is no mapping", "adapt it yourself")
    if section == "applications":
        found = migrate_data(planner, Old("", ".platform.app.yaml", "application"), {"type": "php:8.4", **given, "name": _NAME})
        new: Data = found.definitions[section][_NAME]
    else:
        found = migrate_data(planner, Old("", f".platform/{section}.yaml", section), {_NAME: {"type": "redis:7.2", **given}})
        new = found.definitions[section][_NAME]
    if not rest and isinstance(data, dict) and isinstance(new, dict):
        return {key: value for key, value in new.items() if key != "type" or key in data}
    for key in rest:
        if not isinstance(new, dict) or key not in new:
            return None
        new = new[key]
    return new


def _data(found: Definitions, node: Node) -> Data:
    seen = found.see(node)
    if isinstance(seen, MappingNode):
        return {name: _data(found, entry.value) for name, entry in found.entries(seen).items()}
    if isinstance(seen, SequenceNode):
        return [_data(found, item) for item in seen.items]
    value = scalar_value(seen)
    if isinstance(value, Number):
        return value.value if isinstance(value.value, int | float) else value.text
    if value is None or isinstance(value, str | bool):
        return value
    raise CannotFollowError(f"`{seen.source.text[seen.start : seen.end]}` is a tag", "adapt it yourself")
