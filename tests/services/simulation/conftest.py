"""Databases whose clock the tests move, and the number of examples of a campaign.

pytest tests/services/simulation --hypothesis-profile=campaign
"""

from hypothesis import HealthCheck, settings

from tests.services.conftest import database, own_database

__all__ = ["database", "own_database"]

settings.register_profile(
    "campaign",
    max_examples=2_000,
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
