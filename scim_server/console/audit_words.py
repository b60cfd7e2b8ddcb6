"""Each type of event in plain words: one sentence about what happened."""

from collections.abc import Mapping
from typing import Any, Final

from scim_server.console import filters
from scim_server.console.visit import gettext
from scim_server.history import (
    ConsoleSignedIn,
    ContractChanged,
    ContractEnded,
    ContractRenewed,
    ContractRenewedAhead,
    ContractSigned,
    DomainAdded,
    DomainRemoved,
    DomainVerified,
    GroupCreated,
    GroupDeleted,
    GroupUpdated,
    InvitationAccepted,
    InvitationExpired,
    InvitationResent,
    InvitationRevoked,
    InvitationSent,
    InvitationTakenOver,
    InvoiceCredited,
    MappingGroupGone,
    MappingRemoved,
    MappingSaved,
    OrganizationCreated,
    OrganizationDeletionCancelled,
    OrganizationDeletionScheduled,
    OrganizationResumed,
    OrganizationSuspended,
    OrganizationUpdated,
    PersonActivated,
    PersonCreated,
    PersonDeleted,
    PersonDeprovisioned,
    PersonDismissed,
    PersonMoved,
    PersonPrioritised,
    PersonPromoted,
    PersonProvisioned,
    PersonQueued,
    PersonRejected,
    PersonRequeued,
    PersonRestored,
    PersonRoleChanged,
    PersonRoleKept,
    PersonTierRefused,
    PersonUnassigned,
    PersonUpdated,
    PersonWaitEnded,
    ReductionScheduled,
    RemovalConfirmed,
    RemovalDetected,
    RemovalRestored,
    ResourceCreated,
    ResourceDeleted,
    ResourceTypeAdded,
    ResourceTypeRemoved,
    ResourceUpdated,
    SchemaAdded,
    SchemaRemoved,
    SeatRequestApproved,
    SeatRequestDeclined,
    SeatRequestLapsed,
    SeatRequestOpened,
    SeatRequestsOverdue,
    SeatRequestWithdrawn,
    SeatsAdded,
    SeatsBilled,
    SeatsForecastShort,
    SeatsGranted,
    SeatsRefusalsBegan,
    SeatsThreshold,
    SeatsUpgraded,
    SignInLinkCreated,
    SsoConfigured,
    SsoRemoved,
    TokenCreated,
    TokenRevoked,
    WebhookAdded,
    WebhookDisabled,
    WebhookEnabled,
    WebhookRemoved,
    WebhookUpdated,
)
from scim_server.store.rows.audit import Recorded


def _(message: str) -> str:
    """Mark a message that is translated when it is shown."""
    return message


