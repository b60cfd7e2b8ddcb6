"""Imports: directories of other servers or files move in, with their ids, groups and members."""
