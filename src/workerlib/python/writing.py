"""The folder that a new file needs before a program writes it."""

from __future__ import annotations

import posixpath

import libcst as cst
import libcst.matchers as m
import libcst.metadata as meta

from workerlib.editing.edits import apply
from workerlib.layout import CURRENT
from workerlib.python import calls
from workerlib.python.codemod import Site
from workerlib.python.flows import Write
from workerlib.python.module import Module
from workerlib.python.places import FIXED, ROOT, CannotFollowError, Made, Old
from workerlib.python.renaming import path_edits


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
    statement = module.statement(made.call)
    block = module.parents.get(statement) if statement is not None else None
    return block is not None and module.within(opened, block) and module.span(made.call) < module.span(opened)


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
