"""Synthesise the orders API, check it, and tell what it is: `make demo`."""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Resource = Mapping[str, Any]


def main() -> int:
    """Print the summary. The exit code is 1 if a check finds an error."""
    with tempfile.TemporaryDirectory() as directory:
        with progress("synthesising the orders API; CDK checks the template, cdk-lmi checked the constructs"):
            # Not before: importing CDK starts Node, which takes a second.
            from app import orders_api

            app, stack = orders_api(outdir=directory)
            artifact = app.synth().get_stack_by_name(stack.stack_name)
            resources: dict[str, Resource] = artifact.template["Resources"]
        with progress("checking the template with cfn-lint"):
            lint = cfn_lint(Path(directory) / artifact.template_file)

    print(f"\nOrders API: {len(resources)} resources")
    table((kind, str(count)) for kind, count in sorted(Counter(r["Type"] for r in resources.values()).items()))
    print("\nGET /api/orders on Lambda Managed Instances, behind the alias 'live'")
    table(managed_function(resources))
    print("\nVPC endpoints: all that the instances can reach")
    table((service, "; ".join(why)) for service, why in stack.pool.network.endpoints.items())

    problems = [*lint, *((message.level.value, str(message.entry.data)) for message in artifact.messages)]
    errors = [text for level, text in problems if level.lower() == "error"]
    warnings = [text for level, text in problems if level.lower() == "warning"]
    print()
    for text in (*errors, *warnings):
        print(f"- {text}")
    print(f"{len(errors)} errors, {len(warnings)} warnings")
    return 1 if errors else 0


def managed_function(resources: Mapping[str, Resource]) -> Iterator[tuple[str, str]]:
    """Tell the size of the function on Managed Instances and of its fleet, as the template has them."""
    function = one(resources, "AWS::Lambda::Function", "CapacityProviderConfig")
    config = function["CapacityProviderConfig"]["LambdaManagedInstancesCapacityProviderConfig"]
    scaling = one(resources, "AWS::Lambda::Version", "FunctionScalingConfig")["FunctionScalingConfig"]
    pool = one(resources, "AWS::Lambda::CapacityProvider", "InstanceRequirements")

    ratio, at_once = config["ExecutionEnvironmentMemoryGiBPerVCpu"], config["PerExecutionEnvironmentMaxConcurrency"]
    v_cpus = function["MemorySize"] // (ratio * 1024)
    yield "one execution environment", f"{function['MemorySize']} MiB, {v_cpus} vCPU ({ratio} GiB per vCPU)"
    yield "", f"{at_once} invocations at once, in Python a process of {function['MemorySize'] // at_once} MiB each"
    for bound, size in (("minimum fleet", "Min"), ("maximum fleet", "Max")):
        environments = scaling[f"{size}ExecutionEnvironments"]
        yield (
            bound,
            f"{environments} execution environments: {environments * v_cpus} vCPU, "
            f"{environments * at_once} invocations at once",
        )
    (architecture,) = pool["InstanceRequirements"]["Architectures"]
    yield "capacity provider", f"{architecture}, at most {pool['CapacityProviderScalingConfig']['MaxVCpuCount']} vCPU"


def one(resources: Mapping[str, Resource], kind: str, having: str) -> Resource:
    """Give the properties of the one resource of a type that has a property."""
    (properties,) = (r["Properties"] for r in resources.values() if r["Type"] == kind and having in r["Properties"])
    return dict(properties)


def cfn_lint(template: Path) -> Sequence[tuple[str, str]]:
    """Give what cfn-lint finds in the template: level and text."""
    # W3005: CDK states that a function depends on its role, which a reference says already.
    ignore = ["--ignore-checks", "W3005"]
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "json", *ignore, "--", str(template)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return [("error", f"cfn-lint did not run: {error}; remove .venv and call make setup to install it again")]
    try:
        found = json.loads(done.stdout or "[]")
    except ValueError:
        found = None
    if found is None or (done.returncode and not found):
        return [("error", f"cfn-lint did not run: {done.stderr.strip() or done.stdout.strip()}")]
    return [(match["Level"], f"{match['Rule']['Id']} {match['Message']}") for match in found]


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"{what} … ", end="", flush=True)
    start = time.monotonic()
    yield
    print(f"{time.monotonic() - start:.1f} s")


def table(rows: Iterator[tuple[str, str]]) -> None:
    """Print rows of two columns."""
    listed = list(rows)
    width = max(len(left) for left, _ in listed)
    for left, right in listed:
        print(f"  {left:<{width}}  {right}")


if __name__ == "__main__":
    sys.exit(main())
