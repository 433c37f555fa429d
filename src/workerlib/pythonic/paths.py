"""How the literals of a path change when it becomes that of a new file."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

import libcst as cst

from workerlib.edits import Edit
from workerlib.pythonic.flow import Piece
from workerlib.pythonic.module import Module
from workerlib.pythonic.places import CannotFollowError, New, Old

BY = "python-paths"


def path_edits(module: Module, pieces: Sequence[Piece], old: Old, new: New) -> list[Edit]:
    """The edits that make the literals of an old path those of the new one. Raises CannotFollowError where it is written in parts of words."""
    last = pieces[-1]
    whole = new.strip + old.name
    if (last.text or "").endswith(whole) and (not last.glued or last.text != whole or whole.startswith("/")):
        return [replaced(module, last.node, whole, new.file + ("/" if whole.endswith("/") else ""))]
    folder, _, file = old.name.partition("/")
    if len(pieces) > 1 and not new.strip and last.text == file and not last.glued:
        before = pieces[-2]
        ending = next((e for e in (folder, f"{folder}/") if (before.text or "").endswith(e)), None)
        if ending is not None:
            head, tail = posixpath.split(new.file)
            return [
                replaced(module, before.node, ending, head + ("/" if ending.endswith("/") else "")),
                replaced(module, last.node, file, tail),
            ]
    raise CannotFollowError("the path is put together in an unusual way", "write the new path yourself")


def replaced(module: Module, node: cst.CSTNode, old: str, new: str) -> Edit:
    """An edit of the end of a literal. Raises CannotFollowError where it is not written as it reads."""
    start, end = module.span(node)
    raw = module.text[start:end]
    at = raw.rfind(old)
    closing = raw[at + len(old) :].strip("\"'")
    if at < 0 or closing:
        raise CannotFollowError("its literal is written with escapes", "write the new path yourself")
    return Edit(module.path, start + at, start + at + len(old), new, BY)
