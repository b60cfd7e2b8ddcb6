"""The rows of the attribute table, one module for each schema."""
