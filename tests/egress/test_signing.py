"""Signatures are those of Standard Webhooks, checked by its library and by a verifier of Ed25519."""

import base64
from datetime import UTC, datetime, timedelta, timezone

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook

from scim_server.egress import signing
from scim_server.egress.signing import Scheme

BODY = '{"type":"person.created","data":{"name":"Ž"}}'.encode()


def test_the_example_of_the_specification_is_signed_alike() -> None:
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1614265330, UTC)

    headers = signing.headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_time_in_another_zone_gives_the_same_signature() -> None:
    key = signing.new_key(Scheme.SHARED)
    utc = datetime(2026, 3, 1, 12, tzinfo=UTC)
    elsewhere = utc.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert signing.headers([key], "msg_1", elsewhere, BODY) == signing.headers([key], "msg_1", utc, BODY)


def test_each_of_two_keys_verifies_the_message() -> None:
    keys = [signing.new_key(Scheme.SHARED) for _ in range(2)]

    headers = signing.headers(keys, "msg_1", datetime.now(UTC), BODY)

    assert len(headers["webhook-signature"].split(" ")) == 2
    for key in keys:
        assert Webhook(key).verify(BODY, headers)["type"] == "person.created"


def test_an_ed25519_signature_is_verified_with_the_public_key() -> None:
    key = signing.new_key(Scheme.ED25519)
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    headers = signing.headers([key, signing.new_key(Scheme.SHARED)], "msg_1", at, BODY)

    signature = headers["webhook-signature"].split(" ")[0].removeprefix("v1a,")
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(signing.verifier(key).removeprefix("whpk_")))
    public.verify(base64.b64decode(signature), f"msg_1.{int(at.timestamp())}.".encode() + BODY)
    assert key.startswith("whsk_")


def test_keys_differ_and_have_256_bits() -> None:
    for scheme in Scheme:
        keys = {signing.new_key(scheme) for _ in range(3)}

        assert len(keys) == 3
        assert {len(base64.b64decode(key.partition("_")[2])) for key in keys} == {32}
        assert {signing.scheme_of(key) for key in keys} == {scheme}


def test_the_id_of_a_message_depends_on_its_parts_only() -> None:
    same = {signing.message_id("endpoint", "acme", 7) for _ in range(3)}
    others = [signing.message_id(*parts) for parts in (("endpoint", "acme", 7, 8), ("endpoint", "acme", 78))]

    assert len({*same, *others}) == 3
