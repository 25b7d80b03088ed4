"""``python -m cdk_lmi``, which is ``cdk-lmi``."""

import sys

from .cli import main

sys.exit(main())
