"""Everything that is wrong with a provider, at once."""

from collections.abc import Collection
from dataclasses import dataclass

from scim_server.oidc import provider as providers
from scim_server.oidc.calls import NoAnswer, NotPermitted
from scim_server.oidc.provider import Check, Problem


@dataclass(frozen=True, slots=True)
class Findings:
    """What a test of a provider has found.

    Attributes:
        keys: how many keys can verify a signature.
    """

    problems: tuple[Problem, ...]
    keys: int

    @property
    def usable(self) -> bool:
        """Whether people can sign in, as far as the provider says."""
        return not any(one.check.prevents for one in self.problems)


def examine(issuer: str, internal: Collection[str], *, has_secret: bool) -> Findings:
    """Read what the provider says about itself, and its keys, and find everything that is wrong."""
    try:
        document = providers.description(issuer, internal)
    except NotPermitted as error:
        return Findings((Problem(Check.ADDRESS, detail=str(error)),), 0)
    except NoAnswer as error:
        return Findings((Problem(Check.UNREACHABLE, detail=str(error)),), 0)
    found = providers.problems(document, issuer, internal)
    found += providers.client_problems(document, has_secret=has_secret)
    keys = 0
    if not any(one.check is Check.ENDPOINT and one.what == "jwks_uri" for one in found):
        try:
            keys = len(providers.signing_keys(document["jwks_uri"], internal))
        except (NotPermitted, NoAnswer) as error:
            found.append(Problem(Check.KEYS_UNREACHABLE, detail=str(error)))
        else:
            found += [] if keys else [Problem(Check.NO_KEY)]
    return Findings(tuple(found), keys)
