"""Python source that reads and writes configuration: which values are paths of old files, and where they go. Imports libcst where it must."""
