"""``python -m workerlib``: check, resolve, explain, compare, set and migrate, from the command line."""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # the folder that `python -m` was started in: what is called `rich.py` there is the project's

import argparse
import gc
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from workerlib import commands, invoked
from workerlib._version import __version__
from workerlib.commands import DONE, REFUSED, USAGE, Session, advised, before, reader_of
from workerlib.guessing import nearest, understood

if TYPE_CHECKING:
    from workerlib.report import Screen

INTERRUPTED = 130  # as shells count it
FORMATS = ("text", "json", "sarif", "github")
SHELLS = ("bash", "zsh", "tcsh")

DESCRIPTION = """\
Upsun and Platform.sh configuration: what is wrong in it, what each instance
gets and why, what changes; and changes of it that keep all other text.
"""
EPILOG = """\
examples:
  %(prog)s check                     what is wrong here
  %(prog)s resolve --instance shop--queue
  %(prog)s explain shop--queue.variables.env.MODE
  %(prog)s compare HEAD~1 .          what a commit changes, for whom
  %(prog)s set applications.shop.workers.queue.commands.start './q'
  %(prog)s migrate --help            from any old layout to .upsun/

exit status:
  0  done
  1  check found an error; compare found data that would be destroyed;
     migrate --check found something that would change
  2  wrong usage
  3  a configuration cannot be read, or a change was refused
"""


EXAMPLES = {
    "check": ("", "shop api", "--select WL2 --format sarif > workerlib.sarif"),
    "resolve": ("--instance shop--queue", "--format json shop"),
    "explain": ("shop--queue.variables.env.MODE", "shop--queue.mounts shop"),
    "compare": ("main", "HEAD~1 . --format github", "old-checkout new-checkout"),
    "set": ("applications.shop.workers.queue.container_profile HIGH_MEMORY", "applications.shop.timezone UTC --write"),
    "completion": (
        "bash > ~/.local/share/bash-completion/completions/workerlib",
        "zsh > ~/.zfunc/_workerlib",
        "tcsh > ~/.workerlib.tcsh",
    ),
}


Run: TypeAlias = Callable[[Session], int]


