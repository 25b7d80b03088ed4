"""AWS on this machine, all of it: an emulator, the functions that it deploys, and the command line that deploys."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.session import Session

from . import cdk, emulator
from .cdk import CommandLine
from .credentials import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY
from .emulator import Emulator
from .functions import Functions

#: In place of what the caller's environment says: no profile, no files.
NOBODYS_SETTINGS: dict[str, tuple[None, list[str] | None, str | None, None]] = {
    "profile": (None, [], None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


@dataclass(frozen=True)
class Machine:
    """AWS on this machine, while it runs.

    Attributes:
        directory: Where everything that it writes is.
        emulator: All services but Lambda's own work.
        functions: What runs of the functions.
    """

    directory: Path
    emulator: Emulator
    functions: Functions

    def command_line(self, assembly: Path) -> CommandLine:
        """Give the CDK command line for a cloud assembly."""
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        return CommandLine(assembly, home, self.emulator.url)

    def aws(self, service: str) -> Any:
        """Give a boto3 client of a service: of the emulator, whatever the caller's own settings are."""
        return boto3.Session(
            botocore_session=Session(NOBODYS_SETTINGS),
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_ACCESS_KEY,
            region_name=REGION,
        ).client(service, endpoint_url=self.emulator.url, config=Config(proxies={}))

    def outputs(self, stack: str) -> Mapping[str, str]:
        """Give the outputs of a deployed stack."""
        (described,) = self.aws("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}

    def stage_url(self, url: str) -> str:
        """Give where on this machine the stage is that an address of API Gateway leads to."""
        address = urlsplit(url)
        api, stage = str(address.hostname).partition(".")[0], address.path.split("/")[1]
        return f"{self.emulator.url}/restapis/{api}/{stage}/_user_request_"


def install() -> None:
    """Install what is not there yet: once, and from the network.

    Raises:
        Unusable: Something could not be installed.
    """
    emulator.install()
    cdk.install()


def is_installed() -> bool:
    """Tell whether all is there."""
    return emulator.is_installed() and cdk.is_installed()


@contextmanager
def running(port: int | None = None) -> Iterator[Machine]:
    """Run AWS on this machine; nothing of it is left in the end, however that comes.

    Args:
        port: The port of the emulator. Default: one that is free.

    Raises:
        Unusable: It cannot run.
    """
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="local-aws-")))
        functions = stack.enter_context(Functions(directory / "functions"))
        aws = Emulator(directory / "emulator", port=port, functions_url=functions.url)
        functions.endpoint_url = aws.url
        stack.callback(aws.stop)
        aws.start()
        yield Machine(directory, aws, functions)
