"""Directories of any size, put into this server's own tables in seconds instead of hours."""
