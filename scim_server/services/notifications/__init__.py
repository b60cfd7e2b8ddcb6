"""What Owners are notified of, and the mail that carries it."""
