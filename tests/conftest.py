"""What all tests share.

Hypothesis profiles, chosen by HYPOTHESIS_PROFILE: `dev` is quick, `ci` is larger and the same on every run, `fuzz` goes on for long.
"""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

_common = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
settings.register_profile("dev", _common, max_examples=60)
settings.register_profile("ci", _common, max_examples=200, derandomize=True)
settings.register_profile("fuzz", _common, max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "5000")))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))
pytest.register_assert_rewrite("tests.support")
if hasattr(os, "register_at_fork"):
    # A forked child must not collect what other tests left behind: a client of Dask waits for threads that only its parent has.
    os.register_at_fork(after_in_child=gc.freeze)
