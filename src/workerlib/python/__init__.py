"""Python source that reads, writes or names configuration: where its paths and values go, and what a codemod for it is.

Most of it imports libcst, which takes over 200 ms: only :mod:`workerlib.python.places` and :mod:`workerlib.python.codes` do not.
"""

from __future__ import annotations
