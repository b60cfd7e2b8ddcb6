"""`scim-seats webhook`: manage the endpoints to which events are sent."""

from typing import Final

import click

from scim_server import config
from scim_server.cli.output import emit, json_option, minute, opened, say, table
from scim_server.cli.webhook_options import Retries, endpoint_options, types_text
from scim_server.egress.sender import Policy
from scim_server.representations import webhooks as shapes
from scim_server.representations.base import dump
from scim_server.services.organizations import queries as organizations
from scim_server.services.webhooks import commands, queries
from scim_server.services.webhooks.commands import Changes, NewEndpoint, NewKey, Scheme, Scope
from scim_server.services.webhooks.queries import State
from scim_server.store.database.session import OPERATOR, Database

PREVIEW: Final = "This was a preview, and nothing was changed. Add --yes to"


@click.group()
def webhook() -> None:
    """Send events to endpoints, of one organization or of all."""


def scope_of(database: Database, slug: str | None = None) -> Scope:
    """The endpoints of an organization, or all endpoints."""
    return Scope(database, OPERATOR, None if slug is None else organizations.find(database, slug).id)


def policy() -> Policy:
    """The settings for requests to customers' addresses."""
    settings = config.load()
    return Policy(settings.dns_server, settings.egress_proxy, private=settings.private_webhooks)


@webhook.command()
@click.argument("url")
@click.option("--org", "slug", help="Send the events of this organization.")
@click.option("--all", "of_all", is_flag=True, help="Send the events of all organizations, also of new ones.")
@endpoint_options
@click.option(
    "--signature",
    type=click.Choice([one.value for one in Scheme]),
    default=Scheme.SHARED.value,
    show_default=True,
    help="Sign with a shared secret (v1) or with an Ed25519 key (v1a).",
)
@json_option
def add(  # noqa: PLR0913 - one parameter for each option
    *,
    url: str,
    slug: str | None,
    of_all: bool,
    types: tuple[str, ...],
    payload: str | None,
    batch: int | None,
    retries: Retries | None,
    contact: str | None,
    signature: str,
    as_json: bool,
) -> None:
    """Add an endpoint and print its key once. The endpoint gets all events from now on.

    Example: scim-seats webhook add https://app.example.com/hooks --org acme --type 'person.*'
    """
    if (slug is None) is not of_all:
        raise click.UsageError("give either --org SLUG or --all")
    new = NewEndpoint(
        url,
        types=types,
        payload=payload or "full",
        batch=batch or 1,
        retries=retries or commands.STANDARD,
        contact=contact,
        scheme=Scheme(signature),
    )
    with opened() as (_, database):
        scope = scope_of(database, slug)
        made = commands.add(scope, new, policy().check)
        state = queries.state(scope, made.endpoint.id)
    _show_key(made, state, as_json=as_json)


def _show_key(made: NewKey, state: State, *, as_json: bool) -> None:
    result = shapes.created(made, state)

    def text() -> None:
        say(f"Endpoint    {made.endpoint.id}")
        say(f"{'Secret' if result['secret'] else 'Public key':<12}{made.verifier}")
        if result["secret"]:
            say("The secret is not shown again. The receiver needs it to verify signatures.")

    emit(result, as_json=as_json, text=text)


@webhook.command(name="list")
@click.option("--org", "slug", help="Only endpoints of this organization.")
@json_option
def list_(*, slug: str | None, as_json: bool) -> None:
    """List the endpoints, what they have not received yet, and for how long."""
    with opened() as (_, database):
        found = queries.states(scope_of(database, slug))
    rows = [
        (one.endpoint.id[:8], one.slug or "all", one.endpoint.url, one.state, one.waiting.events, lag_of(one))
        for one in found
    ]
    columns = ("id", "organization", "URL", "state", "waiting", "oldest")
    empty = "No endpoints. Add one with 'scim-seats webhook add'."
    result = {"data": [dump(shapes.WebhookEndpoint(), one) for one in found], "next_cursor": None}
    emit(result, as_json=as_json, text=lambda: table(columns, rows, empty=empty))


