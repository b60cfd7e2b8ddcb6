"""What follows from each kind of answer: retries, a slower endpoint, or its end, which its owner learns."""

import json
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from scim_server.documents.mail import as_mail
from scim_server.history import WebhookDisabled
from scim_server.services.notifications import commands as mails
from scim_server.services.people import commands as people
from scim_server.services.webhooks import commands
from scim_server.services.webhooks.retries import JITTER, STANDARD
from scim_server.worker.loop import WRITERS
from seat_policy.roles import Role
from tests.support.builders.customer import Customer
from tests.support.builders.webhooks import Hooks, events_of, ids
from tests.support.servers.receiving import Receiver, Reply, receiving
from tests.support.servers.running import free_port

SECOND = timedelta(seconds=1)


def disabled_events(acme: Customer) -> list[dict[str, object]]:
    rows = acme.rows("SELECT type, payload FROM events")
    found = [row.payload for row in rows if row.type == WebhookDisabled.type]
    return [json.loads(one) if isinstance(one, str) else one for one in found]


def test_retries_follow_the_schedule_and_then_the_endpoint_is_disabled(hooks: Hooks) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(f"http://127.0.0.1:{free_port()}/", acme, contact="hooks@example.com")
    acme.provision("ada")

    while (due := hooks.next_due()) is not None or not hooks.log(endpoint):
        hooks.now = due or hooks.now
        hooks.send()

    attempts = [datetime.fromisoformat(one.attempt.at) for one in hooks.log(endpoint)]
    waits = [later - earlier for earlier, later in pairwise(attempts)]
    assert len(waits) == len(STANDARD) == 9
    for wait, seconds in zip(waits, STANDARD, strict=True):
        assert seconds * SECOND <= wait <= seconds * (1 + JITTER) * SECOND
    assert STANDARD == (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
    assert hooks.outcomes(endpoint) == ["retry"] * 9 + ["disabled"]
    found = hooks.state(endpoint)
    assert (found.state, found.endpoint.why_disabled, found.waiting.events) == ("disabled", "failed", 1)
    assert disabled_events(acme) == [{"endpoint": endpoint.id, "host": "127.0.0.1", "why": "failed"}]


def test_every_other_refusal_is_retried(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(receiver.url, acme)
    statuses = iter((301, 400, 404, 500, 503))
    receiver.decide = lambda _: Reply(next(statuses), {"Location": "/other"})
    acme.provision("ada", "grace", "linus", "barbara", "radia")

    hooks.send()

    assert hooks.outcomes(endpoint) == ["retry"] * 5
    assert {one.path for one in receiver.requests} == {"/hook"}
    assert hooks.state(endpoint).waiting.failing == 5


def test_410_disables_at_once_and_the_owner_and_the_contact_learn_it(
    hooks: Hooks, receiver: Receiver
) -> None:
    acme = hooks.customer()
    acme.provision("ada", "grace")
    people.set_role(acme.context(), "ada@example.com", Role.OWNER)
    endpoint = hooks.add(receiver.url, acme, contact="Hooks@example.com")
    receiver.decide = lambda _: Reply(410)
    acme.provision("linus", "barbara")

    hooks.send()
    hooks.pass_time(hooks.now + timedelta(days=1))
    acme.provision("radia")
    hooks.send()

    assert hooks.state(endpoint).endpoint.why_disabled == "gone"
    assert len(receiver.requests) == 2
    told = [one for one in mails.take_due_mails(hooks.database) if one.organization == acme.id]
    assert sorted(one.recipient for one in told) == ["Hooks@example.com", "ada@example.com"]
    assert {one.kind for one in told} == {"alert"}
    assert disabled_events(acme) == [
        {"endpoint": endpoint.id, "host": "127.0.0.1", "why": "gone", "answer": 410}
    ]


def test_an_endpoint_that_is_enabled_again_goes_on_where_it_stopped(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(receiver.url, acme)
    receiver.decide = lambda _: Reply(410)
    acme.provision("ada")
    hooks.send()
    acme.provision("grace")
    hooks.send()
    receiver.decide = lambda _: Reply()

    commands.enable(hooks.scope(acme), endpoint.id)
    hooks.send()

    types = [event["type"] for event in events_of(receiver.accepted)]
    assert sorted(types) == ["person.provisioned"] * 2 + ["webhook.disabled", "webhook.enabled"]
    assert receiver.accepted[0].id == receiver.requests[0].id or receiver.requests[0].id in ids(
        receiver.accepted
    )
    assert hooks.state(endpoint).state == "enabled"


@pytest.mark.parametrize("status", [429, 502, 504])
def test_an_overloaded_receiver_gets_one_request_after_each_growing_pause(
    hooks: Hooks, receiver: Receiver, status: int
) -> None:
    acme, other = hooks.customer(), hooks.customer()
    endpoint, healthy = hooks.add(receiver.url, acme), hooks.add(receiver.url, other)
    theirs = acme.slug
    receiver.decide = lambda request: Reply(status if theirs in request.body.decode() else 204)
    acme.provision(*(f"p{number}" for number in range(20)))
    hooks.send()
    first = len(receiver.requests)

    pauses = []
    for number in range(3):
        other.provision(f"q{number}")
        hooks.send()
        due = hooks.next_due()
        assert due is not None
        pauses.append(round((due - hooks.now) / SECOND))
        hooks.now = due
        hooks.send()

    assert first <= commands.SLOTS
    assert pauses == [5, 10, 20]
    assert len(receiver.requests) == first + 3 + 3
    assert set(hooks.outcomes(endpoint)) == {"slowed"}
    assert hooks.outcomes(healthy) == ["delivered"] * 3
    assert hooks.state(endpoint).state == "paused"
    receiver.decide = lambda _: Reply()
    hooks.pass_time(hooks.now + timedelta(hours=1))
    assert hooks.state(endpoint).endpoint.pauses == 0
    assert hooks.outcomes(endpoint).count("delivered") == 20


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured_in_both_forms(hooks: Hooks, receiver: Receiver, form: str) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(receiver.url, acme)
    wish = "7200" if form == "seconds" else format_datetime(hooks.now + timedelta(hours=2), usegmt=True)
    receiver.decide = lambda _: Reply(429, {"Retry-After": wish})
    acme.provision("ada")

    hooks.send()

    assert hooks.next_due() == hooks.now + timedelta(hours=2)
    assert hooks.log(endpoint)[0].attempt.next_attempt == hooks.state(endpoint).endpoint.paused


@pytest.mark.parametrize("wish", ["-5", "soon", "", "1e9", "٣", "Wed, 99 Foo 2026"])
def test_a_wish_that_is_not_valid_is_ignored(hooks: Hooks, receiver: Receiver, wish: str) -> None:
    acme = hooks.customer()
    hooks.add(receiver.url, acme)
    value = wish.encode().decode("latin-1")
    receiver.decide = lambda _: Reply(429, {"Retry-After": value})
    acme.provision("ada")

    hooks.send()

    assert hooks.next_due() == hooks.now + timedelta(seconds=5)


def test_a_receiver_that_wishes_years_gets_the_next_request_after_a_day(
    hooks: Hooks, receiver: Receiver
) -> None:
    acme = hooks.customer()
    hooks.add(receiver.url, acme)
    receiver.decide = lambda _: Reply(429, {"Retry-After": "999999999"})
    acme.provision("ada")

    hooks.send()

    assert hooks.next_due() == hooks.now + timedelta(days=1)


def test_a_receiver_that_is_overloaded_for_days_is_given_up(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(receiver.url, acme, retries=(60, 60))
    receiver.decide = lambda _: Reply(502)
    acme.provision("ada")

    hooks.pass_time(hooks.now + timedelta(minutes=10), step=SECOND)

    assert hooks.state(endpoint).endpoint.why_disabled == "failed"
    assert hooks.outcomes(endpoint)[-2:] == ["slowed", "disabled"]


def test_the_log_has_the_request_and_the_answer_up_to_64_kib(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(receiver.url, acme)
    receiver.decide = lambda _: Reply(500, {"X-Trace": "7"}, b"\x00\xff" + b"x" * 100_000)
    acme.provision("ada")

    hooks.send()

    (entry,), (request,) = hooks.log(endpoint), receiver.requests
    one = entry.attempt
    assert (one.request_body.encode(), one.message) == (request.body, request.id)
    assert one.request["webhook-signature"] == request.headers["webhook-signature"]
    assert (one.status, one.headers["x-trace"], one.truncated) == (500, "7", True)
    assert len(one.body) == 65_536
    assert one.url == receiver.url
    assert one.milliseconds >= 0


def test_a_refused_address_is_generic_for_callers_and_exact_for_the_operator(hooks: Hooks) -> None:
    acme = hooks.customer()
    endpoint = hooks.add("gopher://127.0.0.1/", acme)
    acme.provision("ada")

    hooks.send()

    (entry,) = hooks.log(endpoint)
    assert (entry.attempt.failure, entry.attempt.status) == ("refused_address", None)
    assert entry.attempt.cause == "The URL must begin with https://."


def test_after_30_days_the_log_and_made_deliveries_are_deleted(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(receiver.url, acme)
    acme.provision("ada")
    hooks.send()
    receiver.decide = lambda _: Reply(500)
    acme.provision("grace")
    hooks.send()
    for days, left in ((29, 2), (2, 0)):
        hooks.now += timedelta(days=days)
        commands.forget_old(hooks.database, acme.id)

        assert len(hooks.log(endpoint)) == left
    assert acme.rows("SELECT count(*) AS n FROM webhook_deliveries")[0].n == 1


def test_a_vendors_endpoint_tells_its_contact_and_no_owner(hooks: Hooks) -> None:
    with receiving() as receiver:
        endpoint = hooks.add(receiver.url, contact="vendor@example.com")
        acme = hooks.customer()
        receiver.decide = lambda _: Reply(410)
        acme.provision("ada")
        hooks.send()

    (mail,) = [one for one in mails.take_due_mails(hooks.database) if one.organization == acme.id]
    text = as_mail(mail, WRITERS, "https://scim.example.com", "seats@example.com").as_string()
    assert mail.recipient == "vendor@example.com"
    assert "you are the contact of this webhook endpoint" in text
    assert f"scim-seats webhook enable {endpoint.id}" in text
    assert len(disabled_events(acme)) == 1
