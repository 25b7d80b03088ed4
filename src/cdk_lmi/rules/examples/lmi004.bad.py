import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import ManagedInstanceFunction

app = cdk.App()
stack = cdk.Stack(app, "Shop")

function = lambda_.Function.from_function_name(stack, "Function", "list-orders")
ManagedInstanceFunction.from_function(stack, "ListOrders", function=function)
