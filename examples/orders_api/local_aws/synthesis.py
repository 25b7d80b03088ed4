"""Synthesises the app for this machine, in a process of its own: Node is gone when that has ended."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .processes import run_to_its_end
from .unusable import Unusable

EXAMPLE = Path(__file__).parents[1]
#: The exit code of one that could not be synthesised and says why.
UNUSABLE = 2
#: Seconds that it may take; the first time, packages are installed.
TIMEOUT = 300


@dataclass(frozen=True)
class Synthesised:
    """The app as a cloud assembly.

    Attributes:
        assembly: The directory of it.
        stack: The name of the one stack.
        template: The file of its template.
        endpoints: The VPC endpoints, and why each is there.
        messages: What CDK and the constructs had to say: level and text.
    """

    assembly: str
    stack: str
    template: str
    endpoints: Mapping[str, Sequence[str]]
    messages: Sequence[tuple[str, str]]

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """What is in the template, by logical id."""
        resources: Mapping[str, Mapping[str, Any]] = json.loads(Path(self.template).read_text())["Resources"]
        return resources


def synthesise(directory: Path) -> Synthesised:
    """Synthesise the app into a directory below this one.

    Raises:
        Unusable: It cannot be synthesised, as where packages are not to be had.
    """
    temporary = directory / "temporary"
    temporary.mkdir()
    # For no account: neither the caller's, nor that of the emulator, so that what was checked is what is deployed.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CDK_")}
    code, output = run_to_its_end(
        [sys.executable, "-m", "local_aws.synthesis", str(directory)],
        directory=EXAMPLE,
        environment={**environment, "TMPDIR": str(temporary)},
        timeout=TIMEOUT,
    )
    if code:
        raise Unusable(output.strip() if code == UNUSABLE else f"the app was not synthesised:\n{output.strip()}")
    return Synthesised(**json.loads((directory / "synthesised.json").read_text()))


def main(directory: Path) -> None:
    """Synthesise here, and leave what is known of it beside the assembly."""
    # Not before: the caller needs no Node.
    from app import orders_api
    from bundling import BundlingError

    assembly = directory / "cdk.out"
    try:
        app, stack = orders_api(context={"target": "this-machine"}, outdir=str(assembly))
    except BundlingError as error:
        print(error)
        sys.exit(UNUSABLE)
    artifact = app.synth().get_stack_by_name(stack.stack_name)
    made = Synthesised(
        assembly=str(assembly),
        stack=stack.stack_name,
        template=str(assembly / artifact.template_file),
        endpoints={service: list(why) for service, why in stack.pool.network.endpoints.items()},
        messages=[(message.level.value.lower(), str(message.entry.data)) for message in artifact.messages],
    )
    (directory / "synthesised.json").write_text(json.dumps(asdict(made)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
