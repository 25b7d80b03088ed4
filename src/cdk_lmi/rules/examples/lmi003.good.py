import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from cdk_lmi import ManagedInstanceCapacityProvider

app = cdk.App()
stack = cdk.Stack(app, "Shop")

ManagedInstanceCapacityProvider(
    stack,
    "Pool",
    vpc=ec2.Vpc(stack, "Vpc"),
)
