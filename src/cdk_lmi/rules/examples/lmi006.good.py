import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from cdk_lmi import ManagedInstanceNetwork

app = cdk.App()
stack = cdk.Stack(app, "Shop")

ManagedInstanceNetwork(stack, "Network", ip_addresses=ec2.IpAddresses.cidr("10.0.0.0/20"))
