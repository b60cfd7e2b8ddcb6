"""People and groups, with the fields that django-scim2 requires."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class Group(AbstractSCIMGroupMixin):
    name = models.CharField(max_length=255, unique=True)


class User(AbstractSCIMUserMixin, AbstractUser):
    email = models.EmailField(db_index=True)
    scim_groups = models.ManyToManyField(Group, related_name="user_set")
