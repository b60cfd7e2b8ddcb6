"""Fills this server's own tables with a directory of any size, in seconds instead of hours."""
