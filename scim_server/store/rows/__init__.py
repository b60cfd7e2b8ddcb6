"""The rows of each table, with one module for each kind of row."""
