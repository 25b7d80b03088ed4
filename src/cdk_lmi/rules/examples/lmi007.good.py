import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import ManagedInstanceFunction

app = cdk.App()
stack = cdk.Stack(app, "Shop")

orders = ManagedInstanceFunction(
    stack,
    "ListOrders",
    runtime=lambda_.Runtime.PYTHON_3_14,
    handler="index.handler",
    code=lambda_.Code.from_inline("def handler(event, context): ..."),
)
orders.add_alarms(throttled_share=5, memory_utilization=80)
