"""Contracts: read, signed, changed and renewed."""

from typing import Any, Final

from marshmallow import ValidationError, fields, validates_schema

from scim_server.admin import auth
from scim_server.admin.parsing import flag
from scim_server.admin.previews import carry_out
from scim_server.admin.routes import OF_ORGANIZATION, Confirmed, Noun
from scim_server.admin.terms import TermsInput, terms_of
from scim_server.representations import contracts as shapes
from scim_server.services.access.commands import Scope
from scim_server.services.billing import commands, queries
from scim_server.services.errors import (
    ContractRuns,
    InvalidDay,
    InvalidTerms,
    NoContract,
    PriceMissing,
    TaxMissing,
    TermsFixed,
    UnknownTier,
)

contracts = Noun("contracts", "The contract of an organization: its term, prices and renewal.")

_CONTRACT: Final = f"{OF_ORGANIZATION}/contract"


class ContractInput(TermsInput):
    """The terms of a new contract, or those that change in the current one."""

    bill_opening = flag(
        load_default=False, about="Invoice the opening seats of a new contract for the whole term."
    )

    @validates_schema
    def _require_terms(self, given: dict[str, Any], **_: object) -> None:
        said = {name: value for name, value in given.items() if name != "bill_opening"}
        if not given["bill_opening"] and not terms_of(said).given:
            raise ValidationError("Give at least one term, such as `prices`.")


class RenewInput(Confirmed):
    """The day until which a contract is renewed."""

    as_of = fields.Date(
        load_default=None,
        metadata={
            "description": "Apply what is due by this day; usually today. A day in the next term bills that "
            "term in advance."
        },
    )


@contracts.show(_CONTRACT, Scope.BILLING_READ, shapes.Contract)
def show() -> dict[str, object]:
    """The contract with its term, its prices and its scheduled reductions.

    Without a contract, the status is `none`, because the seats are granted.
    """
    return shapes.contract(auth.organization().slug, queries.contract(auth.context()))


@contracts.do(
    _CONTRACT,
    Scope.BILLING_WRITE,
    shapes.Contract,
    ContractInput,
    raises=(InvalidTerms, TaxMissing, PriceMissing, UnknownTier, TermsFixed, ContractRuns),
    example={
        "prices": {"standard": {"amount": "20.00"}, "premium": {"amount": "100.00"}},
        "currency": "USD",
        "months": 12,
    },
)
def set_contract(body: dict[str, Any]) -> dict[str, object]:
    """Sign a contract, or change the current one; terms that are left out keep their value.

    The existing seats become the opening quantity of a new contract. Start, months, currency, time zone and
    term cannot change after the first invoice. `auto_renew: false` ends the contract with its term.
    """
    said = dict(body)
    bill_opening = said.pop("bill_opening")
    signed = commands.set_contract(auth.context(), terms_of(said), bill_opening=bill_opening)
    return shapes.contract(auth.organization().slug, signed)


@contracts.show(f"{_CONTRACT}/next-term", Scope.BILLING_READ, shapes.ForeseenRenewal)
def next_term() -> dict[str, object]:
    """The next term and its price, as it would begin with the present seats, or the end of the contract."""
    return shapes.foreseen(auth.organization().slug, queries.next_term(auth.context()))


@contracts.do(
    f"{_CONTRACT}/renew",
    Scope.BILLING_WRITE,
    shapes.RenewalResult,
    RenewInput,
    preview=True,
    raises=(NoContract, InvalidDay),
    example={"as_of": "2026-03-01"},
)
def renew(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Renew or end a contract whose term has ended, or bill the next term in advance.

    Every change of an organization renews a contract that is due, so apps need this call only to bill a term
    before it begins.
    """
    return carry_out(
        lambda shown, code: commands.renew(auth.context(), body["as_of"], preview=shown, confirmation=code),
        lambda done: shapes.renewal(auth.organization().slug, done),
        preview=preview,
        body=body,
    )
