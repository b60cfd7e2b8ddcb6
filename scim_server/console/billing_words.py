"""Sentences about contracts, orders and prices."""

from collections.abc import Mapping

from scim_server.console import filters
from scim_server.console.doorkeeper import sentence
from scim_server.console.visit import gettext, ngettext, visit
from scim_server.documents import formats
from scim_server.services.billing.commands import Purchase, Signed, Stale
from scim_server.services.errors import NoSeatGiven, OccupantsNotNamed, ServiceError
from seat_policy.bill import Order, Upgrade
from seat_policy.contract import Contract, Per, Price, Renewal, Tax
from seat_policy.overflow import Overflow
from seat_policy.proration import Proration


def order_words(order: Order, *, button: bool = False) -> str:
    """`Add 5 standard seats, turn 3 standard seats into premium`.

    Args:
        button: whether the words begin the label of the button that places the order.
    """
    parts = []
    if order.adds:
        parts.append(gettext("add %(seats)s", seats=filters.tiers(order.adds)))
    parts += [upgrade_words(one) for one in order.upgrades]
    text = ", ".join(parts) if button else formats.listed(parts, visit().language)
    return f"{text[:1].upper()}{text[1:]}"


def upgrade_words(upgrade: Upgrade) -> str:
    """`turn 3 standard seats into premium`."""
    return gettext(
        "turn %(seats)s into %(tier)s",
        seats=filters.seats(upgrade.quantity, upgrade.source),
        tier=upgrade.target,
    )


def price_words(price: Price) -> str:
    """`20.00 USD a month`."""
    amount = filters.money(price.amount)
    if price.per is Per.MONTH:
        return gettext("%(price)s a month", price=amount)
    return gettext("%(price)s a term", price=amount)


def tax_words(tax: Tax | None) -> str:
    """How tax is billed."""
    if tax is None:
        return gettext("no tax")
    percent = filters.number(float(tax.percent))
    if tax.inclusive:
        return gettext("prices include %(percent)s %% tax", percent=percent)
    return gettext("%(percent)s %% tax is added", percent=percent)


def proration_words(contract: Contract) -> str:
    """How a part of a term is billed."""
    match contract.proration:
        case Proration.MONTHLY_EXACT:
            return gettext("whole months, and the exact days of the present month")
        case Proration.MONTH_STARTED:
            return gettext("every month that has begun counts whole")
        case Proration.MONTH_COMPLETED:
            return gettext("the month of the purchase is free")
        case Proration.DAY_ACTUAL:
            return gettext("the exact days of the term")


def end_words(contract: Contract) -> str:
    """What happens at the end of the term."""
    end = filters.day(contract.running.end)
    if not contract.auto_renew:
        return gettext(
            "It ends, and nobody gets a seat from %(day)s until a new contract is signed.", day=end
        )
    if contract.renewal is Renewal.IN_USE:
        said = ngettext(
            "It renews on %(day)s for %(months)s month, with the seats that are in use then.",
            "It renews on %(day)s for %(months)s months, with the seats that are in use then.",
            contract.months,
            day=end,
            months=filters.number(contract.months),
        )
    else:
        said = ngettext(
            "It renews on %(day)s for %(months)s month, with all purchased seats.",
            "It renews on %(day)s for %(months)s months, with all purchased seats.",
            contract.months,
            day=end,
            months=filters.number(contract.months),
        )
    if not contract.minimum:
        return said
    least = ngettext(
        "At least %(number)s seat is renewed.",
        "At least %(number)s seats are renewed.",
        contract.minimum,
        number=filters.number(contract.minimum),
    )
    return f"{said} {least}"


def status_words(signed: Signed) -> str:
    """Why nothing can be bought now; empty if it can."""
    contract = signed.plan.contract
    if signed.suspended is not None:
        return gettext("Your organization is paused, so no seats are sold or assigned. Ask your vendor.")
    match signed.status:
        case "ended":
            return gettext("The contract has ended. Ask your vendor for a new one.")
        case "not_started":
            return gettext(
                "The contract begins on %(day)s. Seats are sold from then on.",
                day=filters.day(contract.start),
            )
        case "renewal_due":
            return gettext("The term is over. It renews within a few minutes; then seats are sold again.")
        case _:
            return ""


def overflow_choices() -> Mapping[str, str]:
    """What may happen if no seat is free, by the name of the policy."""
    return {
        Overflow.REJECT.value: gettext("refuse the person"),
        Overflow.QUEUE.value: gettext("let the person wait"),
        Overflow.FALLBACK.value: gettext("give a lower tier"),
        Overflow.BUY.value: gettext("buy a seat"),
    }


def reasons() -> Mapping[str, str]:
    """Why invoices are issued, by the name of the reason."""
    return {
        "opening": gettext("Opening"),
        "purchase": gettext("Purchase"),
        "automatic": gettext("Automatic purchases"),
        "renewal": gettext("Renewal"),
        "credit": gettext("Credit note"),
    }


def changed_words(stale: Stale, now: Purchase) -> list[str]:
    """What differs from the confirmed review, each with its present value."""
    price = gettext("nothing") if now.bill is None else filters.money(now.bill.total)
    people = [*now.seated, *now.moved, *(str(one.user_name) for one in now.let_in)]
    words = {
        "the order is": gettext("The order."),
        "the present seats are": gettext(
            "The seats that you have: now %(seats)s.",
            seats=filters.tiers({tier.tier.name: tier.purchased for tier in reversed(now.before.tiers)}),
        ),
        "the price is": gettext("The price: now %(price)s.", price=price),
        "the people who get a seat are": ngettext(
            "The people who get in: now %(number)s person.",
            "The people who get in: now %(number)s people.",
            len(people),
            number=filters.number(len(people)),
        ),
        "the seats after the change are": gettext(
            "The seats after this purchase: now %(seats)s.",
            seats=filters.tiers({tier.tier.name: tier.purchased for tier in reversed(now.after.tiers)}),
        ),
    }
    return [words[part.name] for part in stale.changed if part.name in words]


def refusal_words(error: ServiceError) -> str:
    """Why an order cannot be placed, and what to do."""
    match error:
        case OccupantsNotNamed():
            return gettext(
                "Fewer seats are free than you want to turn into another tier. Turn fewer, or enter the "
                "people whose seats change."
            )
        case NoSeatGiven():
            return gettext(
                "Seats are not sold at present, because the contract or the organization is paused."
            )
        case _:
            return sentence(error.detail)
