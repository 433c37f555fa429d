"""``python -m workerlib.migrate``: bring projects from any old layout to the current one."""

from __future__ import annotations

import gc
import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # the folder that `python -m` was started in: what is called `rich.py` there is the project's
if __name__ == "__main__":
    gc.disable()  # until `invoked.imported`

import signal

_interrupts = __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _interrupts:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while modules are imported: an end without a traceback

import argparse
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, field

from workerlib import invoked
from workerlib._version import __version__
from workerlib.changes import JOURNAL
from workerlib.diagnostic import Diagnostic, Severity
from workerlib.errors import ConfigurationError, RefusedError, UsageError, WorkerlibError
from workerlib.guessing import understood
from workerlib.layout import LAYOUTS
from workerlib.migrate import advice, registry, report
from workerlib.migrate.advice import Step
from workerlib.migrate.planning import Plan, plan
from workerlib.migrate.report import Result
from workerlib.report import Screen, width_of
from workerlib.rewrite import MOUNTS, STACK_FORMS, Options, Rewrite
from workerlib.text import Limits

if TYPE_CHECKING:
    from workerlib.python.codemod import PythonRewrite

DONE, WOULD_CHANGE, USAGE, REFUSED = 0, 1, 2, 3
INTERRUPTED = 130  # as shells count it
FORMATS = ("text", "json", "sarif", "github")

DESCRIPTION = """\
Rewrite a project's configuration from any old layout of Platform.sh into
.upsun/, with comments, quoting and order kept, and prove that it means the
same. Without --write nothing is written: a diff and a report are shown.
"""
EPILOG = """\
examples:
  %(prog)s              show what would change here
  %(prog)s --write      write it, and say what to do next
  %(prog)s shop | less  the diff; the report is on stderr
  %(prog)s --check a b  which of these would change
  %(prog)s --explain local-mounts
  %(prog)s --recursive checkouts --jobs 8 --report report.jsonl

exit status:
  0  done, or nothing to do
  1  --check found something that would change
  2  wrong usage
  3  a project was refused and left as it was, or holds no configuration at all
     (of many projects, one without configuration is nothing to do)
  130  interrupted: every project is either migrated or as it was
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = argparse.ArgumentParser(
        prog=" ".join(invoked.command("migrate")),
        usage="%(prog)s [options] [PATH ...]",
        description=DESCRIPTION,
        epilog=EPILOG,
        # Told the width, argparse does not import shutil to find it out.
        formatter_class=partial(argparse.RawDescriptionHelpFormatter, width=width_of(sys.stdout) - 2),
        allow_abbrev=False,  # half an option would write, and a new one would make it mean nothing
    )
    add_options(p)
    return p


def add_options(p: argparse.ArgumentParser) -> None:
    """Let a parser know the options of the migration."""
    p.add_argument("paths", nargs="*", metavar="PATH", help="folders of projects (default: the current one)")
    mode = p.add_argument_group("what to do").add_mutually_exclusive_group()
    mode.add_argument("--write", action="store_true", help="write the changes, and delete the old files")
    mode.add_argument("--check", action="store_true", help="write nothing, exit with status 1 if anything would change")
    mode.add_argument("--recover", action="store_true", help="finish or undo a write that was interrupted, and stop")
    mode.add_argument("--list", action="store_true", help="list the codemods and stop")
    mode.add_argument("--explain", metavar="NAME", help="show the manual of a codemod and stop")
    mode.add_argument("--version", action="version", version=__version__)
    how = p.add_argument_group("how to migrate")
    how.add_argument("--limit", metavar="NAME=N", action="append", default=[], help="read more, or less, such as depth=200 (repeatable)")
    how.add_argument("--only", metavar="NAME", action="append", default=[], help="run this codemod only (repeatable)")
    how.add_argument("--skip", metavar="NAME", action="append", default=[], help="leave this codemod out (repeatable)")
    how.add_argument("--mounts", choices=MOUNTS, default="instance", help="what `local` mounts become (default: instance)")
    how.add_argument(
        "--stack",
        metavar="WHICH",
        default="needed",
        help="which applications get a composable image: needed (those that cannot run otherwise; the default), advised, all, never, "
        "or names with commas between",
    )
    how.add_argument(
        "--channel", metavar="CHANNEL", default="", help="the channel of composable images, such as 26.05 (default: the newest)"
    )
    how.add_argument("--stack-form", choices=STACK_FORMS, default="mapping", help="how a stack is written (default: mapping)")
    how.add_argument("--explicit-relationships", action="store_true", help="write relationships such as `db:mysql` as mappings")
    how.add_argument("--factor", action="store_true", help="move to an application what all its workers repeat")
    how.add_argument("--python", action="store_true", help="rewrite Python source that reads, writes or names the old files, too")
    how.add_argument("--app", metavar="NAME", help="with --python: the application that a path without a folder means")
    how.add_argument("--split", action="store_true", help="write one file for each application")
    how.add_argument("--keep-old", action="store_true", help="leave the old files where they are")
    how.add_argument("--overwrite", action="store_true", help="replace a configuration that is in .upsun/ already")
    git = p.add_argument_group("in a git checkout")
    git.add_argument("--force", action="store_true", help="write, or recover, even if git could not bring the old files back")
    git.add_argument("--stage", action="store_true", help="with --write: stage the result")
    many = p.add_argument_group("many projects")
    many.add_argument("--recursive", action="store_true", help="migrate every project at or below each path")
    many.add_argument("--from-file", metavar="LIST", help="migrate the projects that a file names, one on each line; - is standard input")
    many.add_argument("--jobs", metavar="N", type=_count, default=1, help="work on so many projects at a time (default: 1)")
    many.add_argument(
        "--scheduler", metavar="ADDRESS", help="work on a Dask cluster, such as tcp://host:8786, whose workers see the same files"
    )
    many.add_argument("--report", metavar="FILE", help="write one JSON line for each project as it is done")
    many.add_argument("--resume", action="store_true", help="go on with a report: leave out what it says is done, but not what failed")
    shown = p.add_argument_group("what is shown")
    shown.add_argument("--format", choices=FORMATS, default="text", help="what goes to standard output (default: text, a diff)")
    shown.add_argument("--quiet", action="store_true", help="print no report, only the diff and errors")


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, found `{text}`")
    return int(text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; its exit status."""
    argv = sys.argv[1:] if argv is None else argv
    known = parser()
    args = understood(known, argv)
    command = Command(args, _without(argv, args.paths, known))
    try:
        status = command.run()
        command.out.flush()
    except KeyboardInterrupt as stopped:
        command.err.line(f"interrupted: {str(stopped) or 'every project is either migrated or as it was'}")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - nobody is to see a traceback
        failed = _failed(".", error)
        try:
            for diagnostic in failed.diagnostics:
                command.err.message(("error: ", "bold red"), diagnostic.message + (f"; {diagnostic.help}" if diagnostic.help else ""))
        except OSError:  # such as a full disk
            command.err.abandon()
        if isinstance(error, OSError):  # standard output itself may be what failed
            command.out.abandon()
        return failed.status
    return status


