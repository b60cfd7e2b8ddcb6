"""Events about contracts, the bills of events, and credit notes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from scim_server.history.event import Changes, Event, changed, stored_as


@dataclass(frozen=True, kw_only=True)
class Billed(Event):
    """An event that may have a bill.

    Attributes:
        invoice: the number of the invoice; None if nothing was owed.
        total: the amount owed; None if nothing is billed.
        currency: the currency of the total.
        since: the day from which the seats are billed.
    """

    invoice: int | None = None
    total: str | None = None
    currency: str | None = None
    since: str | None = None

    @property
    def payload(self) -> dict[str, object]:
        """The payload. If a bill is zero, the key `invoice` has the value None."""
        bill = {} if self.total is None else {"invoice": self.invoice}
        return {**super().payload, **bill}


@dataclass(frozen=True, kw_only=True)
class ContractSigned(Billed):
    """Appended when a contract is signed; the existing seats become its opening quantity.

    Attributes:
        contract: the terms.
        quantities: the seats by tier.
    """

    type: ClassVar[str] = "contract.signed"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    contract: Mapping[str, object]
    quantities: Mapping[str, int] = field(metadata=stored_as("seats"))


@dataclass(frozen=True, kw_only=True)
class ContractChanged(Event):
    """Appended when terms of the running contract change.

    Attributes:
        before: the terms before the change.
        after: the terms after the change.
    """

    type: ClassVar[str] = "contract.changed"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    before: Mapping[str, object] = field(metadata=stored_as("from"))
    after: Mapping[str, object] = field(metadata=stored_as("to"))

    @property
    def differences(self) -> Changes:
        """The changed terms."""
        names = [name for name in self.after if self.before.get(name) != self.after[name]]
        return {name: changed(self.before.get(name), self.after[name]) for name in names}


@dataclass(frozen=True, kw_only=True)
class ReductionScheduled(Event):
    """Appended when the number of seats for the next term is set, or the setting is cancelled.

    Attributes:
        before: the scheduled numbers before the change, by tier.
        after: the scheduled numbers after the change, by tier.
    """

    type: ClassVar[str] = "contract.reduction_scheduled"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    before: Mapping[str, int] = field(metadata=stored_as("from"))
    after: Mapping[str, int] = field(metadata=stored_as("to"))

    @property
    def differences(self) -> Changes:
        """The seats of the next term."""
        return {"next_term": changed(self.before, self.after)}


@dataclass(frozen=True, kw_only=True)
class Renewal(Billed):
    """An event about the next term.

    Attributes:
        term: its number.
        tiers: the renewal of each tier, by the name of the tier.
    """

    term: int
    tiers: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class ContractRenewed(Renewal):
    """Appended when the next term of a contract begins."""

    type: ClassVar[str] = "contract.renewed"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class ContractRenewedAhead(Renewal):
    """Appended when the next term is billed before it begins. The seats stay the same until then."""

    type: ClassVar[str] = "contract.renewed_ahead"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class ContractEnded(Event):
    """Appended when the last term of a contract ends and no other term follows.

    Attributes:
        term: its number.
    """

    type: ClassVar[str] = "contract.ended"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    term: int


@dataclass(frozen=True, kw_only=True)
class InvoiceCredited(Event):
    """Appended when a credit note is issued. The seats do not change.

    Attributes:
        invoice: the number of the credit note.
        credits: the number of the corrected invoice.
        total: the amount, which is negative.
        currency: the currency of the total.
        why: the reason given.
    """

    type: ClassVar[str] = "invoice.credited"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    invoice: int
    credits: int
    total: str
    currency: str
    why: str

    @property
    def subject(self) -> tuple[str | None, str | None]:
        """The credit note."""
        return str(self.invoice), None
