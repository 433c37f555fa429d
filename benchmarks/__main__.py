"""What workerlib costs: ``python benchmarks``, with PyYAML installed.

Every figure is a ratio to something measured in the same round, in turn with it, as no machine is twice as fast. Times
are processor times, without the garbage of earlier rounds. Each round changes a comment in every file.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import projects
import yaml
from ruamel.yaml import YAML

from workerlib import check, load, plan, resolve
from workerlib.checking import Selection
from workerlib.layout import MemoryFiles
from workerlib.loading import load_tree

ROOT = Path(__file__).parent.parent
Measured = dict[str, dict[str, float]]

# What is measured, what it is a ratio to, and what that is to be at most, or for `x faster` at least.
TARGETS = (
    ("import workerlib", "python -c pass", "at most", 1.5),
    ("python -m workerlib.migrate PATH", "import attrs, ruamel.yaml", "at most", 2.5),
    ("load + resolve", "floor", "at most", 4.0),
    ("node tree", "floor", "", 0.0),
    ("check", "load", "at most", 1.0),
    ("plan", "ruamel.yaml round trip", "x faster, at least", 8.0),
    ("plan, of files in memory", "ruamel.yaml round trip", "x faster, at least", 8.0),
    ("plan", "floor", "", 0.0),
    ("10 x applications: load + resolve", "1 x applications: load + resolve", "at most", 11.0),
    ("10 x applications: check", "1 x applications: check", "at most", 11.0),
    ("10 x applications: plan", "1 x applications: plan", "at most", 11.0),
    ("10 x applications: memory of a plan", "1 x applications: memory of a plan", "at most", 11.0),
    ("10 x workers: plan", "1 x workers: plan", "at most", 11.0),
    ("10 x workers: memory of a plan", "1 x workers: memory of a plan", "at most", 11.0),
    ("10 x file size: plan", "1 x file size: plan", "at most", 11.0),
    ("10 x file size: memory of a plan", "1 x file size: memory of a plan", "at most", 11.0),
    ("fleet, one process", "fleet, two processes", "at least", 1.8),
    ("memory of the parent, 2 x projects", "memory of the parent", "at most", 1.05),
)


def cpu(work: Callable[[], object]) -> float:
    """Seconds of processor time that `work` takes."""
    gc.collect()
    gc.disable()
    started = time.process_time()
    work()
    spent = time.process_time() - started
    gc.enable()
    return spent


def in_turn(cases: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """The seconds of each case in each round; the first round only warms up."""
    out: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(rounds + 1):
        for name, case in cases.items():
            seconds = case()
            if number:
                out[name].append(seconds)
    return out


# ---- whole processes ----------------------------------------------------------------------------------------------------------------


def _environment(scratch: Path) -> dict[str, str]:
    """That of a process whose modules are compiled once, as an installer does it."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {"PYTHONPYCACHEPREFIX": str(scratch / "pyc")}


