"""The vendor's customers: create, configure, suspend."""
