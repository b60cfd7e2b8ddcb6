"""A small Django project with django-scim2 on SQLite, every commit synced."""
