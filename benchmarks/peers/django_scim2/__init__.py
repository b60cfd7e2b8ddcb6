"""A small Django project with django-scim2 on PostgreSQL; every commit is synced to disk."""
