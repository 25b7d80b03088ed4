"""The keys that tokens are signed with: the versions of a secret in Secrets Manager."""

import hashlib
import math
import os
import time
from dataclasses import dataclass
from functools import cache

from ..telemetry import logger
from .calls import calling
from .clients import client

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
#: Seconds after which a process reads the secret anew.
LIFETIME = 300
#: Seconds until it tries again while it has nothing to sign with.
RETRY_PAUSE = 1
#: Seconds between two looks for keys that are not known, whatever tokens come in.
LOOK_PAUSE = 10
SHORTEST_SECRET = 32


class NotLookedFor(Exception):
    """Whether there is such a key is not known, and it is too early for another look."""


@dataclass(frozen=True)
class SigningKey:
    """One version of the secret. The id is no secret; it says which version signed a token."""

    id: str
    secret: bytes


class SigningKeys:
    """The current version of a secret and the one before it, read once in each process and again when they are old.

    A version that is of no use is passed over, and the log tells: what was set wrong once must not matter any more
    when it was set right. While none can be had, the failure is kept for a moment, and not found anew by each request.
    """

    def __init__(self, secret_id: str) -> None:
        self._secret_id = secret_id
        self._keys: tuple[SigningKey, ...] = ()
        self._failure: Exception | None = None
        self._missing: set[str] = set()
        self._next_read = self._next_look = -math.inf

    def current(self) -> SigningKey:
        """Return what to sign with."""
        self._read_if_old()
        return self._keys[0]

    def find(self, key_id: str) -> SigningKey | None:
        """Return what a token was signed with, if that is one of the two.

        One that is not known may be newer than what is: another process has seen a rotation first. So each is looked
        for once.

        Raises:
            NotLookedFor: Another one was, a moment ago. Tokens are made up faster than secrets are read.
        """
        just_read = self._read_if_old()
        if self._known(key_id) is None and key_id not in self._missing:
            if not just_read:
                self._look()
            if self._known(key_id) is None:
                self._missing.add(key_id)
        return self._known(key_id)

    def _known(self, key_id: str) -> SigningKey | None:
        return next((key for key in self._keys if key.id == key_id), None)

    def _look(self) -> None:
        now = time.monotonic()
        if now < self._next_look:
            raise NotLookedFor
        self._next_look = now + LOOK_PAUSE
        self._keys = self._read_all()

    def _read_if_old(self) -> bool:
        """Read the secret if that is due, and tell whether all that there is to know is known from now."""
        if time.monotonic() < self._next_read:
            if self._failure is not None:
                raise self._failure.with_traceback(None)
            return False
        try:
            self._keys, self._failure = self._read_all(), None
            self._missing.clear()
        except Exception as error:
            # Old keys are better than none: nobody's page is refused because Secrets Manager has a bad minute.
            if not self._keys:
                self._failure, self._next_read = error, time.monotonic() + RETRY_PAUSE
                raise
            logger.warning("the secret cannot be read; the versions that are known stay in use", exc_info=True)
            self._next_read = time.monotonic() + LIFETIME
            return False
        self._next_read = time.monotonic() + LIFETIME
        return True

    def _read_all(self) -> tuple[SigningKey, ...]:
        versions = (self._read(stage) for stage in (CURRENT, PREVIOUS))
        keys = tuple(key for key in versions if key is not None)
        if not keys:
            raise ValueError(f"the secret has no version of at least {SHORTEST_SECRET} bytes")
        return keys

    def _read(self, stage: str) -> SigningKey | None:
        secrets = client("secretsmanager")
        try:
            with calling():
                answer = secrets.get_secret_value(SecretId=self._secret_id, VersionStage=stage)
        except secrets.exceptions.ResourceNotFoundException:
            if stage == CURRENT:
                raise
            return None  # It was never rotated.
        secret = answer.get("SecretString", "").encode()
        if len(secret) < SHORTEST_SECRET:
            logger.error(f"{stage} of the secret must have at least {SHORTEST_SECRET} bytes, it has {len(secret)}")
            return None
        return SigningKey(hashlib.sha256(answer["VersionId"].encode()).hexdigest()[:8], secret)


def signing_keys() -> SigningKeys:
    """Return the keys of this process."""
    return _signing_keys(os.environ["CURSOR_SECRET"])


@cache
def _signing_keys(secret_id: str) -> SigningKeys:
    return SigningKeys(secret_id)
