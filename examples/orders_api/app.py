"""The CDK app of the orders API. Run by `cdk`, see cdk.json, or by itself to synthesise into cdk.out."""

import os
import sys
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from bundling import BundlingError
from options import Options, UnusableOptionsError
from stack import OrdersApi

#: Held here and not in cdk.json, so that every way to run the app has them.
FEATURE_FLAGS = {
    # CDK's own check of what it synthesises: errors stop it.
    "@aws-cdk/core:validateAgainstDefaultRules": True,
    "@aws-cdk/aws-iam:minimizePolicies": True,
}


def orders_api(*, context: Mapping[str, Any] | None = None, **options: Any) -> tuple[cdk.App, OrdersApi]:
    """Give the app and its one stack: ``OrdersApi``, or ``OrdersApiProduction``.

    The name says which it is, so that no command that forgets an option makes the one of the other. Under `cdk`, the
    stack is for the account and Region of the credentials; without, for none in particular.

    Args:
        context: As `cdk -c` has it: ``production``, ``authorizer``, ``target``, and what CDK itself reads.
        options: For ``cdk.App``, as in ``outdir``.

    Raises:
        UnusableOptionsError: A value in the context that is none of those that there are.
        BundlingError: The requirements of the functions cannot be installed.
    """
    app = cdk.App(context={**FEATURE_FLAGS, **(context or {})}, analytics_reporting=False, **options)
    environment = cdk.Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION")
    )
    chosen = Options.from_context(app.node)
    stack = OrdersApi(
        app,
        "OrdersApiProduction" if chosen.production else "OrdersApi",
        options=chosen,
        env=environment,
        termination_protection=chosen.production,
    )
    return app, stack


def main() -> int:
    """Synthesise. The exit code is 2 if there is nothing that could be."""
    try:
        app, _ = orders_api()
    except (BundlingError, UnusableOptionsError) as error:
        print(f"orders API: {error}", file=sys.stderr)
        return 2
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
