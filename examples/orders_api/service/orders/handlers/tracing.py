"""Traces in AWS X-Ray, of the functions that can afford them.

LIST cannot: it has the segments that Lambda itself records. The X-Ray SDK takes several MB in each process, which LIST
would pay for sixteen times in each execution environment, and its processes would all write one file in /tmp.

Where there is no X-Ray daemon, traces go nowhere and nothing waits for one.
"""

from aws_lambda_powertools.tracing import Tracer

#: Calls of AWS services become subsegments. What is answered does not: it is the customer's.
tracer = Tracer(patch_modules=["botocore"])
