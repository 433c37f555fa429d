"""``python -m workerlib.migrate``: bring projects from any old layout to the current one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from workerlib._version import __version__
from workerlib.errors import ConfigurationError, UsageError, WorkerlibError
from workerlib.migrate import registry
from workerlib.migrate.planning import Plan, plan
from workerlib.rewrite import Options

DONE, WOULD_CHANGE, USAGE, REFUSED = 0, 1, 2, 3


def parser() -> argparse.ArgumentParser:
    """The command line's options."""
    p = argparse.ArgumentParser(
        prog="python -m workerlib.migrate",
        description="Rewrite a project's configuration from any old layout into .upsun/, with comments, quoting and order kept, and prove it.",
    )
    p.add_argument("paths", nargs="*", metavar="PATH", default=["."], help="folders of projects (default: the current one)")
    mode = p.add_mutually_exclusive_group()
    mode.add_argument("--write", action="store_true", help="write the changes; without it they are only shown")
    mode.add_argument("--check", action="store_true", help="write nothing, exit with status 1 if anything would change")
    mode.add_argument("--list", action="store_true", help="list the codemods and stop")
    mode.add_argument("--explain", metavar="NAME", help="show the manual of a codemod and stop")
    p.add_argument("--only", metavar="NAME", action="append", default=[], help="run this codemod only (repeatable)")
    p.add_argument("--skip", metavar="NAME", action="append", default=[], help="leave this codemod out (repeatable)")
    p.add_argument("--mounts", choices=("instance", "storage"), default="instance", help="what a `local` mount becomes (default: instance)")
    p.add_argument("--split", action="store_true", help="write one file for each application")
    p.add_argument("--keep-old", action="store_true", help="leave the old files where they are")
    p.add_argument("--overwrite", action="store_true", help="replace a configuration that is in .upsun/ already")
    p.add_argument("--quiet", action="store_true", help="say nothing but errors")
    p.add_argument("--version", action="version", version=__version__)
    return p


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; its exit status."""
    args = parser().parse_args(argv)
    options = Options(
        mounts=args.mounts,
        only=tuple(args.only),
        skip=tuple(args.skip),
        split=args.split,
        keep_old=args.keep_old,
        overwrite=args.overwrite,
    )
    statuses = [migrate(Path(path), options, args) for path in args.paths]
    return next((status for status in (USAGE, REFUSED, WOULD_CHANGE) if status in statuses), DONE)


def migrate(path: Path, options: Options, args: argparse.Namespace) -> int:
    """Plan one project, and write or show it; the exit status."""
    try:
        found = plan(path, options)
        if args.write and found:
            found.apply()
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    except ConfigurationError as error:
        print(f"{path}: refused\n{error}", file=sys.stderr)
        return REFUSED
    except WorkerlibError as error:
        print(f"error: {error}", file=sys.stderr)
        return REFUSED
    if not args.quiet:
        show(found, args)
    return WOULD_CHANGE if args.check and found else DONE


def show(found: Plan, args: argparse.Namespace) -> None:
    """The preview on stdout, the report on stderr."""
    if not (args.write or args.check):
        sys.stdout.write(found.diff())


if __name__ == "__main__":
    sys.exit(main())
