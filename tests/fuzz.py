"""Hold the laws of `tests/property` against made-up input for as long as is asked for: ``python -m tests.fuzz --minutes 60``.

Every law gets its turn, again and again, each time with new input; one that fails is shown with the smallest input that makes it fail.
Minutes are those of the processor.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings

Law = Callable[..., Any]


def laws(words: list[str]) -> Iterator[tuple[str, Law]]:
    """The property tests whose name holds one of the words, all without any, save those with known faults or parameters of pytest's."""
    for path in sorted((Path(__file__).parent / "property").glob("test_*.py")):
        module = import_module(f"tests.property.{path.stem}")
        for name, law in vars(module).items():
            plain = not any(mark.name in ("xfail", "parametrize") for mark in getattr(law, "pytestmark", ()))
            if getattr(law, "is_hypothesis_test", False) and plain and (not words or any(word in f"{path.stem}.{name}" for word in words)):
                yield f"{path.stem}.{name}", law


def counted(name: str, law: Law, executions: Counter[str]) -> None:
    """Count how often the law is held against something."""
    inner = law.hypothesis.inner_test  # type: ignore[attr-defined]  # what Hypothesis documents for those who run tests

    @wraps(inner)
    def counting(*args: Any, **kwargs: Any) -> None:
        executions[name] += 1
        inner(*args, **kwargs)

    law.hypothesis.inner_test = counting  # type: ignore[attr-defined]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=60, help="how long, in minutes of the processor (default: 60)")
    parser.add_argument("--examples", type=int, default=200, help="how many inputs a law gets at each turn (default: 200)")
    parser.add_argument("words", nargs="*", metavar="WORD", help="only laws whose name holds one of these")
    args = parser.parse_args()
    settings.register_profile(
        "fuzzing",
        max_examples=args.examples,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("fuzzing")
    given = dict(laws(args.words))
    executions: Counter[str] = Counter()
    failed: list[str] = []
    for name, law in given.items():
        counted(name, law, executions)
    while given and time.process_time() < args.minutes * 60:
        for name, law in list(given.items()):
            try:
                law()
            except KeyboardInterrupt:
                given = {}
                break
            except Exception:  # noqa: BLE001 - whatever it is, it is shown, and the other laws go on
                failed.append(name)
                del given[name]
                print(f"\n=== {name}", flush=True)
                traceback.print_exc(limit=-3, file=sys.stdout)
            if time.process_time() >= args.minutes * 60:
                break
    for name, count in sorted(executions.items()):
        print(f"{count:9} {name}" + (" FAILED" if name in failed else ""))
    print(f"{executions.total():9} executions in {time.process_time() / 60:.1f} minutes, {len(failed)} laws failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