def _without(argv: Sequence[str], paths: Sequence[str], known: argparse.ArgumentParser) -> list[str]:
    """The words of a command line that are no paths; the value of an option is none, even where it reads like one of them."""
    takes = {word for action in known._actions if action.nargs is None for word in action.option_strings}  # noqa: SLF001 - as for completion
    return [word for before, word in zip(("", *argv), argv, strict=False) if word not in paths or before in takes]


@define(eq=False, repr=False)
class Command:
    """One run of the command. `words` are its arguments without the paths."""

    args: argparse.Namespace
    words: list[str]
    out: Screen = field(factory=lambda: Screen(sys.stdout))
    err: Screen = field(factory=lambda: Screen(sys.stderr))

    def run(self) -> int:
        """Do what is asked for; the exit status."""
        args = self.args
        if args.list:
            return self.list()
        if args.explain is not None:
            return self.explain(args.explain)
        if args.stage and not args.write:
            raise UsageError("--stage is for --write")
        if args.force and not (args.write or args.recover):
            raise UsageError("--force is for --write and --recover")
        if args.app is not None and not args.python:
            raise UsageError("--app is for --python")
        options = self.options()
        registry.chosen(options)
        if args.recursive or args.jobs > 1 or args.resume or (args.from_file, args.report, args.scheduler) != (None,) * 3:
            return self.fleet(options)
        results = []
        for path in args.paths or ["."]:
            result = self.recover(path) if args.recover else self.migrate(path, options)
            results.append(result)
            if args.format == "text":
                self.show(result, options)
        self.finish(results)
        statuses = {result.status for result in results}
        return next((status for status in (USAGE, REFUSED, WOULD_CHANGE) if status in statuses), DONE)

    def options(self) -> Options:
        """What the migration is told."""
        args = self.args
        return Options(
            mounts=args.mounts,
            only=tuple(args.only),
            skip=tuple(args.skip),
            split=args.split,
            keep_old=args.keep_old,
            overwrite=args.overwrite,
            stack=tuple(args.stack.split(",")),
            channel=args.channel,
            stack_form=args.stack_form,
            explicit_relationships=args.explicit_relationships,
            factor=args.factor,
            python=args.python,
            app=args.app,
        )

    def fleet(self, options: Options) -> int:
        """Migrate many projects, and tell of each in a line."""
        from workerlib.migrate.progress import Fleet

        if self.args.recover:
            raise UsageError("--recover is for projects that are named one by one; --write settles interrupted writes, too")
        outcomes = {outcome for outcome, _ in Fleet(self.args, options, self.err).run()}
        if not outcomes.isdisjoint(("refused", "failed")):
            return REFUSED
        return WOULD_CHANGE if self.args.check and "would change" in outcomes else DONE

    # ---- one project

    def migrate(self, path: str, options: Options) -> Result:
        """Plan one project, and write it where that is asked for."""
        args = self.args
        try:
            root = _folder(path)
            if os.path.lexists(root / JOURNAL):
                self.settle(root)
            found = plan(root, options, limits=Limits.of(self.args.limit))
            steps = self.steps(found, path) if found and not args.check else ()
            if args.write and found:
                found.apply(force=args.force, stage=args.stage)
            status = WOULD_CHANGE if args.check and found else DONE
            return Result(path, status, found, found.diagnostics, args.write and bool(found), steps)
        except Exception as error:  # noqa: BLE001 - nobody is to see a traceback, and the other projects have their turn
            return _failed(path, error)

    def steps(self, found: Plan, path: str) -> tuple[Step, ...]:
        """What to do next. Git is asked for people only, whom it would stop at the first step."""
        obstacle = None
        if self.err.is_terminal and not (self.args.write or self.args.quiet):
            from workerlib.migrate import write

            obstacle = write.obstacle(Path(path), found.changes)
        return tuple(advice.steps(found, self.again(path), written=self.args.write, staged=self.args.stage, obstacle=obstacle))

    def settle(self, root: Path) -> None:
        """Finish or undo an interrupted write, unless nothing is to be written now."""
        if not self.args.write:
            raise RefusedError(_error("WL192", "unfinished-write", "a write of this project was interrupted", "run again with --recover"))
        from workerlib.migrate.write import recover

        recover(root, force=self.args.force)

    def recover(self, path: str) -> Result:
        """Settle an interrupted write of one project."""
        from workerlib.migrate.write import recover

        try:
            done = recover(_folder(path), force=self.args.force)
        except Exception as error:  # noqa: BLE001 - as above
            return _failed(path, error)
        result = Result(path, DONE)
        if self.args.format == "text" and not self.args.quiet:
            self.err.line((result.name, "bold"), ": an interrupted write was settled" if done else ": no write was interrupted")
        return result

    def again(self, path: str) -> str:
        """The command for one project, as it can be pasted."""
        import shlex

        return shlex.join((*invoked.command("migrate"), *self.words, *([] if path == "." else [path])))

    # ---- what is shown

    def show(self, result: Result, options: Options) -> None:
        """The preview on standard output, the report on standard error."""
        args, found = self.args, result.plan
        if found is None:
            if result.status == USAGE:
                self.err.message(("error: ", "bold red"), result.diagnostics[0].message)
            elif result.diagnostics:
                report.refusal(self.err, result)
            return
        if not args.quiet:
            report.summary(self.err, result, found, options, brief=args.check)
            if not (found or args.check) and result.diagnostics:
                self.err.line()
            if not args.check and (hint := advice.doubt(result.path)):
                self.err.prose(hint, ("warning: ", "bold yellow"), style="yellow")
                self.err.line()
        if found and not (args.write or args.check):
            self.err.flush()
            self.diff(found)
        if not (args.quiet or args.check):
            if found and result.diagnostics:
                whose = "" if args.write else ", by the lines of the new files"
                self.err.line((f"What to know{whose}", "bold"))
                self.err.line()
            report.notes(self.err, result.diagnostics, report.reader(result.path, found), result.prefix)
            if result.steps:
                report.next_steps(self.err, result.steps)

    def diff(self, found: Plan) -> None:
        """The preview: for a person on a terminal, for ``git apply`` everywhere else."""
        if not self.out.is_terminal:
            self.out.diff(found.diff())
        else:
            from workerlib.migrate.diff import review

            if not review(self.out, found.changes, found.moves, found.places):
                self.out.diff(found.diff())
            self.out.line()
        self.out.flush()

    def finish(self, results: Sequence[Result]) -> None:
        """What concerns all projects."""
        args = self.args
        if args.format != "text":
            self.out.raw(report.for_programs(args.format, results))
            return
        if args.quiet or args.recover:
            return
        if not args.check and any(result.plan and advice.layouts(result.plan.changes) for result in results):
            self.err.prose(
                "Only Upsun Flex reads .upsun/. A project that stays on Upsun Fixed needs its old files: migrate it when it moves."
            )
        if len(results) > 1:
            self.err.line(report.total(results))

    def list(self) -> int:
        """List the codemods."""
        rewrites: list[Rewrite | PythonRewrite] = [*registry.codemods(), *registry.python_codemods()]
        width = max(len(rewrite.name) for rewrite in rewrites) + 2
        self.out.prose(_lift_manual().splitlines()[0], f"{registry.LIFT:{width}}")
        for rewrite in rewrites:
            self.out.prose(rewrite.summary + ("" if rewrite.safe else " (unsafe: it changes what runs)"), f"{rewrite.name:{width}}")
        return DONE

    def explain(self, name: str) -> int:
        """Show the manual of a codemod."""
        registry.known(name, registry.names())
        rewrite = registry.named(name)
        kind = "safe: nothing that runs can notice" if rewrite is None or rewrite.safe else "unsafe: it changes what runs"
        self.out.line((name, "bold"), f" ({rewrite.code}, {kind})" if rewrite else f" ({kind})")
        self.out.line()
        manual = rewrite.manual if rewrite else _lift_manual()
        for paragraph in manual.strip().split("\n\n"):
            self.out.prose(" ".join(paragraph.split()))
            self.out.line()
        if rewrite:
            if rewrite.example.options != Options():
                self.out.line("With ", (" ".join(rewrite.example.options.words()), "bold"))
                self.out.line()
            for title, text in (("Before", rewrite.example.before), ("After", rewrite.example.after)):
                self.out.line((f"{title}:", "bold"))
                for line in text.rstrip("\n").split("\n"):
                    self.out.line("    ", line)
                self.out.line()
        return DONE


