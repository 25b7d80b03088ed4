"""Everything of AWS's that is explained."""

from __future__ import annotations

from .messages import MESSAGES
from .states import REASONS, STATES

#: All failures. Their ids are public: none is used again for something else.
FAILURES = (*REASONS, *STATES, *MESSAGES)
