"""The checks, one function each. To add one, write a function with ``@rule`` into the module of its kind: it is found by that."""