def _lift_manual() -> str:
    from workerlib import lifting

    return lifting.__doc__ or ""


# ---- mistakes -----------------------------------------------------------------------------------------------------------------------


def _folder(path: str) -> Path:
    root = Path(path)
    if root.is_dir():
        return root
    if root.exists():
        holds = root.parent.parent if root.parent.name in {layout.folder for layout in LAYOUTS} else root.parent
        raise UsageError(f"{path}: expected the folder of a project, found a file; name the project's folder: {holds}")
    raise UsageError(f"{path}: expected the folder of a project, found nothing there")


def _failed(path: str, error: Exception) -> Result:
    if isinstance(error, ConfigurationError):
        found = error.diagnostics
        if any(one.name == "no-applications" and (one.origin is None or one.origin.span is None) for one in found):
            message = "expected the configuration of at least one application, found none"
            found = (_error("WL115", "no-applications", message, advice.instead(path, invoked.command("migrate"))),)
        return Result(path, REFUSED, diagnostics=found)
    if isinstance(error, UsageError):
        return Result(path, USAGE, diagnostics=(_error("WL198", "usage", str(error), None),))
    if isinstance(error, (WorkerlibError, OSError)):
        return Result(path, REFUSED, diagnostics=(_error("WL193", "not-possible", str(error), None),))
    if os.environ.get("WORKERLIB_DEBUG"):
        raise error
    message = f"{type(error).__name__}: {error}"
    ours = "this is a mistake in workerlib: please report it, with what the same command prints when WORKERLIB_DEBUG=1 is set"
    return Result(path, REFUSED, diagnostics=(_error("WL199", "internal-error", message, ours),))


def _error(code: str, name: str, message: str, help: str | None) -> Diagnostic:
    return Diagnostic(code, name, Severity.ERROR, message, None, help)


if __name__ == "__main__":
    invoked.imported()
    if _interrupts:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
