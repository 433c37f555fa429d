"""Codemods: one file for each rewrite. See the README beside this package."""