def processes(rounds: int, some: Sequence[projects.Files], scratch: Path) -> dict[str, list[float]]:
    """Processor time of whole processes. Bytecode is written once, as an installer does."""
    environment = _environment(scratch)
    folders = list(projects.written(scratch / "single", list(some)))

    def spent(*arguments: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return in_turn(
        {
            "python -c pass": lambda: spent("-c", "pass"),
            "import workerlib": lambda: spent("-c", "import workerlib"),
            "import attrs, ruamel.yaml": lambda: spent("-c", "import attrs, ruamel.yaml"),
            "python -m workerlib.migrate PATH": lambda: spent("-m", "workerlib.migrate", str(folders[next(_turn) % len(folders)])),
        },
        rounds,
    )


_turn = iter(range(10**9))


# ---- in process ---------------------------------------------------------------------------------------------------------------------


def library(rounds: int, some: list[projects.Files], scratch: Path) -> dict[str, list[float]]:
    """Processor time of the library, summed over the projects."""

    def each(work: Callable[[Any], object], prepare: Callable[[projects.Files], Any]) -> Callable[[], float]:
        def case() -> float:
            ready = [prepare(projects.fresh(files)) for files in some]
            return cpu(lambda: [work(one) for one in ready])

        return case

    def bytes_of(files: projects.Files) -> list[bytes]:
        return [files[path] for path in projects.configuration(files)]

    def round_trip(datas: list[bytes]) -> None:
        for data in datas:
            parser = YAML()
            with suppress(Exception):  # it refuses some of what is valid
                parser.dump(parser.load(data), io.BytesIO())

    def folder(files: projects.Files) -> Path:
        return next(projects.written(scratch / f"plan{next(_turn)}", [files]))

    return in_turn(
        {
            "floor": each(lambda datas: [yaml.compose(data, Loader=yaml.CSafeLoader) for data in datas], bytes_of),
            "node tree": each(lambda files: load_tree(MemoryFiles(files)), dict),
            "load": each(load, dict),
            "load + resolve": each(lambda files: resolve(load(files)), dict),
            "check": each(lambda project: check(project, Selection()), load),
            "plan": each(plan, folder),
            "plan, of files in memory": each(plan, dict),
            "ruamel.yaml round trip": each(round_trip, bytes_of),
        },
        rounds,
    )


# ---- how it grows -------------------------------------------------------------------------------------------------------------------


def growth(rounds: int, scratch: Path, *, most: int) -> dict[str, list[float]]:
    """Time and memory for ten times as much: applications with 10 workers each, workers of 3 applications, variables of 3 applications."""
    shapes = {
        "applications": ((max(1, most // 10), 10, 0), (most, 10, 0)),
        "workers": ((3, most // 10, 0), (3, most, 0)),
        "file size": ((3, 3, most), (3, 3, 10 * most)),
    }
    out: dict[str, list[float]] = {}
    for what, sizes in shapes.items():
        for times, size in zip((1, 10), sizes, strict=True):
            name = f"{times} x {what}"
            for _ in range(rounds):
                files = projects.fresh(projects.generated(*size))
                folder = next(projects.written(scratch / f"growth{next(_turn)}", [files]))
                project = load(files)
                out.setdefault(f"{name}: load + resolve", []).append(cpu(lambda files=files: resolve(load(files))))
                out.setdefault(f"{name}: check", []).append(cpu(lambda project=project: check(project, Selection())))
                out.setdefault(f"{name}: plan", []).append(cpu(lambda folder=folder: plan(folder)))
            tracemalloc.start()
            plan(folder)
            out[f"{name}: memory of a plan"] = [float(tracemalloc.get_traced_memory()[1])]
            tracemalloc.stop()
    return out


# ---- fleets -------------------------------------------------------------------------------------------------------------------------


def fleets(count: int, scratch: Path) -> dict[str, list[float]]:
    """Seconds on the clock for many projects, and the memory of the process that hands them out."""
    root = scratch / "fleet"
    list(projects.written(root, [projects.fresh(projects.generated(1 + number % 3, number % 4)) for number in range(count)]))
    (scratch / "half").write_text("".join(f"{path}\n" for path in sorted(root.iterdir())[: count // 2]))
    code = (
        "import sys; from resource import RUSAGE_SELF, getrusage; from workerlib.migrate.__main__ import main; "
        "main(sys.argv[1:]); print(getrusage(RUSAGE_SELF).ru_maxrss)"
    )

    def run(*arguments: str) -> tuple[float, float]:
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", code, "--quiet", *arguments], env=_environment(scratch), capture_output=True, check=True
        )
        return time.perf_counter() - started, float(done.stdout)

    one, two = zip(*((run("--recursive", str(root)), run("--recursive", str(root), "--jobs", "2")) for _ in range(2)), strict=True)
    half = run("--from-file", str(scratch / "half"), "--jobs", "2")
    return {
        "fleet, one process": [seconds for seconds, _ in one],
        "fleet, two processes": [seconds for seconds, _ in two],
        "memory of the parent": [half[1]],
        "memory of the parent, 2 x projects": [min(memory for _, memory in two)],
    }


# ---- the result ---------------------------------------------------------------------------------------------------------------------


def rows(measured: Mapping[str, list[float]]) -> list[list[str]]:
    """The table: each ratio by its rounds, smallest times and medians."""
    out = []
    for what, base, how, target in TARGETS:
        if what not in measured or base not in measured:
            continue
        a, b = measured[what], measured[base]
        if how.startswith("x faster"):
            a, b = b, a
        ratios = (min(a) / min(b), median(x / y for x, y in zip(a, b, strict=False)))
        met = "" if not how else "yes" if (max(ratios) <= target if how == "at most" else min(ratios) >= target) else "**no**"
        sense = f"{base} / {what}" if how.startswith("x faster") else f"{what} / {base}"
        out.append([sense, f"{ratios[0]:.2f}", f"{ratios[1]:.2f}", f"{how.removeprefix('x faster, ')} {target:g}" if how else "", met])
    return out


def table(lines: list[list[str]]) -> str:
    head = ["ratio", "of the smallest", "median", "target", "met"]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *lines])


def main() -> None:
    p = argparse.ArgumentParser(prog="python benchmarks", description=__doc__)
    p.add_argument("--rounds", type=int, default=15)
    p.add_argument("--projects", type=int, default=40, help="how many projects of the corpus")
    p.add_argument("--fleet", type=int, default=10_000, help="how many projects in a fleet; 0 for none")
    p.add_argument("--most", type=int, default=1000, help="how many applications, and workers, the largest project has; 0 for none")
    p.add_argument("--json", type=Path, default=ROOT / "benchmarks/results.json")
    p.add_argument("--page", type=Path, default=ROOT / "docs/performance.md", help="the page whose table is replaced")
    args = p.parse_args()
    kind, some = projects.chosen(args.projects)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        measured = processes(args.rounds, some, scratch) | library(args.rounds, some, scratch)
        if args.most:
            measured |= growth(3, scratch, most=args.most)
        if args.fleet:
            measured |= fleets(args.fleet, scratch)
    lines = rows(measured)
    machine = f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors"
    about = {"machine": machine, "corpus": f"{kind}: {projects.shown(some)}", "rounds": args.rounds, "load": os.getloadavg()[0]}
    args.json.write_text(json.dumps({"about": about, "seconds": measured, "ratios": lines}, indent=1) + "\n", encoding="utf-8")
    shown = (
        f"{table(lines)}\n\n{machine}; {args.rounds} rounds over {len(some)} {kind}; load of the machine {about['load']:.1f} at the end."
    )
    if args.fleet:
        rates = [args.fleet / min(measured[f"fleet, {number}"]) for number in ("one process", "two processes")]
        shown += f"\n{args.fleet} generated projects: {rates[0]:.0f} a second in one process, {rates[1]:.0f} in two."
    print(shown)
    if args.page.exists():
        head, _, rest = args.page.read_text(encoding="utf-8").partition("<!-- figures -->\n")
        tail = rest.partition("<!-- end of figures -->")[2]
        args.page.write_text(f"{head}<!-- figures -->\n{shown}\n<!-- end of figures -->{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
