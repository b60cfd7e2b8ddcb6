"""Sign-ins at the console with the organization's own identity provider.

`settings` sets and removes the provider, `attempts` binds a sign-in to the browser in which it began.
"""
