"""The text of a YAML file, and the tree of its nodes, each of which knows where it stands.

The tree (:mod:`workerlib.text.nodes`) is built from parse events (:mod:`workerlib.text.parsing`), never written.
"""

from __future__ import annotations

from workerlib.text.decoding import decode, parse, read
from workerlib.text.nodes import (
    LINE_BREAK,
    Alias,
    Anchored,
    Document,
    Entry,
    Mapping,
    Node,
    Scalar,
    Sequence,
    Source,
    children,
    dealias,
    is_merge,
    merged_entries,
    merged_mappings,
    merging,
    skip_blank,
    starting,
    walk,
)
from workerlib.text.parsing import Limits, problem

__all__ = [
    "LINE_BREAK",
    "Alias",
    "Anchored",
    "Document",
    "Entry",
    "Limits",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "Source",
    "children",
    "dealias",
    "decode",
    "is_merge",
    "merged_entries",
    "merged_mappings",
    "merging",
    "parse",
    "problem",
    "read",
    "skip_blank",
    "starting",
    "walk",
]
