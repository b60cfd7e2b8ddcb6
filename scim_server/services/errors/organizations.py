"""Failures about organizations, tokens and keys."""

from scim_server.services.errors.base import Conflict, Invalid, NotFound


class UnknownOrganization(NotFound):
    """No organization has this slug."""

    code = "unknown_organization"


class InvalidSlug(Invalid):
    """The slug cannot stand in an address."""

    code = "invalid_slug"


class SlugTaken(Conflict):
    """Another organization has the slug."""

    code = "slug_taken"


class InvalidTier(Invalid):
    """The name of a tier is malformed, or there is no such tier."""

    code = "invalid_tier"


class InvalidQuantity(Invalid):
    """A number of seats is out of range."""

    code = "invalid_quantity"


class OwnerWithoutSeat(Conflict):
    """The owner of a new organization finds no seat in it."""

    code = "owner_without_seat"


class BuyNeedsContract(Conflict):
    """The policy `buy` needs a contract with a price: without one it never buys a seat."""

    code = "buy_needs_contract"


class BuyNeedsCeiling(Conflict):
    """The policy `buy` needs a ceiling: without one it never buys a seat."""

    code = "buy_needs_ceiling"


class StaleConfirmation(Conflict):
    """The confirmation belongs to another preview: what it showed has changed."""

    code = "stale_confirmation"


class UnknownToken(NotFound):
    """The organization has no such token that could be revoked."""

    code = "unknown_token"


class TokenNameTaken(Conflict):
    """A live token of the organization has the name."""

    code = "token_name_taken"


class AmbiguousToken(Conflict):
    """Several tokens have the name."""

    code = "ambiguous_token"


class UnknownApiKey(NotFound):
    """There is no such live key."""

    code = "unknown_api_key"


class AmbiguousApiKey(Conflict):
    """Several live keys have the name."""

    code = "ambiguous_api_key"


class UnknownScope(Invalid):
    """There is no such scope."""

    code = "unknown_scope"
