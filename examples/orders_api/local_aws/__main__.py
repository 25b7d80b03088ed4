"""Installs what AWS on this machine needs: the emulator and the CDK command line, once."""

import sys

from . import machine
from .unusable import Unusable

if __name__ == "__main__":
    try:
        machine.install()
    except Unusable as error:
        sys.exit(str(error))
