"""People who are left out: list them, retry, buy seats for them, or dismiss them."""
