"""The rows of each table: one module per noun."""
