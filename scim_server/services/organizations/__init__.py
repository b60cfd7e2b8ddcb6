"""The vendor's customers: created, set, suspended."""
