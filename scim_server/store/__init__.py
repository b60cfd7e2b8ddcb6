"""The only modules with SQL."""
