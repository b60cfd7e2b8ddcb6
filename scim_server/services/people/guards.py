"""Restrictions for SCIM that protect the Primary Owner and the last Owner (SEATS 18)."""

import orjson

from scim_server.protocol.errors import Forbidden
from scim_server.protocol.user import User
from scim_server.services import roles
from scim_server.store.database.session import Write
from scim_server.store.rows.people import Person
from seat_policy.roles import Role


def may_change(write: Write, before: Person, user: User, *, active: bool) -> None:
    """Check a change: the Primary Owner keeps userName, e-mail and access; the last Owner keeps access.

    Args:
        user: the values to save.
        active: whether the person will be active.

    Raises:
        Forbidden: the Primary Owner's access, userName or e-mail would change, or the last Owner would lose
            access.
    """
    refused = None if active or not before.active else roles.refusal(write, before, None)
    if before.role != Role.PRIMARY_OWNER:
        if refused is not None:
            raise Forbidden(f"{refused}.")
        return
    if not active:
        raise Forbidden("This person is the Primary Owner. Transfer the role before you remove this person.")
    emails = orjson.loads(before.document).get("emails")
    if user.user_name_key != before.user_name_key or orjson.loads(user.document).get("emails") != emails:
        raise Forbidden("This person is the Primary Owner, whose userName and emails SCIM cannot change.")


def may_delete(write: Write, before: Person) -> None:
    """Check a deletion. The Primary Owner and the last Owner cannot be deleted.

    Raises:
        Forbidden: the person is the Primary Owner or the last Owner.
    """
    if before.role == Role.PRIMARY_OWNER:
        raise Forbidden("This person is the Primary Owner. Transfer the role before you remove this person.")
    refused = roles.refusal(write, before, None) if before.active else None
    if refused is not None:
        raise Forbidden(f"{refused}.")
