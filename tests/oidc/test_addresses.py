"""Which claims prove the address of a person."""

from scim_server.oidc.flow import verified_address

ENTRA = "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0"
OTHER = "https://login.example.com"


def test_entra_says_by_its_own_claim_that_an_address_is_verified() -> None:
    claims = {"email": "ada@example.com"}
    said = [verified_address(claims | {"xms_edov": value}, ENTRA) for value in (True, 1, "1", "true")]
    denied = [
        verified_address(claims | {"xms_edov": value}, ENTRA) for value in (False, 0, "0", "", None, [1])
    ]

    assert said == ["ada@example.com"] * 4
    assert denied == [None] * 6
    assert verified_address(claims, ENTRA) is None


def test_the_claim_of_entra_counts_for_no_other_issuer() -> None:
    claims = {"email": "ada@example.com", "xms_edov": True}

    assert verified_address(claims, OTHER) is None
    assert verified_address(claims, "https://login.microsoftonline.com.evil.example/v2.0") is None
    assert verified_address(claims | {"email_verified": True}, OTHER) == "ada@example.com"
