"""Work without a request: the worker sends mail and applies due changes."""
