"""Failures about organizations, tokens and keys."""

from scim_server.services.errors.base import Conflict, Denied, Invalid, NotFound


class UnknownOrganization(NotFound):
    """No organization has this slug."""

    code = "unknown_organization"


class InvalidSlug(Invalid):
    """The slug cannot be part of a URL."""

    code = "invalid_slug"


class SlugTaken(Conflict):
    """Another organization has the slug."""

    code = "slug_taken"


class InvalidTier(Invalid):
    """The name of a tier is malformed, or the tier does not exist."""

    code = "invalid_tier"


class InvalidQuantity(Invalid):
    """A number of seats is out of range."""

    code = "invalid_quantity"


class OwnerWithoutSeat(Conflict):
    """The new organization has no seat for its owner."""

    code = "owner_without_seat"


class BuyNeedsContract(Conflict):
    """The policy `buy` needs a contract with a price. Without a price, no seat can ever be bought."""

    code = "buy_needs_contract"


class BuyNeedsCeiling(Conflict):
    """The policy `buy` needs a ceiling. Without a ceiling, no seat can ever be bought."""

    code = "buy_needs_ceiling"


class StaleConfirmation(Conflict):
    """The result would differ from the preview for which the confirmation code was given."""

    code = "stale_confirmation"


class UnknownToken(NotFound):
    """The organization has no active token with this id or name."""

    code = "unknown_token"


class TokenNameTaken(Conflict):
    """An active token of the organization has the name."""

    code = "token_name_taken"


class UnknownApiKey(NotFound):
    """An active key with this id or name does not exist."""

    code = "unknown_api_key"


class ApiKeyNameTaken(Conflict):
    """An active key has the name."""

    code = "api_key_name_taken"


class RotationRuns(Conflict):
    """A rotation of the key is running, so another one cannot begin."""

    code = "rotation_runs"


class NoRotation(Conflict):
    """No rotation of the token or key is running."""

    code = "no_rotation"


class KeyInUse(Conflict):
    """The idempotency key was used for a request with another method, address or body."""

    code = "idempotency_key_reused"


class InProgress(Conflict):
    """A request with the same idempotency key is being handled."""

    code = "idempotency_in_progress"


class AnswerLost(Conflict):
    """The request with this idempotency key had its effect, but its answer was not stored."""

    code = "idempotency_answer_lost"


class DeletionScheduled(Conflict):
    """The organization will be deleted, so it cannot be resumed. Cancel the deletion first."""

    code = "deletion_scheduled"


class NoDeletion(Conflict):
    """No deletion of the organization is scheduled."""

    code = "no_deletion"


class SlugNotRepeated(Invalid):
    """The slug that confirms the deletion is not the slug of the organization."""

    code = "slug_not_repeated"


class UnknownScope(Invalid):
    """The scope does not exist."""

    code = "unknown_scope"


class NoConsoleAccess(Denied):
    """Nobody has this name, or the person's role or state does not allow the console."""

    code = "no_console_access"


class InvalidProvider(Invalid):
    """The issuer, the client id or the secret of an identity provider cannot be used."""

    code = "invalid_provider"


class NoProvider(NotFound):
    """The organization has no identity provider for the sign-in at the console."""

    code = "no_provider"
