"""Create the tables, and the people and groups from the file in the variable SEED."""

import json
import os
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.peers.django_scim2.settings"
django.setup()

from django.core.management import call_command  # noqa: E402 - needs the settings
from django.core.management.color import no_style  # noqa: E402 - needs the settings
from django.db import connection  # noqa: E402 - needs the settings

from benchmarks.peers.django_scim2.models import Group, User  # noqa: E402 - needs the settings


def main() -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)
    people, groups, members = [], [], []
    with Path(os.environ["SEED"]).open() as lines:
        for line in lines:
            kind, id_, body = json.loads(line)
            if kind == "User":
                people.append(_person(id_, body))
                continue
            groups.append(Group(id=int(id_), scim_id=id_, name=body["displayName"]))
            members += [(int(member["value"]), int(id_)) for member in body["members"]]
    User.objects.bulk_create(people, batch_size=500)
    Group.objects.bulk_create(groups)
    through = User.scim_groups.through
    rows = [through(user_id=user, group_id=group) for user, group in members]
    through.objects.bulk_create(rows, batch_size=5_000)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [User, Group, through]):
            cursor.execute(statement)


def _person(id_: str, body: dict) -> User:
    return User(
        id=int(id_),
        scim_id=id_,
        username=body["userName"],
        scim_username=body["userName"],
        scim_external_id=body["externalId"],
        first_name=body["name"]["givenName"],
        last_name=body["name"]["familyName"],
        email=body["emails"][0]["value"],
        is_active=body["active"],
    )


main()
