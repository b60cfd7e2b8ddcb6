"""Restrictions of SCIM for the Primary Owner and the last Owner (SEATS 18)."""

import orjson

from scim_server.protocol.errors import Forbidden
from scim_server.protocol.user import User
from scim_server.services import roles
from scim_server.store.database.session import Write
from scim_server.store.rows.people import Person
from seat_policy.roles import Role


def may_change(write: Write, before: Person, user: User, *, active: bool) -> None:
    """Allow only changes of the Primary Owner's profile, and keep the access of the last Owner.

    Args:
        user: the values to save.
        active: whether the person will be active.

    Raises:
        Forbidden: access, userName or e-mail of the Primary Owner would change, or the last Owner would lose
            access.
    """
    refused = None if active or not before.active else roles.refusal(write, before, None)
    if before.role != Role.PRIMARY_OWNER:
        if refused is not None:
            raise Forbidden(f"{refused}.")
        return
    if not active:
        raise Forbidden("This is the Primary Owner: transfer the role before removing them.")
    emails = orjson.loads(before.document).get("emails")
    if user.user_name_key != before.user_name_key or orjson.loads(user.document).get("emails") != emails:
        raise Forbidden("This is the Primary Owner: SCIM cannot change their userName and emails.")


def may_delete(write: Write, before: Person) -> None:
    """Allow the deletion of anyone except the Primary Owner and the last Owner.

    Raises:
        Forbidden: the person is one of these.
    """
    if before.role == Role.PRIMARY_OWNER:
        raise Forbidden("This is the Primary Owner: transfer the role before removing them.")
    refused = roles.refusal(write, before, None) if before.active else None
    if refused is not None:
        raise Forbidden(f"{refused}.")
