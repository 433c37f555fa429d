"""What somebody may have meant who wrote a name that there is not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_BEGINNING = 3  # from so many letters on the beginning of one name is taken for it, such as `var`


def nearest(name: str, names: Iterable[str], otherwise: str) -> str:
    """Advice for a name that there is not: the one that may be meant, or else `otherwise`."""
    from difflib import get_close_matches  # rarely needed, and slow to import

    there = list(names)
    longer = [one for one in there if len(name) >= _BEGINNING and one.startswith(name)]
    near = get_close_matches(name, there, 1) or get_close_matches(name.lower(), there, 1) or (longer if len(longer) == 1 else [])
    return f"did you mean `{near[0]}`?" if near else otherwise


def understood(parser: argparse.ArgumentParser, argv: Sequence[str]) -> argparse.Namespace:
    """What a command line says, with paths before and behind options; the program ends, with status 2, at a word that is not known."""
    # Read in two passes, as the intermixed are, `--` would no longer say that no option follows.
    args, unknown = (parser.parse_known_args if "--" in argv else parser.parse_known_intermixed_args)(argv)
    if unknown:
        first = unknown[0].partition("=")[0]
        if not first.startswith("-"):
            parser.error(f"`{first}` is one argument too many; see --help")
        options = [word for action in parser._actions for word in action.option_strings]  # noqa: SLF001 - argparse tells it only so
        parser.error(f"there is no option `{first}`; {nearest(first, options, 'see --help')}")
    return args
