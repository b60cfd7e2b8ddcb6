"""Events arrive at a real receiver: signed, at least once, and in order for each person."""

import json

from standardwebhooks import Webhook

from tests.support.builders.webhooks import Hooks, events_of, ids
from tests.support.servers.receiving import Receiver


def test_an_event_arrives_signed_and_once(hooks: Hooks, receiver: Receiver) -> None:
    from datetime import UTC, datetime
    hooks.now = datetime.now(UTC)
    acme = hooks.customer()
    made = hooks.added(receiver.url, acme)

    acme.provision("ada")
    hooks.send()
    hooks.send()

    (request,) = receiver.requests
    print(request)
    verified = Webhook(made.verifier).verify(request.body, dict(request.headers))
    assert verified["type"] == "person.provisioned"
