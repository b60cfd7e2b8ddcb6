"""Long campaigns against a running server: many clients, faults, and a recount by separate SQL."""
