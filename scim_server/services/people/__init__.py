"""People as they are provisioned, managed, signed in, and idle."""
