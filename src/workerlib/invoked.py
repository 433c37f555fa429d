"""How the program was started, so that what it tells people to run can be pasted."""

from __future__ import annotations

import gc
import sys

SCRIPTS = ("workerlib", "upsun-workerlib")


def command(*words: str) -> tuple[str, ...]:
    """The words that run this program with a command, such as ``migrate``."""
    name = sys.argv[0].replace("\\", "/").rpartition("/")[2].removesuffix(".exe") if sys.argv else ""
    if name in SCRIPTS:
        return name, *words
    return ("python", "-m", "workerlib.migrate", *words[1:]) if words[:1] == ("migrate",) else ("python", "-m", "workerlib", *words)


def imported() -> None:
    """Let garbage be collected again in a program that has switched that off while it imported its modules, and not looked for in those.

    Nothing is garbage until then, and to look for it takes a tenth of a short run. This is for a process that is ours: one that imports
    workerlib collects its garbage as it likes.
    """
    gc.freeze()
    gc.enable()
