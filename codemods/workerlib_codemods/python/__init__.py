"""Codemods for Python source, one module each. They import libcst, and so are imported only when Python is rewritten, listed or explained."""