def parser(migration: Callable[[argparse.ArgumentParser], None] | None = None) -> argparse.ArgumentParser:
    """The command line. The options of `migrate` are its own, and are added by `migration` where all of them are to be known."""
    p = argparse.ArgumentParser(
        prog=" ".join(invoked.command()),
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    p.add_argument("--version", action="version", version=__version__)
    subparsers = p.add_subparsers(metavar="COMMAND", required=True)
    p.set_defaults(commands=subparsers.choices)

    def command(run: Run, name: str, help: str, formats: Sequence[str] = ()) -> argparse.ArgumentParser:
        shown = "".join(f"  {' '.join(invoked.command(name))} {words}\n" for words in EXAMPLES.get(name, ()))
        sub = subparsers.add_parser(
            name,
            help=help,
            description=help[0].upper() + help[1:] + ".",
            epilog=f"examples:\n{shown}" if shown else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        sub.set_defaults(run=run, command=name)
        if name not in ("migrate", "completion"):
            sub.add_argument(
                "--limit", metavar="NAME=N", action="append", default=[], help="read more, or less, such as depth=200 (repeatable)"
            )
        if formats:
            sub.add_argument("--format", choices=formats, default="text", help="what goes to standard output (default: text)")
        return sub

    sub = command(commands.check, "check", "say what is wrong in the configuration of projects", FORMATS)
    sub.add_argument("paths", nargs="*", metavar="PATH", help="folders of projects, or files (default: the current folder)")
    sub.add_argument("--select", metavar="CODE", action="append", default=[], help="say only this: WL201, WL2 or worker-crons (repeatable)")
    sub.add_argument("--ignore", metavar="CODE", action="append", default=[], help="do not say this (repeatable)")
    sub = command(commands.resolve, "resolve", "show what each instance gets, with what it inherits and with defaults", ("text", "json"))
    sub.add_argument("path", nargs="?", default=".", metavar="PATH", help="the project (default: the current folder)")
    sub.add_argument("--instance", metavar="NAME", help="only this one, by its deployed name, such as shop--queue")
    sub = command(commands.explain, "explain", "say why an instance has a value, and where it is written", FORMATS)
    sub.add_argument("key", metavar="KEY", help="such as shop--queue.variables.env.MODE, or applications.shop.workers.queue.mounts")
    sub.add_argument("path", nargs="?", default=".", metavar="PATH", help="the project (default: the current folder)")
    sub = command(commands.compare, "compare", "say what changes for each instance from one state of a project to another", FORMATS)
    sub.add_argument("old", metavar="OLD", help="a folder, or a revision of git (a branch, a tag, a commit)")
    sub.add_argument("new", nargs="?", default=".", metavar="NEW", help="the same (default: the current folder)")
    sub.add_argument("--project", default=".", metavar="PATH", help="where the project is in these revisions (default: the current folder)")
    sub = command(commands.amend, "set", "write a value; without --write, show what that would change")
    sub.add_argument("key", metavar="KEY", help="such as applications.shop.workers.queue.commands.start")
    sub.add_argument("value", metavar="VALUE", help="text; `true`, `false`, `null` and numbers are read as such")
    sub.add_argument("path", nargs="?", default=".", metavar="PATH", help="the project (default: the current folder)")
    sub.add_argument("--as", dest="kind", choices=("scalar", "text", "yaml"), default="scalar", help="how VALUE is read (default: scalar)")
    sub.add_argument("--expand", action="store_true", help="write a copy first of what the key shares with others by an alias or merge key")
    sub.add_argument("--write", action="store_true", help="write the change")
    sub.add_argument("--force", action="store_true", help="write even if git could not bring the old file back")
    sub = command(lambda _: USAGE, "migrate", "bring a project from any old layout to the current one; see migrate --help")
    if migration:
        migration(sub)
    sub = command(completion, "completion", "print a script that lets a shell complete this command (needs the extra `completion`)")
    sub.add_argument("shell", choices=SHELLS, help="which shell")
    return p


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; its exit status."""
    alone = argv is None
    argv = list(sys.argv[1:] if argv is None else argv)
    if argv[:1] == ["migrate"]:
        if alone:
            gc.disable()  # until `invoked.imported`
        from workerlib.migrate.__main__ import main as migrate

        if alone:
            invoked.imported()
        return migrate(argv[1:])
    args = _arguments(parser(), argv)
    from workerlib.report import Screen

    out, err = Screen(sys.stdout), Screen(sys.stderr)
    try:
        status: int = args.run(Session(args, out, err))
        out.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - nobody is to see a traceback
        return failed(error, err, args)
    return status


def _arguments(whole: argparse.ArgumentParser, argv: list[str]) -> argparse.Namespace:
    """What the command line says; the program ends if that is nothing, or unknown."""
    if not argv:
        whole.print_help(sys.stderr)
        sys.exit(USAGE)
    known: dict[str, argparse.ArgumentParser] = whole.get_default("commands")
    name = argv[0]
    if name not in known:
        options = ("-h", "--help", "--version")
        if name not in options:
            kind = "option" if name.startswith("-") else "command"
            whole.error(f"there is no {kind} `{name}`; {nearest(name, (*known, *options), 'see --help')}")
        return whole.parse_args(argv)  # which ends the program
    return understood(known[name], argv[1:])


def failed(error: Exception, err: Screen, args: argparse.Namespace) -> int:
    """Say why there is no result; the exit status."""
    from workerlib.errors import ConfigurationError, UsageError, WorkerlibError
    from workerlib.report import show

    if isinstance(error, ConfigurationError):
        path = getattr(args, "path", ".")
        read = reader_of(path)
        for diagnostic in advised(error.diagnostics, path, args):
            show(err, diagnostic, read, before(diagnostic, path))
        return REFUSED
    if isinstance(error, (WorkerlibError, OSError)):
        err.message(("error: ", "bold red"), str(error))
        return USAGE if isinstance(error, UsageError) else REFUSED
    if os.environ.get("WORKERLIB_DEBUG"):
        raise error
    err.message(("error: ", "bold red"), f"{type(error).__name__}: {error}")
    err.line("this is a mistake in workerlib: please report it, with what the same command prints when WORKERLIB_DEBUG=1 is set")
    return REFUSED


def completion(session: Session) -> int:
    """Print a script that lets a shell complete this command."""
    from workerlib.errors import UsageError
    from workerlib.migrate.__main__ import add_options
    from workerlib.migrate.registry import names

    try:
        import shtab
    except ImportError:
        raise UsageError("completion needs shtab: run `pip install 'upsun-workerlib[completion]'`") from None
    whole = parser(add_options)
    whole.prog = "workerlib"
    for sub in whole.get_default("commands").values():
        for action in sub._actions:  # noqa: SLF001 - argparse tells of its options only so
            if action.metavar in _COMPLETED:
                action.complete = getattr(shtab, _COMPLETED[action.metavar])
            elif action.dest in ("only", "skip", "explain"):
                action.choices = names()
    session.out.raw(shtab.complete(whole, session.args.shell))
    return DONE


# What a shell offers where an argument is called so.
_COMPLETED = {"PATH": "DIRECTORY", "OLD": "DIRECTORY", "NEW": "DIRECTORY", "LIST": "FILE", "FILE": "FILE"}


if __name__ == "__main__":
    sys.exit(main())
