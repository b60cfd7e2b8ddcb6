"""The migrations. Each step is one file; the names sort them from the oldest to the newest."""
