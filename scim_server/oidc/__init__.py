"""Sign-ins with an identity provider by OpenID Connect: the authorization code flow with PKCE.

`calls` sends requests to providers, `provider` reads what a provider says about itself, `checks` finds what
is wrong with it, `id_token` verifies the token, and `flow` is one sign-in. `id_token` and `provider` are the
only modules that know the library for signatures.
"""
