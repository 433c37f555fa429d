"""Rewrites of configuration in YAML, in the order of their names."""
