"""What a program writes to an old file, and the folder that the new file needs."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

import libcst as cst
import libcst.matchers as m
import libcst.metadata as meta

from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing.edits import apply
from workerlib.layout import CURRENT
from workerlib.python import calls
from workerlib.python.codemod import Site
from workerlib.python.displays import Display
from workerlib.python.flows import Write
from workerlib.python.leaving import advice, leaves_below
from workerlib.python.lookups import How, Use, uses
from workerlib.python.module import Module
from workerlib.python.places import FIXED, ROOT, CannotFollowError, Made, Old
from workerlib.python.renaming import path_edits
from workerlib.python.virtual import Data, Migrated, Planner, migrate_data

_BY_HAND = "adapt it yourself"


def planner(site: Site) -> Planner:
    """What migrates definitions in a program. Raises CannotFollowError where there is nothing that does."""
    if site.context.planner is None:
        raise CannotFollowError("what it holds cannot be migrated here", "run `python -m workerlib.migrate --python`")
    return site.context.planner


# ---- definitions --------------------------------------------------------------------------------------------------------------------


def display_of(site: Site, value: cst.BaseExpression, old: Old) -> tuple[Display, Migrated] | None:
    """The display that a written value is, and what it becomes; None where it is none.

    Raises CannotFollowError where it is one whose content is not known, or that is used in another way, too.
    """
    module, node = site.module, value
    if isinstance(node, cst.Name) and (binding := module.only_binding(node)) is not None:
        node = module.value(binding) or node
    is_call = isinstance(node, cst.Call) and module.names(node.func) == frozenset(("builtins.dict",))
    if not isinstance(node, cst.Dict) and not is_call:
        return None
    if old.section == "applications":
        raise CannotFollowError("a display of several applications is not followed", _BY_HAND)
    display = Display(module, node, site.rewrite.name)
    for name in [*display.names, *([value] if isinstance(value, cst.Name) else [])]:
        site.private(name.value)
    return display, migrate_data(planner(site), old, display.data)


def keys_of(old: Old, migrated: Migrated) -> tuple[str, ...]:
    """The keys under which a definition stands in the new file."""
    return ("applications", migrated.application) if old.section == "application" else (old.section,)


def definition(old: Old, migrated: Migrated) -> Data:
    """What a display is to say: the definition of the application, or all services or routes."""
    named = migrated.definitions[keys_of(old, migrated)[0]]
    return named[migrated.application] if old.section == "application" else dict(named)


def other_uses(site: Site, display: Display, sink: Write, keys: tuple[str, ...]) -> list[Use]:
    """The lookups of an application's name in a display that is written.

    Raises CannotFollowError where the display is used in a way that would no longer be the same.
    """
    module, names = site.module, []
    # A helper that is called once with the value does with it what is known.
    once = isinstance(sink.value, cst.Name) and sum(isinstance(module.parent(one), cst.Arg) for one in module.uses(sink.value)) == 1
    for use in uses(site.module, display.node, keys)[0] if isinstance(sink.value, cst.Name) else ():
        shown = f"`{site.module.source(use.node)}`"
        if use.node is sink.value or (once and site.module.within(use.node, sink.node)):
            continue
        if keys[0] == "applications" and use.keys == (*keys, "name") and use.how is How.LOOKED_UP and use.sure:
            names.append(use)
        elif advice(use.keys) or (use.how is not How.LOOKED_UP and leaves_below(use.keys)):
            raise CannotFollowError(f"{shown} depends on keys that leave", _BY_HAND)
        elif use.keys[-1] is None or use.how is How.SET or leaves_below(use.keys):
            raise CannotFollowError(f"{shown} may depend on what changes", _BY_HAND)
    return names


def told(site: Site, node: cst.CSTNode, migrated: Migrated, lost: list[str], told_as: Callable[[str], str]) -> Iterator[Diagnostic]:
    """What is to be known of a definition that was migrated. `told_as` gives messages the source for what is no literal."""
    resources = "resources are set with `upsun resources:set`"
    if migrated.command:
        yield site.note(node, "resources left this definition", f"run `{told_as(migrated.command)}`", severity=Severity.INFO)
    for source in lost:
        yield site.note(node, f"`{source}` is not written any more: it was the value of a key that left", resources)
    for warning in migrated.warnings:
        if "workerlib" not in warning:  # it is not about what is not known
            yield site.note(node, warning, "see whether what is written is right")


# ---- the folder ---------------------------------------------------------------------------------------------------------------------


def make_folder(site: Site, sink: Write, old: Old) -> None:
    """Have the folder of the new file made before the file is written, unless it is there.

    Raises CannotFollowError where no line can be put before it.
    """
    module, outer = site.module, sink.outer
    at_root = site.context.project is not None and (outer.text.startswith(ROOT) or not outer.text.startswith(FIXED))
    if at_root or _is_made(site, sink, old):
        return
    statement = module.statement(sink.opened)
    at = module.span(statement)[0] if statement is not None else 0
    indent = module.text[module.line_start(at) : at]
    if statement is None or indent.strip() or not _repeatable(module, outer.node) or not _known_before(module, outer.node, statement, sink):
        raise CannotFollowError(f"the folder `{CURRENT.folder}` would have to be made first", "make it, then adapt the path")
    path = apply(module.text, path_edits(module, sink.path.pieces, old, site.new, ""), *module.span(outer.node))
    if outer.is_object:
        whole = f"({path})" if isinstance(outer.node, cst.BinaryOperation) else path
        line = f"{whole}.parent.mkdir(parents=True, exist_ok=True)"
    else:
        folder = f"os.path.dirname({path})" if not isinstance(outer.node, cst.SimpleString) else _folder(outer.node, path)
        line = f"os.makedirs({folder}, exist_ok=True)"
        if (known := module.global_import("os", statement)) is None:
            raise CannotFollowError("`os` is something else here", "make the folder first, then adapt the path")
        site.imports |= set() if known else {"os"}
    site.replace(at, at, f"{line}{module.tree.default_newline}{indent}")


def _is_made(site: Site, sink: Write, old: Old) -> bool:
    """Whether the program makes the folder itself, before. Raises CannotFollowError where it could then no longer do so."""
    here = [made for made in site.context.made if made.base == old.base]
    if any(_before(site.module, made, sink.opened) for made in here):
        return True
    if not all(made.lenient for made in here):
        raise CannotFollowError(f"the folder `{CURRENT.folder}` is made later", "make it first, with `exist_ok=True`")
    return False


def _before(module: Module, made: Made, opened: cst.CSTNode) -> bool:
    """Whether a folder is made before a file is opened: further up, and not in a block that this is not in."""
    call = made.call
    assert isinstance(call, cst.CSTNode)
    statement = module.statement(call)
    block = module.parents.get(statement) if statement is not None else None
    return block is not None and module.within(opened, block) and module.span(call) < module.span(opened)


def _folder(literal: cst.SimpleString, source: str) -> str:
    """The literal of the folder that a literal's path is in."""
    text = cst.ensure_type(cst.parse_expression(source), cst.SimpleString).evaluated_value
    return f"{literal.prefix}{literal.quote}{posixpath.dirname(str(text))}{literal.quote}"


def _known_before(module: Module, node: cst.CSTNode, statement: cst.CSTNode, sink: Write) -> bool:
    """Whether all names of a path have their values before the statement that it is part of."""
    if isinstance(statement, cst.SimpleStatementLine) and not module.within(sink.opened, statement.body[0]):
        return False
    names = [node] if isinstance(node, cst.Name) else [name for name in m.findall(node, m.Name()) if isinstance(name, cst.Name)]
    bindings = [one.node for name in names for one in module.bindings(name) if isinstance(one, meta.Assignment)]
    return not any(module.within(one, statement) for one in bindings)


def _repeatable(module: Module, node: cst.CSTNode) -> bool:
    """Whether an expression gives the same path each time, and does nothing else."""
    found = m.findall(node, m.Call())
    known = calls.JOIN | calls.SAME_PATH | calls.FOLDER
    methods = m.Attribute(attr=m.OneOf(*(m.Name(name) for name in ("joinpath", *calls.SAME_PATH_METHODS))))
    return all(
        ((names := module.names(call.func)) and names <= known) or m.matches(call.func, methods)
        for call in found
        if isinstance(call, cst.Call)
    )
