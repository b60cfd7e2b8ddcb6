"""Attributes that providers use to match people, besides the ones that django-scim2 supports itself."""

from typing import ClassVar

from django_scim.filters import UserFilterQuery


class UserFilters(UserFilterQuery):
    attr_map: ClassVar = {
        **UserFilterQuery.attr_map,
        ("externalId", None, None): "scim_external_id",
        ("emails", None, None): "email",
        ("emails", "value", None): "email",
    }
