"""Codemods for Python source. They are imported when Python is rewritten, listed or explained, since libcst takes over 200 ms."""

from __future__ import annotations
