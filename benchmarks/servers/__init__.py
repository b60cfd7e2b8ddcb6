"""The servers that are compared; all are started with the same people."""
