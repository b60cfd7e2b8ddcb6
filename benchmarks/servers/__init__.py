"""The servers that are compared, each started with a directory of the same people."""
