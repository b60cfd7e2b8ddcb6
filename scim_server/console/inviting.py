"""Invitations: many at once with the price of missing seats, and the list with its states."""

from http import HTTPStatus
from typing import Final

from flask import Response, request

from scim_server.console import downloads, filters, listing, pages
from scim_server.console.doorkeeper import sentence
from scim_server.console.language import LANGUAGES
from scim_server.console.listing import Listing
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, gettext, ngettext, visit
from scim_server.services.errors import NotFound, ServiceError
from scim_server.services.invitations import commands, queries
from scim_server.services.invitations.commands import MOST_AT_ONCE, Invitees, Shortfall
from scim_server.services.invitations.queries import Listed
from scim_server.services.seats import queries as seats
from seat_policy.errors import PolicyError
from seat_policy.invitations import State
from seat_policy.roles import GIVEN, Role

inviting = Pages("inviting")

_LIST: Final = "/invitations"
_COLUMNS: Final = ("address", "state", "role", "seat", "invited by", "sent", "expires", "mail")


@inviting.show(_LIST, Permission.MEMBERS)
def show() -> Response:
    """The invitations in one state, or all of them."""
    chosen = listing.of_request("q", "state")
    overview = queries.overview(context(), search=chosen.get("q"), state=_state(chosen), number=chosen.number)
    return pages.page(
        "inviting.html",
        chosen=chosen,
        state=_state(chosen),
        states=_states(),
        state_of=_state_in_words,
        overview=overview,
        mail=mail_in_words,
        may_change=Permission.BILLING.admits(visit().role),
    )


@inviting.show("/invitations.csv", Permission.MEMBERS)
def as_csv() -> Response:
    """The invitations of the list as a file."""
    chosen = listing.of_request("q", "state")
    found = queries.found(context(), search=chosen.get("q"), state=_state(chosen))
    return downloads.csv_file(f"{visit().slug}-invitations", _COLUMNS, map(_row, found))


def _row(one: Listed) -> tuple[object, ...]:
    sent = one.invitation
    return sent.email, one.state, sent.role, sent.held, sent.inviter, sent.sent, sent.expires, one.mail


@inviting.show("/invitations/new", Permission.MEMBERS)
def form() -> Response:
    """The form for many addresses."""
    return _form()


@inviting.do(_LIST, Permission.MEMBERS)
def invite() -> Response:
    """Invite all the addresses, or none of them if one is wrong or seats are missing."""
    role = request.form.get("role", "")
    if role not in set(GIVEN):
        return _form(error=gettext("Choose one of the roles."))
    invitees = Invitees(
        (request.form.get("addresses", ""),),
        Role(role),
        request.form.get("tier") or None,
        request.form.get("language", visit().language),
    )
    try:
        sent = commands.invite(context(), invitees)
    except (ServiceError, PolicyError) as error:
        return _form(error=sentence(str(error)))
    if isinstance(sent, Shortfall):
        return _form(short=sent)
    return pages.done(
        ngettext(
            "%(number)s person was invited. The mail is on its way, and a seat is held for 21 days.",
            "%(number)s people were invited. The mails are on their way, and seats are held for 21 days.",
            len(sent),
            number=filters.number(len(sent)),
        ),
        _LIST,
        state=State.PENDING,
    )


@inviting.do("/invitations/resend", Permission.MEMBERS)
def resend() -> Response:
    """Send an invitation again, for another 21 days."""
    try:
        sent = commands.resend(context(), request.form.get("id", ""))
    except NotFound:
        raise
    except ServiceError as error:
        return pages.not_done(sentence(error.detail), _LIST)
    if isinstance(sent, Shortfall):
        return pages.not_done(_short_in_words(sent), _LIST)
    until = filters.moment(sent.expires)
    return pages.done(
        gettext("%(address)s is invited again, until %(until)s.", address=sent.email, until=until), _LIST
    )


@inviting.show("/invitations/revoke", Permission.MEMBERS)
def ask_revoke() -> Response:
    """What the revocation of an invitation does: the seat, and the people who get it."""
    try:
        revoked = commands.revoke(context(), request.args.get("id", ""), preview=True)
    except NotFound:
        raise
    except ServiceError as error:
        return pages.not_done(sentence(error.detail), _LIST)
    return pages.page("revoke_invitation.html", revoked=revoked)


@inviting.do("/invitations/revoke", Permission.MEMBERS)
def revoke() -> Response:
    """Revoke an invitation."""
    try:
        revoked = commands.revoke(context(), request.form.get("id", ""))
    except NotFound:
        raise
    except ServiceError as error:
        return pages.not_done(sentence(error.detail), _LIST)
    said = gettext("The invitation of %(address)s was revoked.", address=revoked.invitation.email)
    seated = [
        gettext("%(person)s got a %(tier)s seat.", person=person, tier=tier)
        for person, tier in revoked.let_in.items()
    ]
    return pages.done(" ".join([said, *seated]), _LIST)


def _form(error: str = "", short: Shortfall | None = None) -> Response:
    overview = queries.overview(context(), most=1)
    bad = bool(error) or short is not None
    given = request.form if request.method == "POST" else {}
    return pages.page(
        "invite.html",
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.CONFLICT if short else HTTPStatus.OK,
        overview=overview,
        given=given,
        bad=bad,
        error=error,
        short="" if short is None else _short_in_words(short),
        most=MOST_AT_ONCE,
        roles=[role for role in GIVEN if role.rank <= visit().role.rank],
        tiers=seats.show(context()).tiers,
        languages_=LANGUAGES,
        may_buy=Permission.BILLING.admits(visit().role),
    )


def _short_in_words(short: Shortfall) -> str:
    """How many seats are missing, and their price."""
    missing = filters.tiers({short.short.tier: short.short.missing})
    parts = [gettext("Nothing was sent, because %(seats)s are missing.", seats=missing)]
    if short.bill is not None:
        parts.append(gettext("They cost %(price)s today.", price=filters.money(short.bill.total)))
    if short.short.waiting:
        parts.append(
            ngettext(
                "%(number)s person waits and gets a seat first.",
                "%(number)s people wait and get seats first.",
                short.short.waiting,
                number=filters.number(short.short.waiting),
            )
        )
    return " ".join(parts)


def _state(chosen: Listing) -> State | None:
    text = chosen.get("state")
    return State(text) if text in set(State) else None


def _states() -> dict[State, str]:
    return {
        State.PENDING: gettext("Pending"),
        State.ACCEPTED: gettext("Accepted"),
        State.EXPIRED: gettext("Expired"),
        State.REVOKED: gettext("Revoked"),
    }


def _state_in_words(state: State) -> str:
    """The state of one invitation."""
    return {
        State.PENDING: gettext("pending"),
        State.ACCEPTED: gettext("accepted"),
        State.EXPIRED: gettext("has expired"),
        State.REVOKED: gettext("was revoked"),
    }[state]


def mail_in_words(one: Listed) -> str:
    """The state of the last mail."""
    delivery = one.delivery
    if delivery is None:
        return gettext("no mail")
    if delivery.sent is not None:
        return gettext("mail sent")
    if delivery.given_up:
        return gettext("mail failed: %(why)s", why=delivery.last_error or "")
    if delivery.last_error is not None:
        return gettext("mail failed, and is tried again: %(why)s", why=delivery.last_error)
    return gettext("mail on its way")
