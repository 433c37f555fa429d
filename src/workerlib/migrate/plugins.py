"""Codemods of other distributions, which name their modules under the entry-point group ``workerlib.codemods``.

They run as ours do, after ours: what they do is proved in the same way. They are Python code that somebody chose to install.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from contextlib import suppress

from workerlib.errors import WorkerlibError
from workerlib.rewrite import Rewrite

GROUP = "workerlib.codemods"


def plugins(taken: Collection[str]) -> tuple[Rewrite, ...]:
    """The codemods that installed distributions offer, in the order of their names. The names in `taken` are ours.

    Raises WorkerlibError for one that cannot be loaded, or whose name is not free: a run without it would be another run, without a word.
    """
    if not any(map(_may_offer, sys.path)):
        return ()
    from importlib.metadata import entry_points

    found: dict[str, Rewrite] = {}
    for point in entry_points(group=GROUP):
        where = f"the codemod `{point.name}` of `{point.dist.name if point.dist else point.value}`"
        advice = "update or uninstall that distribution"
        try:
            rewrite = getattr(point.load(), "rewrite", None)
        except Exception as error:
            raise WorkerlibError(f"{where} cannot be loaded ({type(error).__name__}: {error}); {advice}") from error
        if not isinstance(rewrite, Rewrite):
            raise WorkerlibError(f"{where}: expected a module with a `Rewrite` called `rewrite`, found none; {advice}")
        if rewrite.name in taken or rewrite.name in found:
            raise WorkerlibError(f"{where}: there is a codemod `{rewrite.name}` already; {advice}")
        found[rewrite.name] = rewrite
    return tuple(found[name] for name in sorted(found))


def _may_offer(place: str) -> bool:
    """Whether a distribution at a place of ``sys.path`` may name codemods: a look that costs a tenth of what importlib.metadata does."""
    if os.path.isfile(place):  # noqa: PTH113 - an archive, whose inside importlib.metadata knows
        return True
    with suppress(OSError), os.scandir(place or ".") as entries:
        for entry in entries:
            if entry.name.endswith((".dist-info", ".egg-info")):
                with suppress(OSError), open(os.path.join(entry.path, "entry_points.txt"), "rb") as file:  # noqa: PTH118, PTH123
                    if GROUP.encode() in file.read():
                        return True
    return False
