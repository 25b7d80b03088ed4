import aws_cdk as cdk

from cdk_lmi import ManagedInstanceNetwork

app = cdk.App()
stack = cdk.Stack(app, "Shop")

ManagedInstanceNetwork(
    stack,
    "Network",
    max_azs=2,
    availability_zones=["eu-west-1a", "eu-west-1b"],
)
