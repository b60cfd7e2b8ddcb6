"""Sign-ins with an identity provider by OpenID Connect: the authorization code flow with PKCE.

`calls` sends requests to providers, `provider` reads what a provider says about itself, `checks` finds what
is wrong with it, `id_token` verifies the token, and `flow` is one sign-in. Only `id_token` and `provider` know
the library for signatures.
"""
