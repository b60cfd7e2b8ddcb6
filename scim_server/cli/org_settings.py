"""`scim-seats org set`: change settings of an organization, all options in one transaction."""

from collections.abc import Sequence

import click

from scim_server import config
from scim_server.cli.output import emit, in_organization, json_option, parse_quantities, say, table
from scim_server.representations import organizations as shapes
from scim_server.representations.base import dump
from scim_server.services.organizations import commands, queries
from scim_server.services.organizations.commands import Changes
from scim_server.services.organizations.queries import Listed, ModeEffect
from seat_policy.modes import Mode
from seat_policy.overflow import Overflow
from seat_policy.requests import RequestPolicy


def parse_policies(_context: object, _parameter: object, values: Sequence[str]) -> dict[str, Overflow | None]:
    """Read TIER=POLICY values; TIER=none means the policy of the organization.

    Raises:
        BadParameter: a value has the wrong form, or the policy does not exist.
    """
    policies: dict[str, Overflow | None] = {}
    for value in values:
        tier, sign, policy = value.partition("=")
        known = [choice.value for choice in Overflow]
        if not sign or not tier or policy not in (*known, "none"):
            raise click.BadParameter(
                f"'{value}' is not of the form TIER=POLICY; policies: {', '.join(known)}, none"
            )
        if tier in policies:
            raise click.BadParameter(f"the tier '{tier}' is given twice")
        policies[tier] = None if policy == "none" else Overflow(policy)
    return policies


overflow_option = click.option(
    "--overflow",
    type=click.Choice([choice.value for choice in Overflow]),
    help="What happens if no seat is free: refuse, queue, give a lower tier, or buy a seat.",
)
tier_overflow_option = click.option(
    "--tier-overflow",
    metavar="TIER=POLICY",
    multiple=True,
    callback=parse_policies,
    help="Policy for people who need exactly this tier. With TIER=none, the policy of the "
    "organization applies.",
)
ceiling_option = click.option(
    "--ceiling",
    "ceilings",
    metavar="TIER=NUMBER",
    multiple=True,
    callback=parse_quantities,
    help="Maximum number of seats that the policy 'buy' buys in one term; 0 means none.",
)


@click.command(name="set")
@click.argument("slug")
@overflow_option
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), help="How people are created.")
@click.option(
    "--strict/--no-strict", default=None, help="Refuse requests that break an RFC instead of tolerating them."
)
@click.option(
    "--require-if-match/--no-require-if-match",
    default=None,
    help="Refuse changes that do not send the version on which they are based.",
)
@click.option(
    "--allow-invitations/--no-allow-invitations",
    default=None,
    help="Allow invitations in all modes, not only in 'manual'.",
)
@click.option(
    "--hold-removals/--no-hold-removals",
    default=None,
    help="After a mass removal by a provider, hold the seats until the removal is confirmed.",
)
@click.option(
    "--seat-extension",
    type=click.Choice(["on", "off", "auto"]),
    help="Whether SCIM shows each person's seat. With auto, SCIM shows it unless the overflow "
    "policy is reject.",
)
@click.option(
    "--seat-requests",
    type=click.Choice([policy.value for policy in RequestPolicy]),
    help="What happens when a person asks for a seat: an Owner decides, a free seat is given at once, or a "
    "seat is also bought up to the ceiling.",
)
@tier_overflow_option
@ceiling_option
@click.option(
    "--seats",
    "totals",
    metavar="TIER=NUMBER",
    multiple=True,
    callback=parse_quantities,
    help="Set the total of a tier's granted seats. The total cannot be less than the seats in use.",
)
@click.option("--dry-run", is_flag=True, help="With --mode: only show what the new mode would change.")
@json_option
def set_organization(  # noqa: PLR0913 - one parameter per setting
    *,
    slug: str,
    dry_run: bool,
    overflow: str | None,
    mode: str | None,
    strict: bool | None,
    require_if_match: bool | None,
    allow_invitations: bool | None,
    hold_removals: bool | None,
    seat_extension: str | None,
    seat_requests: str | None,
    tier_overflow: dict[str, Overflow | None],
    ceilings: dict[str, int],
    totals: dict[str, int],
    as_json: bool,
) -> None:
    """Change an organization's settings. People who already wait continue to wait under a new policy.

    Example: scim-seats org set acme --overflow queue
    """
    wanted: dict[str, object | None] = {
        "overflow": overflow,
        "mode": mode,
        "strict": strict,
        "require_if_match": require_if_match,
        "allow_invitations": allow_invitations,
        "hold_removals": hold_removals,
        "seat_requests": seat_requests,
    }
    settings = {name: value for name, value in wanted.items() if value is not None}
    if seat_extension is not None:
        settings["seat_extension"] = {"on": True, "off": False, "auto": None}[seat_extension]
    if not settings and not totals and not tier_overflow and not ceilings:
        raise click.UsageError("give a setting, for example --overflow queue")
    if dry_run and (mode is None or len(settings) > 1 or totals or tier_overflow or ceilings):
        raise click.UsageError("--dry-run shows only the effect of --mode, so leave out the other options")
    with in_organization(slug) as context:
        if mode is not None and dry_run:
            _print_mode(queries.mode_effect(context, Mode(mode)), as_json=as_json)
            return
        commands.configure(context, Changes(settings, totals, tier_overflow, ceilings))
        after = queries.show(context)
    result = shapes.organization(after, config.load().scim_url(slug))
    emit(result, as_json=as_json, text=lambda: _print(after))


def _print(one: Listed) -> None:
    settings = dump(shapes.Settings(), one.organization)
    shown = {name.replace("_", " "): _word(value) for name, value in settings.items()}
    for tier, own in one.tiers.items():
        policy = "same as the organization" if own.overflow is None else own.overflow.value
        ceiling = "" if own.ceiling is None else f", at most {own.ceiling} seats bought in one term"
        shown[f"{tier} overflow"] = policy + ceiling
    table(("setting", "value"), shown.items(), empty="")


def _word(value: object) -> object:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _print_mode(effect: ModeEffect, *, as_json: bool) -> None:
    def text() -> None:
        say(f"{effect.organization}: {effect.before} -> {effect.after}. {effect.meaning}")
        stay = ", ".join(f"{number} by {way}" for way, number in effect.members.items()) or "nobody yet"
        say(f"Nobody is removed. Members: {stay}.")
        say("This was a preview, and nothing was changed. Leave out --dry-run to do it.")

    emit(dump(shapes.ModeEffect(), effect), as_json=as_json, text=text)