SENTENCES: Final[Mapping[str, str]] = {
    SignInLinkCreated.type: _("A sign-in link was made for %(person)s."),
    ConsoleSignedIn.type: _("%(person)s signed in."),
    ContractChanged.type: _("The terms of the contract were changed."),
    ContractEnded.type: _("The contract ended after term %(term)s."),
    ReductionScheduled.type: _("The number of seats for the next term was set: %(after)s."),
    ContractRenewed.type: _("Term %(term)s of the contract began."),
    ContractRenewedAhead.type: _("Term %(term)s of the contract was billed before it begins."),
    ContractSigned.type: _("The contract was signed for %(quantities)s."),
    DomainAdded.type: _("The domain %(domain)s was added."),
    DomainRemoved.type: _("The domain %(domain)s was removed."),
    DomainVerified.type: _("The domain %(domain)s was verified."),
    GroupCreated.type: _("The group %(display_name)s was created with %(added)s members."),
    GroupDeleted.type: _("The group %(display_name)s was deleted. It had %(removed)s members."),
    GroupUpdated.type: _("The group %(display_name)s changed: %(added)s members more, %(removed)s fewer."),
    InvitationAccepted.type: _("The invitation of %(person)s ended, because %(person)s is a member now."),
    InvitationExpired.type: _("The invitation of %(person)s expired."),
    InvitationResent.type: _("The invitation of %(person)s was sent again."),
    InvitationRevoked.type: _("The invitation of %(person)s was revoked."),
    InvitationSent.type: _("%(person)s was invited with the role %(role)s."),
    InvitationTakenOver.type: _(
        "%(person)s became a member in another way, and has not accepted the role %(role)s yet."
    ),
    InvoiceCredited.type: _("A credit note of %(total)s %(currency)s was issued for invoice %(credits)s."),
    MappingGroupGone.type: _("The mapped group %(name)s was deleted or renamed, so it gives nothing now."),
    MappingRemoved.type: _("The mapping of the group %(name)s was removed."),
    MappingSaved.type: _("The mapping of the group %(name)s was saved: it gives %(gives)s."),
    OrganizationCreated.type: _("The organization was created."),
    OrganizationDeletionCancelled.type: _("The deletion of the organization was cancelled."),
    OrganizationDeletionScheduled.type: _("The deletion of the organization was scheduled: %(deletes)s."),
    OrganizationResumed.type: _("The operator resumed the organization. Seats are assigned again."),
    OrganizationSuspended.type: _("The operator suspended the organization. No seats are assigned."),
    OrganizationUpdated.type: _("Settings were changed: %(changes)s."),
    PersonActivated.type: _("%(person)s is active again, and has no seat until a group gives a tier."),
    PersonCreated.type: _("%(person)s was created without a seat."),
    PersonDeleted.type: _("%(person)s was deleted."),
    PersonDeprovisioned.type: _("%(person)s lost access."),
    PersonDismissed.type: _("%(person)s was dismissed from the people left out."),
    PersonMoved.type: _("%(person)s moved to a %(tier)s seat."),
    PersonPrioritised.type: _("%(person)s has the priority %(after)s in the queue now, not %(before)s."),
    PersonPromoted.type: _("%(person)s waited, and got a %(tier)s seat."),
    PersonProvisioned.type: _("%(person)s got a %(tier)s seat."),
    PersonQueued.type: _("%(person)s waits for a seat."),
    PersonRejected.type: _("%(person)s was refused, because no seat was free (attempts: %(attempts)s)."),
    PersonRequeued.type: _("%(person)s waits for %(after)s now, not for %(before)s."),
    PersonRestored.type: _("%(person)s was restored after a mass removal."),
    PersonRoleChanged.type: _("%(person)s has the role %(after)s now, not %(before)s."),
    PersonRoleKept.type: _(
        "%(person)s is the last Owner and keeps the role, although groups give %(wanted)s."
    ),
    PersonTierRefused.type: _("%(person)s keeps the seat, because no %(wants)s seat was free."),
    PersonUnassigned.type: _("An Admin took the seat, or the place in the queue, of %(person)s."),
    PersonUpdated.type: _("Values of %(person)s changed."),
    PersonWaitEnded.type: _("%(person)s no longer waits for a seat."),
    RemovalConfirmed.type: _("The mass removal %(removal)s was confirmed. Its seats are free."),
    RemovalDetected.type: _(
        "A mass removal was detected: %(people)s of %(of)s people lost access within %(minutes)s minutes."
    ),
    RemovalRestored.type: _("The mass removal %(removal)s was undone."),
    ResourceCreated.type: _("A %(resource_type)s was created."),
    ResourceDeleted.type: _("A %(resource_type)s was deleted."),
    ResourceUpdated.type: _("A %(resource_type)s was changed."),
    ResourceTypeAdded.type: _("The type %(name)s was added."),
    ResourceTypeRemoved.type: _("The type %(name)s was removed."),
    SchemaAdded.type: _("The schema %(schema)s was added."),
    SchemaRemoved.type: _("The schema %(schema)s was removed."),
    SeatRequestApproved.type: _("The request of %(person)s for a seat was approved."),
    SeatRequestDeclined.type: _("The request of %(person)s for a seat was declined: %(why)s"),
    SeatRequestLapsed.type: _(
        "The request of %(person)s ended by itself: the person got the seat in another way, or was removed."
    ),
    SeatRequestOpened.type: _("%(person)s asked for a seat (%(wants)s)."),
    SeatRequestsOverdue.type: _("Owners were reminded of requests for seats: %(requests)s."),
    SeatRequestWithdrawn.type: _("The request of %(person)s for a seat was withdrawn."),
    SeatsAdded.type: _("Seats were added: %(bought)s."),
    SeatsBilled.type: _("The automatic purchases of %(day)s were billed: %(added)s."),
    SeatsForecastShort.type: _("At the present pace, %(tier)s seats run out within 30 days."),
    SeatsGranted.type: _("The operator set the number of seats: %(bought)s."),
    SeatsRefusalsBegan.type: _("A person was refused, the first one in 24 hours, so the Owners got a mail."),
    SeatsThreshold.type: _(
        "%(percent)s percent of the %(tier)s seats are in use (%(in_use)s of %(purchased)s)."
    ),
    SeatsUpgraded.type: _("Seats were upgraded: %(bought)s."),
    SsoConfigured.type: _("The company sign-in was set: %(issuer)s, client %(client_id)s."),
    SsoRemoved.type: _("The company sign-in was removed: %(issuer)s."),
    TokenCreated.type: _("The token %(name)s was created."),
    TokenRevoked.type: _("The token %(name)s was revoked."),
    WebhookAdded.type: _("Events are sent to %(host)s."),
    WebhookDisabled.type: _("Events are no longer sent to %(host)s. They wait until this is enabled again."),
    WebhookEnabled.type: _("Events are sent to %(host)s again."),
    WebhookRemoved.type: _("Events are not sent to %(host)s any more."),
    WebhookUpdated.type: _("The settings of the events for %(host)s were changed."),
}
"""A sentence for each type of the catalogue."""

