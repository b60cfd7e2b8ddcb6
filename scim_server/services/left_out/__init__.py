"""People who are left out: list, retry, buy seats for them, dismiss."""
