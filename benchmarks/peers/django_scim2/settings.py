"""A small Django project in which a provider manages the people, as the README of django-scim2 shows it."""

import os

SECRET_KEY = "of a benchmark"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django_scim",
    "benchmarks.peers.django_scim2",
]
# The views of django-scim2 themselves check the access of the user.
MIDDLEWARE = ["benchmarks.peers.django_scim2.access.TokenMiddleware"]
ROOT_URLCONF = "benchmarks.peers.django_scim2.urls"
AUTH_USER_MODEL = "django_scim2.User"
# This is the only database that django-scim2 supports.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["DATABASE_NAME"],
        "HOST": os.environ["DATABASE_HOST"],
        "USER": os.environ["DATABASE_USER"],
        "CONN_MAX_AGE": None,
    }
}
SCIM_SERVICE_PROVIDER = {
    "NETLOC": "127.0.0.1",
    "SCHEME": "http",
    "AUTHENTICATION_SCHEMES": [
        {"type": "oauth2", "name": "OAuth 2", "description": "OAuth 2 by bearer token"},
    ],
    "GROUP_MODEL": "benchmarks.peers.django_scim2.models.Group",
    "USER_FILTER_PARSER": "benchmarks.peers.django_scim2.adapters.UserFilters",
}
# The tables of all apps are created together, because people refer to groups of django.contrib.auth.
MIGRATION_MODULES = {"auth": None, "contenttypes": None}
