"""The CDK app of the orders API. Run by `cdk`, see cdk.json, or by itself to synthesise into cdk.out."""

import os
from typing import Any

import aws_cdk as cdk
from stack import OrdersApi

#: Held here and not in cdk.json, so that every way to run the app has them.
FEATURE_FLAGS = {
    # CDK's own check of what it synthesises: errors stop it.
    "@aws-cdk/core:validateAgainstDefaultRules": True,
    "@aws-cdk/aws-iam:minimizePolicies": True,
}


def orders_api(**options: Any) -> tuple[cdk.App, OrdersApi]:
    """Give the app and its one stack.

    Under `cdk`, the stack is for the account and Region of the credentials; without, for none in particular.
    """
    app = cdk.App(context=FEATURE_FLAGS, analytics_reporting=False, **options)
    environment = cdk.Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION")
    )
    return app, OrdersApi(app, "OrdersApi", env=environment)


if __name__ == "__main__":
    orders_api()[0].synth()
