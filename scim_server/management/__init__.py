"""The management listener: health and metrics, at an address that only the operator can reach."""
