"""How the literals of a path change when it becomes that of a new file."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

import libcst as cst

from workerlib.editing.edits import Edit
from workerlib.python.flows import Piece
from workerlib.python.module import Module
from workerlib.python.places import CannotFollowError, New, Old


def path_edits(module: Module, pieces: Sequence[Piece], old: Old, new: New, by: str) -> list[Edit]:
    """The edits that make the literals of an old path those of the new one. Raises CannotFollowError where it is written in parts of words.

    A folder that does not lead to the new file is dropped where it stands in the same literal, else ``..`` leads out of it.
    """
    last = pieces[-1]
    text = last.text or ""
    up = "../" * new.strip.count("/")
    for whole, file in ((new.strip + old.name, new.file), (old.name, up + new.file)):
        if text.endswith(whole) and (not last.glued or text != whole or whole.startswith("/")):
            return [_replaced(module, last.node, whole, file + ("/" if whole.endswith("/") else ""), by)]
    folder, _, name = old.name.partition("/")
    if len(pieces) > 1 and text == name and not last.glued:
        before = pieces[-2]
        if ending := next((e for e in (folder, f"{folder}/") if (before.text or "").endswith(e)), None):
            head, tail = posixpath.split(new.file)
            return [
                _replaced(module, before.node, ending, up + head + ("/" if ending.endswith("/") else ""), by),
                _replaced(module, last.node, name, tail, by),
            ]
    raise CannotFollowError("the path is put together in an unusual way", "write the new path yourself")


def _replaced(module: Module, node: cst.CSTNode, old: str, new: str, by: str) -> Edit:
    """An edit of the end of a literal. Raises CannotFollowError where it is not written as it reads."""
    start, end = module.span(node)
    raw = module.text[start:end]
    at = raw.rfind(old)
    closing = raw[at + len(old) :].strip("\"'")
    if at < 0 or closing:
        raise CannotFollowError("its literal is written with escapes, or elsewhere", "write the new path yourself")
    return Edit(module.path, start + at, start + at + len(old), new, by)
