"""One function is one use is one transaction; the only place that begins and commits."""
