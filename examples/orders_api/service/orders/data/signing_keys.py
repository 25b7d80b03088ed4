"""The keys that tokens are signed with: the versions of a secret in Secrets Manager."""

import hashlib
import os
import time
from dataclasses import dataclass
from functools import cache

from ..telemetry import logger
from .calls import calling
from .clients import client

#: Seconds after which a process looks for a new version.
LIFETIME = 300
#: Seconds between two looks, whatever tokens come in and however Secrets Manager answers.
SHORTEST_PAUSE = 10
SHORTEST_SECRET = 32


@dataclass(frozen=True)
class SigningKey:
    """One version of the secret. The id is no secret; it says which version signed a token."""

    id: str
    secret: bytes


class SigningKeys:
    """The current version of a secret and the one before it, read once in each process and again when they are old."""

    def __init__(self, secret_id: str) -> None:
        self._secret_id = secret_id
        self._keys: tuple[SigningKey, ...] = ()
        self._read_at = 0.0

    def current(self) -> SigningKey:
        """Return what to sign with."""
        if not self._keys or self._age() > LIFETIME:
            self._refresh()
        return self._keys[0]

    def find(self, key_id: str) -> SigningKey | None:
        """Return what a token was signed with, if that is one of the two.

        One that is not may be newer than what this process knows: another process has seen a rotation first.
        """
        self.current()
        found = self._known(key_id)
        if found is None and self._age() > SHORTEST_PAUSE:
            self._refresh()
            found = self._known(key_id)
        return found

    def _known(self, key_id: str) -> SigningKey | None:
        return next((key for key in self._keys if key.id == key_id), None)

    def _age(self) -> float:
        return time.monotonic() - self._read_at

    def _refresh(self) -> None:
        try:
            current = self._read("AWSCURRENT")
            assert current is not None
            previous = self._read("AWSPREVIOUS")
            self._keys = (current,) if previous is None else (current, previous)
        except Exception:
            # Old keys are better than none: nobody's page is refused because Secrets Manager has a bad minute.
            if not self._keys:
                raise
            logger.warning("the secret cannot be read; the versions that are known stay in use", exc_info=True)
        # After a failure, too: the next look is for later, and not for each request.
        self._read_at = time.monotonic()

    def _read(self, stage: str) -> SigningKey | None:
        secrets = client("secretsmanager")
        try:
            with calling():
                answer = secrets.get_secret_value(SecretId=self._secret_id, VersionStage=stage)
        except secrets.exceptions.ResourceNotFoundException:
            if stage == "AWSCURRENT":
                raise
            return None  # It was never rotated.
        secret = answer["SecretString"].encode()
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"the secret must have at least {SHORTEST_SECRET} bytes, it has {len(secret)}")
        return SigningKey(hashlib.sha256(answer["VersionId"].encode()).hexdigest()[:8], secret)


def signing_keys() -> SigningKeys:
    """Return the keys of this process."""
    return _signing_keys(os.environ["CURSOR_SECRET"])


@cache
def _signing_keys(secret_id: str) -> SigningKeys:
    return SigningKeys(secret_id)
