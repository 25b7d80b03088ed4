"""The credentials that everything here goes by: ones that are worth nothing, and nobody's own."""

from __future__ import annotations

import os

ACCOUNT = "000000000000"
REGION = "us-east-1"
ACCESS_KEY_ID = SECRET_ACCESS_KEY = "test"

#: What keeps a client of AWS to these: its own files and the instance metadata are out of its sight.
ENVIRONMENT_OF_CLIENTS = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
    "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
