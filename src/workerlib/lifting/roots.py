"""Roots that an old layout implied by where a file stood: which of them have to be written down, and which cannot be."""

from __future__ import annotations

from attrs import evolve

from workerlib.definitions import Definition
from workerlib.diagnostic import Diagnostic, Severity
from workerlib.errors import ConfigurationError
from workerlib.loading import Tree
from workerlib.model import Project
from workerlib.text import Entry, Mapping, Node, Scalar, dealias


def needs_root(tree: Tree, definition: Definition) -> bool:
    """Whether an application states no root, the old layout's default is not the new one's, and it can be stated."""
    if not definition.root or not isinstance(tree.definitions.see(definition.node), Mapping):
        return False
    source = source_of(tree, definition)
    inner = tree.definitions.see(source.value) if source else None
    if source is not None and is_missing(tree, source.value):
        return False
    return not (isinstance(inner, Mapping) and (given := inner.get("root")) and not is_null(given.value))


def source_of(tree: Tree, definition: Definition) -> Entry | None:
    """An application's `source`, own or merged."""
    root = tree.definitions.see(definition.node)
    return tree.definitions.entries(root).get("source") if isinstance(root, Mapping) else None


def unstated(tree: Tree, definition: Definition) -> Entry | None:
    """The `source` of an application in a folder, if that is in a file that is not there, so that no root can be written into it."""
    source = source_of(tree, definition) if definition.root else None
    return source if source is not None and is_missing(tree, source.value) else None


def without_unstated(before: Project, tree: Tree) -> Project:
    """A project as it is to be, with the root of the repository for applications whose own root cannot be stated."""
    names = [name for name, definition in tree.definitions.applications.items() if unstated(tree, definition)]
    if not names:
        return before
    known = before.applications
    return evolve(
        before, applications={**known, **{name: evolve(known[name], source=evolve(known[name].source, root="")) for name in names}}
    )


def refuse_what_takes_no_root(tree: Tree, definition: Definition) -> None:
    """Raise ConfigurationError for a `source` that is no mapping, where the root of its application has to come into it."""
    source = source_of(tree, definition)
    inner = tree.definitions.see(source.value) if source else None
    if source is None or inner is None or isinstance(inner, Mapping) or is_null(inner) or not needs_root(tree, definition):
        return
    message = f"applications.{definition.name}: `source`: expected a mapping, which its root has to come into"
    advice = f"delete it, or write a mapping with `root: {definition.root}`"
    raise ConfigurationError(Diagnostic("WL110", "not-a-mapping", Severity.ERROR, message, source.value.origin, advice))


def is_missing(tree: Tree, node: Node) -> bool:
    """Whether a node includes a file that is not there."""
    found = tree.definitions.inclusions.get(id(dealias(node)))
    return found is not None and found.target is None


def is_null(node: Node) -> bool:
    """Whether a node is null, or an alias of it."""
    seen = dealias(node)
    return isinstance(seen, Scalar) and seen.is_null
