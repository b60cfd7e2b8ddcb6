"""Adding seats and turning seats into a better tier: one form, one review, one purchase, one invoice."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode
from uuid import uuid4

from flask import Response, request

from scim_server.console import pages
from scim_server.console.billing import whole_number
from scim_server.console.billing_words import changed_words, order_words, refusal_words, status_words
from scim_server.console.left_out_words import coming_words
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, gettext, offers_company_sign_in, read_again, visit
from scim_server.services.billing import commands, queries
from scim_server.services.billing.commands import Done, Purchase, Request, Signed, Stale
from scim_server.services.errors import ServiceError
from scim_server.services.people import queries as members
from seat_policy.bill import Order, Upgrade

billing_change = Pages("billing_change")

_PEOPLE: Final = "people"
_LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Typed:
    """What the buyer typed into the form.

    Attributes:
        values: the text of each field, by its name.
        adds: the tiers to which seats can be added, by the name of the field.
        upgrades: the lower and the higher tier, by the name of the field.
    """

    values: Mapping[str, str]
    adds: Mapping[str, str]
    upgrades: Mapping[str, tuple[str, str]]

    @property
    def wrong(self) -> tuple[str, ...]:
        """The fields whose text is not a number."""
        names = (*self.adds, *self.upgrades)
        return tuple(name for name in names if self._number(name) is None)

    @property
    def order(self) -> Order:
        """The order; fields without a number are left out."""
        adds = {tier: number for name, tier in self.adds.items() if (number := self._number(name))}
        upgrades = tuple(
            Upgrade(number, *pair) for name, pair in self.upgrades.items() if (number := self._number(name))
        )
        return Order(adds, upgrades)

    @property
    def people(self) -> tuple[str, ...]:
        """The people whose seats change first, or who get a seat first: names, or addresses."""
        lines = (line.strip() for line in self.values[_PEOPLE].splitlines())
        return tuple(_address(line) for line in lines if line)

    @property
    def address(self) -> str:
        """The page of the form with these values."""
        given = {name: value for name, value in self.values.items() if value}
        return f"/billing/change?{urlencode(given)}" if given else "/billing/change"

    def _number(self, name: str) -> int | None:
        return whole_number(self.values[name] or "0")


def _address(line: str) -> str:
    """The address of `Ada Lovelace <ada@example.com>`; other text as it is."""
    name, _, address = line.removesuffix(">").rpartition("<")
    return address.strip() if name and line.endswith(">") else line


def _request(typed: Typed, key: str | None = None) -> Request:
    """The order with the people whom the buyer means.

    Raises:
        UnknownPerson, AmbiguousPerson: a line means no person, or several.
    """
    return Request(typed.order, members.user_names(context(), typed.people), key=key)


def _typed(signed: Signed, given: Mapping[str, str]) -> Typed:
    """The fields that the contract allows, with the given texts."""
    priced = [
        one.tier.name for one in reversed(signed.seats.tiers) if one.tier.name in signed.plan.contract.prices
    ]
    adds = {f"add-{tier}": tier for tier in priced}
    upgrades = {
        f"upgrade-{low}-{high}": (low, high)
        for place, low in enumerate(priced)
        for high in priced[place + 1 :]
    }
    names = (*adds, *upgrades, _PEOPLE)
    return Typed({name: given.get(name, "").strip()[:_LONGEST] for name in names}, adds, upgrades)


@billing_change.show("/billing/change", Permission.BILLING)
def form() -> Response:
    """The form, with the numbers of the address."""
    signed = queries.contract(context())
    return _to_billing() if signed is None else _form(signed, _typed(signed, request.args))


@billing_change.show("/billing/change/review", Permission.BILLING)
def form_again() -> Response:
    """A review cannot be opened by its address, so the form is shown."""
    return pages.go(visit().slug, "/billing/change")


def _to_billing() -> Response:
    return pages.not_done(gettext("Your vendor grants your seats, so nothing is bought here."), "/billing")


def _form(signed: Signed, typed: Typed, error: str = "") -> Response:
    """The form with the price of what it contains."""
    shown, why = _priced(typed) if not error else (None, error)
    return pages.page(
        "billing_change.html",
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
        signed=signed,
        typed=typed,
        error=error,
        why="" if error else why,
        purchase=shown,
        people=() if shown is None else _people(shown),
        said="" if shown is None else _said(shown),
        paused=status_words(signed),
    )


def _priced(typed: Typed) -> tuple[Purchase | None, str]:
    """The result of the order as a preview, or why it has none; nothing if nothing is ordered."""
    if typed.wrong:
        return None, gettext("Enter whole numbers, such as 5.")
    if not typed.order.adds and not typed.order.upgrades:
        return None, ""
    try:
        outcome = commands.buy(context(), _request(typed), preview=True)
    except ServiceError as error:
        return None, refusal_words(error)
    return (outcome.result, "") if isinstance(outcome, Done) else (None, "")


@billing_change.do("/billing/change/price", Permission.BILLING)
def price() -> Response:
    """The price of the form as a part of its page, while the buyer types."""
    signed = queries.contract(context())
    if signed is None:
        return _to_billing()
    shown, why = _priced(_typed(signed, request.form))
    people, said = ((), "") if shown is None else (_people(shown), _said(shown))
    return pages.page("billing_price.html", purchase=shown, why=why, people=people, said=said)


@billing_change.do("/billing/change/review", Permission.BILLING)
def review() -> Response:
    """What is bought, what it costs, and who gets in. Nothing is bought yet."""
    signed = queries.contract(context())
    if signed is None:
        return _to_billing()
    return _review(signed, _typed(signed, request.form))


def _review(signed: Signed, typed: Typed, stale: Stale | None = None) -> Response:
    if typed.wrong or not (typed.order.adds or typed.order.upgrades):
        why = (
            gettext("Enter whole numbers, such as 5.")
            if typed.wrong
            else gettext("Enter how many seats you need.")
        )
        return _form(signed, typed, why)
    try:
        preview = commands.buy(context(), _request(typed), preview=True)
    except ServiceError as error:
        return _form(signed, typed, refusal_words(error))
    if not isinstance(preview, Done):
        raise TypeError(preview)
    return pages.page(
        "billing_review.html",
        status=HTTPStatus.OK if stale is None else HTTPStatus.CONFLICT,
        typed=typed,
        purchase=preview.result,
        confirmation=preview.confirmation,
        key=str(uuid4()),
        people=_people(preview.result),
        said=_said(preview.result),
        changed=None if stale is None else changed_words(stale, preview.result),
        title=order_words(typed.order),
        button=order_words(typed.order, button=True),
        fresh=visit().visitor.fresh,
        company=not visit().visitor.fresh and offers_company_sign_in(),
    )


@billing_change.do("/billing/change", Permission.SPENDING)
def buy() -> Response:
    """Buy what the review showed, or nothing."""
    signed = queries.contract(context())
    if signed is None:
        return _to_billing()
    typed = _typed(signed, request.form)
    try:
        ordered = _request(typed, request.form.get("key") or None)
        outcome = commands.buy(context(), ordered, confirmation=request.form.get("confirmation", ""))
    except ServiceError as error:
        return _form(signed, typed, refusal_words(error))
    if isinstance(outcome, Stale):
        return _review(signed, typed, outcome)
    bought = outcome.result
    read_again()
    return pages.page(
        "billing_bought.html", purchase=bought, people=_people(bought), title=order_words(typed.order)
    )


def _people(purchase: Purchase) -> list[str]:
    """The userNames of everyone who gets a seat, or a better one."""
    return [*purchase.seated, *purchase.moved, *(str(one.user_name) for one in purchase.let_in)]


def _said(purchase: Purchase) -> str:
    """How many people get a seat, or a better one; empty if nobody does."""
    upgraded = len(purchase.moved) + sum(one.left is not None for one in purchase.let_in)
    people = len(_people(purchase))
    return coming_words(people, upgraded) if people else ""
