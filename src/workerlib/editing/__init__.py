"""From intentions to edits of the text: set, add, remove, rename, move, nest and expand, in block and in flow style.

An :class:`Editor` collects what is wanted of the nodes of any number of files, then says which characters that changes. Together with the
modules that it is made of, it is the only place that knows how YAML is written; what calls it handles nodes.
"""

from __future__ import annotations

from workerlib.editing.editor import Editor, SharedValueError, parent_entry, quoted
from workerlib.editing.edits import Edit, EditConflictError, apply, reindent, with_newlines
from workerlib.editing.writing import Value, Written, block, flow, scalar

__all__ = [
    "Edit",
    "EditConflictError",
    "Editor",
    "SharedValueError",
    "Value",
    "Written",
    "apply",
    "block",
    "flow",
    "parent_entry",
    "quoted",
    "reindent",
    "scalar",
    "with_newlines",
]