def lag_of(state: State) -> str:
    """The age of the oldest delivery that is not made, such as `2 h`."""
    seconds = int(state.lag.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s" if state.waiting.events else ""


@webhook.command()
@click.argument("endpoint")
@json_option
def show(*, endpoint: str, as_json: bool) -> None:
    """Show an endpoint, given by its id or the beginning of its id."""
    with opened() as (_, database):
        state = queries.state(scope_of(database), endpoint)
    show_state(state, as_json=as_json)


def show_state(state: State, *, as_json: bool) -> None:
    """Print an endpoint."""
    emit(dump(shapes.WebhookEndpoint(), state), as_json=as_json, text=lambda: _print_state(state))


def _print_state(state: State) -> None:
    one, waiting = state.endpoint, state.waiting
    why = "" if one.why_disabled is None else f" since {minute(one.disabled)} ({one.why_disabled})"
    oldest = f", the oldest for {lag_of(state)}" if waiting.events else ""
    lines = (
        ("Endpoint", one.id),
        ("Organization", state.slug or "all"),
        ("URL", one.url),
        ("Events", types_text(one.types)),
        ("Payload", f"{one.payload}, up to {one.batch} in a message"),
        ("Retries", f"after {Retries.shown(one.retries)}"),
        ("Contact", one.contact or "none"),
        ("Signature", " and ".join(state.schemes) + (" (rotation)" if one.next_key else "")),
        *(("Public key", key) for key in state.public_keys),
        ("State", f"{state.state}{why}"),
        ("Waiting", f"{waiting.events} events{oldest}; {waiting.failing} messages are retried"),
    )
    for name, value in lines:
        say(f"{name:<14}{value}")


@webhook.command(name="set")
@click.argument("endpoint")
@click.option("--url", help="The new URL. Messages that wait are sent there.")
@endpoint_options
@click.option("--all-types", is_flag=True, help="Send events of all public types.")
@click.option("--no-contact", is_flag=True, help="Remove the contact.")
@json_option
def set_(  # noqa: PLR0913 - one parameter for each option
    *,
    endpoint: str,
    url: str | None,
    types: tuple[str, ...],
    payload: str | None,
    batch: int | None,
    retries: Retries | None,
    contact: str | None,
    all_types: bool,
    no_contact: bool,
    as_json: bool,
) -> None:
    """Change settings of an endpoint.

    Example: scim-seats webhook set 0b9c5a10 --batch 50
    """
    if all_types and types:
        raise click.UsageError("give either --type or --all-types")
    if no_contact and contact:
        raise click.UsageError("give either --contact or --no-contact")
    changes = Changes(
        url=url,
        types=types if types or all_types else None,
        payload=payload,
        batch=batch,
        retries=retries,
        contact="" if no_contact else contact,
    )
    with opened() as (_, database):
        scope = scope_of(database)
        commands.set_endpoint(scope, endpoint, changes, policy().check)
        state = queries.state(scope, endpoint)
    show_state(state, as_json=as_json)


@webhook.command()
@click.argument("endpoint")
@json_option
def enable(*, endpoint: str, as_json: bool) -> None:
    """Enable an endpoint. Deliveries go on where they stopped."""
    with opened() as (_, database):
        scope = scope_of(database)
        commands.enable(scope, endpoint)
        state = queries.state(scope, endpoint)
    show_state(state, as_json=as_json)


@webhook.command()
@click.argument("endpoint")
@json_option
def disable(*, endpoint: str, as_json: bool) -> None:
    """Disable an endpoint. Its events wait until it is enabled again."""
    with opened() as (_, database):
        scope = scope_of(database)
        commands.disable(scope, endpoint)
        state = queries.state(scope, endpoint)
    show_state(state, as_json=as_json)


@webhook.command()
@click.argument("endpoint")
@click.option("--yes", is_flag=True, help="Remove the endpoint. Without this option, only show it.")
@json_option
def remove(*, endpoint: str, yes: bool, as_json: bool) -> None:
    """Remove an endpoint, with its waiting events and its log.

    Example: scim-seats webhook remove 0b9c5a10 --yes
    """
    with opened() as (_, database):
        scope = scope_of(database)
        state = queries.state(scope, endpoint)
        if yes:
            commands.remove(scope, endpoint)

    def text() -> None:
        if yes:
            say(f"The endpoint {state.endpoint.id} is removed.")
            return
        _print_state(state)
        say(f"{PREVIEW} remove the endpoint and its waiting events.")

    emit(shapes.removed(state, preview=not yes), as_json=as_json, text=text)


@webhook.command()
@click.argument("endpoint")
@click.argument("step", type=click.Choice(["start", "complete", "cancel"]))
@click.option("--signature", type=click.Choice([one.value for one in Scheme]), help="Kind of the new key.")
@click.option("--yes", is_flag=True, help="Complete the rotation. Without this option, only show the effect.")
@json_option
def rotate(*, endpoint: str, step: str, signature: str | None, yes: bool, as_json: bool) -> None:
    """Replace the key of an endpoint in two phases, so that every message can be verified.

    'start' prints a second key, and both keys sign. When the receiver knows the new key, 'complete' removes
    the old one. 'cancel' removes the new one.

    Example: scim-seats webhook rotate 0b9c5a10 start
    """
    if signature is not None and step != "start":
        raise click.UsageError("--signature is only for the start of a rotation")
    with opened() as (_, database):
        scope = scope_of(database)
        if step == "start":
            made = commands.rotation_start(scope, endpoint, None if signature is None else Scheme(signature))
            _show_key(made, queries.state(scope, endpoint), as_json=as_json)
            return
        if step == "cancel":
            commands.rotation_cancel(scope, endpoint)
        elif yes:
            commands.rotation_complete(scope, endpoint)
        state = queries.state(scope, endpoint)
    preview = step == "complete" and not yes

    def text() -> None:
        _print_state(state)
        if preview:
            say(f"{PREVIEW} remove the old key. Only the new key will sign.")

    emit(shapes.removed(state, preview=preview), as_json=as_json, text=text)
