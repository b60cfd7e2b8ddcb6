"""Failures about people."""

from scim_server.services.errors.base import Conflict, Denied, NotFound


class UnknownPerson(NotFound):
    """The organization has no person with this id or name."""

    code = "unknown_person"


class AmbiguousPerson(Conflict):
    """The text is a part of several people's names."""

    code = "ambiguous_person"


class AccessNotEnded(Conflict):
    """The person is active, or was never deprovisioned."""

    code = "access_not_ended"


class PersonInactive(Conflict):
    """An inactive person cannot get a seat. The person must be activated first."""

    code = "person_inactive"


class AlreadyActive(Conflict):
    """The person is already active."""

    code = "already_active"


class AlreadyInactive(Conflict):
    """The person is already inactive."""

    code = "already_inactive"


class AlreadySeated(Conflict):
    """The person already has a seat."""

    code = "already_seated"


class WithoutSeat(Conflict):
    """The person has no seat to unassign, reassign or swap."""

    code = "without_seat"


class SameTier(Conflict):
    """Both people have a seat of the same tier, so a swap changes nothing."""

    code = "same_tier"


class PrimaryOwnerProtected(Denied):
    """The Primary Owner keeps the role and the access until the role is transferred."""

    code = "primary_owner"


class AlreadyPrimaryOwner(Conflict):
    """The person is already the Primary Owner."""

    code = "already_primary_owner"


class LastOwner(Denied):
    """Without this person, the organization would have no Owner with access."""

    code = "last_owner"


class RoleTooLow(Denied):
    """The role of the acting person does not allow the change."""

    code = "role_too_low"


class GivenByGroup(Denied):
    """A group gives the person's role or tier, so the group or its mapping must be changed instead."""

    code = "given_by_group"
