"""Idempotency keys: a request to /v1 that is repeated has its effect once, and gets the same answer.

The key is claimed in the transaction of the effect, so both are stored, or neither. The answer is stored
after it. A process that ends between the two leaves a claimed key without an answer: the effect is there, and
a repetition is told so instead of having the effect again.

Answers may contain secrets that are shown once, and those must not be readable in the database. An answer is
encrypted with a key that is derived from the secret of the caller and from the idempotency key.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from scim_server.sealing import seal, unseal
from scim_server.services.access.secrets import digest
from scim_server.services.errors import AnswerLost, InProgress, KeyInUse
from scim_server.store.database.session import Database, Write, timestamp
from scim_server.store.rows import idempotency
from scim_server.store.rows.idempotency import Claimed

LIFETIME: Final = timedelta(hours=24)
PATIENCE: Final = timedelta(seconds=60)
"""How long a request without an answer counts as being handled."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is repeated."""

    status: int
    body: bytes


@dataclass(slots=True)
class Once:
    """A request with an idempotency key.

    Attributes:
        api_key: the id of the API key of the request.
        secret: the secret of the API key.
        key: the idempotency key.
        request: the digest of the method, the address and the body.
        claimed: whether this request has had its effect, together with the claim.
    """

    api_key: str
    secret: str = field(repr=False)
    key: str = field(repr=False)
    request: str
    claimed: bool = False

    def find(self, database: Database) -> Answer | None:
        """The answer to an earlier request with this key; None if no request has used it.

        Raises:
            KeyInUse: the earlier request was another one.
            InProgress: the earlier request is being handled.
            AnswerLost: the answer is not known.
        """
        with database.snapshot() as connection:
            found = idempotency.get(connection, self.api_key, digest(self.key))
        now = database.now()
        if found is None or datetime.fromisoformat(found.created) < now - LIFETIME:
            return None
        return self._answer(found, now)

    def _answer(self, found: Claimed, now: datetime) -> Answer:
        if not hmac.compare_digest(found.request, self.request):
            raise KeyInUse("this idempotency key was used for another request. Use a new key")
        if found.status is None and datetime.fromisoformat(found.created) > now - PATIENCE:
            raise InProgress("a request with this idempotency key is being handled. Repeat it in a moment")
        body = None if found.answer is None else unseal(found.answer, self.secret, self.key)
        if found.status is None or body is None:
            raise AnswerLost(
                "the request with this idempotency key was carried out, but its answer is not known. Read "
                "the object to see the result, and do not send the request with a new key"
            )
        return Answer(found.status, body)

    def take(self, write: Write) -> None:
        """Claim the key in a transaction.

        Raises:
            InProgress: another request has claimed it.
        """
        if self.claimed:
            return
        idempotency.forget_one(write.connection, self.api_key, digest(self.key), _oldest(write.moment))
        if not idempotency.claim(write.connection, self.api_key, digest(self.key), self.request, write.at):
            raise InProgress("a request with this idempotency key is being handled. Repeat it in a moment")

    def keep(self) -> None:
        """Remember that the claim was committed."""
        self.claimed = True

    def remember(self, database: Database, answer: Answer) -> None:
        """Store the answer. If the request had no effect in the database, the key is claimed now."""
        sealed, of = seal(answer.body, self.secret, self.key), digest(self.key)
        if not self.claimed:
            at = timestamp(database.now())
            database.write_unnumbered(
                lambda connection: idempotency.claim(connection, self.api_key, of, self.request, at)
            )
        database.write_unnumbered(
            lambda connection: idempotency.keep_answer(
                connection, self.api_key, of, self.request, (answer.status, sealed)
            )
        )


def _oldest(now: datetime) -> str:
    return timestamp(now - LIFETIME)


def forget_idempotency_keys(database: Database) -> int:
    """Delete the keys that are older than 24 hours; return how many."""
    oldest = _oldest(database.now())
    return database.write_unnumbered(lambda connection: idempotency.forget(connection, oldest))
