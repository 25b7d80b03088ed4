"""What clients may take for an Idempotency-Key, and how long it stands for an order."""

import re
from datetime import timedelta

NAME = "Idempotency-Key"
LONGEST = 128
PATTERN = re.compile(f"[ -~]{{1,{LONGEST}}}")
LIFETIME = timedelta(days=1)
