"""How many dry runs are held against reality: as many as a test run has time for, or thousands."""

from hypothesis import settings

settings.register_profile("campaign", max_examples=5_000, deadline=None, derandomize=False, print_blob=True)
