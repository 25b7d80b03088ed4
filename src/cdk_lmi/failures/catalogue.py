"""All failures that this library explains."""

from __future__ import annotations

from .messages import MESSAGES
from .states import REASONS, STATES

#: All failures. Their ids are public, and are never reused for something else.
FAILURES = (*REASONS, *STATES, *MESSAGES)
