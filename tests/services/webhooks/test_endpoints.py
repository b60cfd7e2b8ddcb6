"""Endpoints: their settings, who may use them, and what is never shown."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from scim_server.egress.sender import Policy
from scim_server.representations import webhooks as shapes
from scim_server.representations.base import dump
from scim_server.services.errors import (
    InvalidAddress,
    InvalidEndpoint,
    InvalidUrl,
    NoRotation,
    RotationRuns,
    UnknownEndpoint,
    UnknownEventType,
)
from scim_server.services.webhooks import commands, queries
from scim_server.services.webhooks.commands import Changes, Scheme
from tests.support.builders.webhooks import Hooks, unchecked
from tests.support.servers.receiving import Receiver

URL = "https://hooks.example.com/x"


def test_a_new_endpoint_has_the_standard_settings_and_a_secret(hooks: Hooks) -> None:
    acme = hooks.customer()

    made = hooks.added(URL, acme)

    state = hooks.state(made.endpoint)
    assert made.verifier.startswith("whsec_")
    assert dump(shapes.WebhookEndpoint(), state) | {"id": "", "created": ""} == {
        "id": "",
        "organization": acme.slug,
        "url": URL,
        "types": [],
        "payload": "full",
        "batch": 1,
        "retries": list(commands.STANDARD),
        "contact": None,
        "signatures": ["v1"],
        "public_keys": [],
        "rotating": False,
        "created": "",
        "state": "enabled",
        "disabled": None,
        "why_disabled": None,
        "paused": None,
        "waiting": 0,
        "waiting_since": None,
        "failing": 0,
        "unread": 0,
        "lag_seconds": 0,
    }


def test_no_secret_is_shown_again(hooks: Hooks) -> None:
    acme = hooks.customer()
    made = [hooks.added(URL, acme), hooks.added(URL, acme, scheme=Scheme.ED25519)]
    made += [commands.rotation_start(hooks.scope(acme), one.endpoint.id) for one in made]

    shown = str([dump(shapes.WebhookEndpoint(), one) for one in queries.states(hooks.scope(acme))]) + str(
        made[0].endpoint
    )

    keys = [one.endpoint.key for one in made] + [str(one.endpoint.next_key) for one in made[2:]]
    assert all(key not in shown for key in keys)
    assert "whpk_" in shown
    assert all("whs" not in str(row) for row in acme.rows("SELECT payload FROM events"))


WRONG: dict[str, tuple[dict[str, object], type[Exception]]] = {
    "an unknown type": ({"types": ("person.flown",)}, UnknownEventType),
    "an unknown family": ({"types": ("people.*",)}, UnknownEventType),
    "everything by a star": ({"types": ("*",)}, UnknownEventType),
    "an internal type": ({"types": ("console.signed_in",)}, UnknownEventType),
    "an empty batch": ({"batch": 0}, InvalidEndpoint),
    "a batch too large": ({"batch": 101}, InvalidEndpoint),
    "an unknown payload": ({"payload": "fat"}, InvalidEndpoint),
    "no retries": ({"retries": ()}, InvalidEndpoint),
    "too many retries": ({"retries": (1,) * 21}, InvalidEndpoint),
    "a retry at once": ({"retries": (0,)}, InvalidEndpoint),
    "a retry after eight days": ({"retries": (8 * 86_400,)}, InvalidEndpoint),
    "a contact that is no address": ({"contact": "hooks"}, InvalidAddress),
}


@pytest.mark.parametrize(("wrong", "error"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_setting_is_refused_and_nothing_changes(
    hooks: Hooks, wrong: dict[str, object], error: type[Exception]
) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(URL, acme)

    with pytest.raises(error):
        hooks.add(URL, acme, unchecked, **wrong)
    with pytest.raises(error):
        commands.set_endpoint(hooks.scope(acme), endpoint.id, Changes(**wrong), unchecked)  # type: ignore[arg-type]

    assert [one.endpoint for one in queries.states(hooks.scope(acme))] == [endpoint]


def test_the_url_is_checked_when_it_is_saved(hooks: Hooks) -> None:
    acme, check = hooks.customer(), Policy().check
    endpoint = hooks.add(URL, acme)

    for url in ("https://127.1/", "http://hooks.example.com/", "https://10.0.0.1/"):
        with pytest.raises(InvalidUrl):
            hooks.add(url, acme, check=check)
        with pytest.raises(InvalidUrl) as refused:
            commands.set_endpoint(hooks.scope(acme), endpoint.id, Changes(url=url), check)

    assert str(refused.value) == "The host of the URL cannot be reached."


def test_settings_change_and_the_history_has_their_names_only(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(URL, acme)
    changes = Changes(receiver.url, ("person.*",), "thin", 3, (1, 2), "hooks@example.com")

    commands.set_endpoint(hooks.scope(acme), endpoint.id, changes, unchecked)
    commands.set_endpoint(hooks.scope(acme), endpoint.id, changes, unchecked)

    now = hooks.state(endpoint).endpoint
    assert (now.url, now.types, now.payload, now.batch, now.retries, now.contact) == (
        receiver.url,
        ("person.*",),
        "thin",
        3,
        (1, 2),
        "hooks@example.com",
    )
    assert acme.events().count("webhook.updated") == 1
    acme.provision("ada")
    hooks.send()
    assert len(receiver.requests) == 1


COMMANDS: dict[str, Callable[[commands.Scope, str], object]] = {
    "show": queries.state,
    "log": queries.log,
    "set": lambda scope, id_: commands.set_endpoint(scope, id_, Changes(batch=2), unchecked),
    "enable": commands.enable,
    "disable": commands.disable,
    "remove": commands.remove,
    "rotate": commands.rotation_start,
    "replay": lambda scope, id_: commands.replay(scope, id_, []),
    "replay a message": lambda scope, id_: commands.replay_message(scope, id_, "msg_1"),
    "test": lambda scope, id_: queries.example(scope, id_, "person.created"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_an_organization_cannot_use_the_endpoints_of_others(
    hooks: Hooks, command: Callable[[commands.Scope, str], object]
) -> None:
    acme, other = hooks.customer(), hooks.customer()
    theirs = [hooks.add(URL, other), hooks.add(URL)]

    for endpoint in theirs:
        for id_ in (endpoint.id, endpoint.id[:13]):
            with pytest.raises(UnknownEndpoint):
                command(hooks.scope(acme), id_)

    assert queries.states(hooks.scope(acme)) == []
    assert {one.endpoint.id: one.endpoint for one in queries.states(hooks.scope())} == {
        one.id: one for one in theirs
    }


def test_a_rotation_has_one_way_forward_and_one_back(hooks: Hooks) -> None:
    acme = hooks.customer()
    scope, id_ = hooks.scope(acme), hooks.add(URL, acme).id
    for step in (commands.rotation_complete, commands.rotation_cancel):
        with pytest.raises(NoRotation):
            step(scope, id_)
    old = hooks.state(hooks.add(URL, acme)).endpoint.key

    new = commands.rotation_start(scope, id_)
    with pytest.raises(RotationRuns):
        commands.rotation_start(scope, id_)

    assert commands.rotation_complete(scope, id_).key == new.verifier != old


def test_a_removed_endpoint_leaves_nothing(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(receiver.url, acme)
    acme.provision("ada")
    hooks.send()
    acme.provision("grace")

    commands.remove(hooks.scope(acme), endpoint.id)
    hooks.send()

    assert len(receiver.requests) == 1
    for table in ("webhook_endpoints", "webhook_backlogs", "webhook_deliveries", "webhook_attempts"):
        assert acme.rows(f"SELECT organization FROM {table}") == []
    assert acme.events()[-1] == "webhook.removed"


def test_a_disabled_endpoint_gets_everything_later(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(receiver.url, acme, types=("person.*",))
    commands.disable(hooks.scope(acme), endpoint.id)
    acme.provision("ada", "grace")
    hooks.send()
    before = len(receiver.requests)

    commands.enable(hooks.scope(acme), endpoint.id)
    hooks.send()

    assert (before, len(receiver.requests)) == (0, 2)


def test_the_age_of_the_oldest_delivery_and_the_unread_events_are_shown(hooks: Hooks) -> None:
    acme = hooks.customer()
    endpoint = hooks.add("http://127.0.0.1:1/", acme)
    acme.provision("ada")
    unread = hooks.state(endpoint).unread
    hooks.send()
    hooks.now += timedelta(hours=3)

    state = hooks.state(endpoint)
    assert (unread, state.unread) == (1, 0)
    assert (state.lag, state.waiting.events, state.waiting.failing) == (timedelta(hours=3), 1, 1)
