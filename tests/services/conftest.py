"""How far the state machine goes: as far as a test run has time for, or a campaign of hours.

pytest tests/services/test_state_machine.py --hypothesis-profile=campaign
"""

from datetime import timedelta

from hypothesis import HealthCheck, settings

settings.register_profile(
    "campaign",
    max_examples=2_000,
    stateful_step_count=100,
    deadline=timedelta(minutes=1),
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
