"""Time importing cdk_lmi against importing the CDK modules that it needs, in one run: make bench

Whole processes, in turn. The one imports cdk_lmi and touches the constructs, since these are loaded when they are first
used. It is held against two others: one imports the very modules of CDK that were loaded by that, which tells what this
library's own modules add; one imports what bench/synthesis.py imports to define the same by hand.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from figures import Aim, Result, arguments, progress, show, versions
from pairs import compared, cpu, process, table, turns, wall

OURS, SAME, BY_HAND = "cdk-lmi", "the same CDK modules", "CDK modules by hand"
#: What importing this library may take of what importing the same modules of CDK takes.
AIM = 1.05
WITH_CDK_LMI = """
import cdk_lmi
cdk_lmi.ManagedInstanceFunction, cdk_lmi.ManagedInstanceCapacityProvider, cdk_lmi.ManagedInstanceNetwork
"""
WITHOUT = """
import aws_cdk
from aws_cdk import aws_ec2, aws_iam, aws_lambda, aws_logs
"""
LIST = (
    "import json, sys; print(json.dumps([name for name in sys.modules if name.startswith(('aws_cdk', 'constructs'))]))"
)


def modules(program: str) -> Sequence[str]:
    """Give the modules of CDK that are loaded once a program has run."""
    command = [sys.executable, "-c", program + LIST]
    names: list[str] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return [name for name in names if "_jsii" not in name and "_private" not in name]


def main(argv: Sequence[str] | None = None) -> int:
    given = arguments(__doc__, argv, processes=(20, "processes of their own for each"))
    loaded = modules(WITH_CDK_LMI)
    if missing := set(loaded).symmetric_difference(modules("import " + ", ".join(loaded) + "\n")):
        progress(f"the two do not load the same modules: {', '.join(sorted(missing))}\n")
        return 1
    programs = {OURS: WITH_CDK_LMI, SAME: "import " + ", ".join(loaded), BY_HAND: WITHOUT}
    ways = {
        name: partial(process, [sys.executable, "-c", program], directory=Path(__file__).parent)
        for name, program in programs.items()
    }
    gone = turns(ways, given.processes, warm_up=given.processes > 1)
    progress("\n")
    rows = [
        compared(what, gone, OURS, to, of=of)
        for what, of in (("by the clock", wall), ("CPU", cpu))
        for to in (SAME, BY_HAND)
    ]
    services = [name.rpartition(".")[2] for name in loaded if name.startswith("aws_cdk.aws_")]
    result = Result(
        versions=versions("cdk-lmi", "aws-cdk-lib", "constructs", "jsii", node=True),
        tables=[table(f"Whole processes that import; cdk-lmi loads of CDK: {', '.join(sorted(services))}", rows)],
        aims=[Aim(f"importing, by the clock, to {SAME}", rows[0].ratio, AIM)],
        figures={"processes": [asdict(row) for row in rows], "loaded": loaded},
    )
    show("importing", result, given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