KINDS: Final[Mapping[str, str]] = {
    "person": _("People"),
    "seats": _("Seats"),
    "seat_request": _("Requests for seats"),
    "contract": _("Contract"),
    "invoice": _("Invoices"),
    "invitation": _("Invitations"),
    "group": _("Groups"),
    "mapping": _("Mappings"),
    "removal": _("Mass removals"),
    "organization": _("Settings"),
    "token": _("Tokens"),
    "webhook": _("Webhooks"),
    "console": _("Sign-ins at the console"),
    "sso": _("Company sign-in"),
    "domain": _("Domains"),
    "schema": _("Schemas"),
    "resource_type": _("Schemas"),
    "resource": _("Other records"),
}
"""The families of types, by their prefix."""
_SETTINGS: Final[Mapping[str, str]] = {
    "mode": _("how people come in"),
    "overflow": _("if no seat is free"),
    "seat_requests": _("if a person asks for a seat"),
    "unmapped": _("people in no mapped group"),
    "allow_invitations": _("invitations"),
    "hold_removals": _("hold mass removals"),
    "strict": _("refuse what breaks an RFC"),
    "require_if_match": _("require If-Match"),
    "seat_extension": _("show seats to providers"),
    "tiers": _("tiers"),
}
_OF_ROLES: Final = ("role", "before", "after", "wanted")
"""The fields that may have a role."""


NOTHING: Final = "-"
"""Stands for a value that there is not, or that an earlier version did not store."""


class _Values(dict[str, object]):
    """Values of a sentence. Missing values are NOTHING."""

    def __missing__(self, key: str) -> str:
        return NOTHING


def sentence(one: Recorded) -> str:
    """What happened, in the language of the reader. Types that are not known yet have their name."""
    message = SENTENCES.get(one.type)
    if message is None:
        return one.type
    event = one.event
    own = {name: _worded(name, value) for name, value in vars(event).items() if value is not None}
    values = {
        **own,
        "person": one.name or one.person or gettext("a person whose name was erased"),
        "attempts": filters.number(one.attempts),
        "bought": _bought(one),
        "gives": _given(one.payload),
    }
    if "tier" not in one.payload:
        values["tier"] = next((tier for tier, (_, used, _held) in one.seats.items() if used > 0), NOTHING)
    return gettext(message) % _Values(values)


def _worded(name: str, value: object) -> object:
    """A value of an event as text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{_setting(key)}: {_changed(one)}" for key, one in value.items()) or NOTHING
    if name in _OF_ROLES and value in filters.ROLES:
        return filters.role_name(str(value))
    return filters.number(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _setting(name: object) -> str:
    """The name of a setting in words; other names, such as those of tiers, as they are."""
    return gettext(_SETTINGS[str(name)]) if name in _SETTINGS else str(name)


def _changed(value: object) -> str:
    if isinstance(value, Mapping) and set(value) == {"from", "to"}:
        return f"{_plain(value['from'])} → {_plain(value['to'])}"
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items() if one is not None)
    if value is None:
        return NOTHING
    return {True: gettext("on"), False: gettext("off")}[value] if isinstance(value, bool) else str(value)


def _bought(one: Recorded) -> str:
    """The changes of the purchased seats."""
    parts = [f"{tier} {bought:+d}" for tier, (bought, _used, _held) in one.seats.items() if bought]
    return ", ".join(parts) or NOTHING


def _given(payload: Mapping[str, Any]) -> str:
    """What a saved mapping gives."""
    tier, role, priority = (payload.get(name) for name in ("tier", "role", "priority"))
    parts = [
        "" if tier is None else gettext("the tier %(tier)s", tier=tier),
        "" if role is None else gettext("the role %(role)s", role=filters.role_name(role)),
        "" if priority is None else gettext("the priority %(number)s", number=priority),
    ]
    return ", ".join(part for part in parts if part) or NOTHING
