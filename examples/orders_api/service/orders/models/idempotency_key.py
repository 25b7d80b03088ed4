"""What clients may take for an Idempotency-Key, whose it is, and how long it stands for an order."""

import re
from dataclasses import dataclass
from datetime import timedelta

NAME = "Idempotency-Key"
LONGEST = 128
PATTERN = re.compile(f"[ -~]{{1,{LONGEST}}}")
LIFETIME = timedelta(days=1)


@dataclass(frozen=True)
class IdempotencyKey:
    """A key, and who uses it: what others call theirs is no business of anybody's.

    Attributes:
        caller: Has no space, so that no two pairs are written alike. Empty where nobody asks who calls.
        text: As in the header.
    """

    caller: str
    text: str

    def __str__(self) -> str:
        return f"{self.caller} {self.text}"
