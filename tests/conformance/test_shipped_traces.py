from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import replay, transcript
from conformance.client import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.client import Request
    from conformance.target import Target

    Serve = Callable[[Callable[[Request], Answer]], Target]

SHIPPED = transcript.shipped()


@pytest.fixture(scope="module")
def careless(serve: Serve) -> Target:
    """A server that accepts every request and does nothing."""
    return serve(lambda _: Answer(200, {"Content-Type": "application/scim+json"}, b'{"id": "1"}'))


@pytest.mark.parametrize("conversation", SHIPPED, ids=lambda conversation: conversation.name)
def test_a_server_that_accepts_everything_and_does_nothing_fails_every_trace(
    careless: Target, conversation: transcript.Conversation
) -> None:
    outcome = replay.run(conversation, careless, lambda *_: None)

    assert not outcome.passed
    assert outcome.reason is None
    assert len(outcome.steps) == len(conversation.steps)
    assert not [step for step in outcome.steps if any("not sent" in failure for failure in step.failures)]
