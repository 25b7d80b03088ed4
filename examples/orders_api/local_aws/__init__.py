"""AWS on this machine: what deploys the orders API and serves it, with no account and no Docker.

``cdk.py`` is the real CDK command line. ``emulator.py`` is what it deploys to: ministack, started by ``launcher.py``
with what it lacks. ``functions.py`` runs what was deployed, in the library's execution environments, under AWS's own
runtime client. ``machine.py`` holds the three together; ``client.py`` is who calls.

Not covered:

- IAM. Every caller is let through, and so is every function. API Gateway only asks that a request be signed.
- The network. Functions run on this machine, and reach what it reaches. Endpoints and security groups are records.
- Scaling. Of a function on Managed Instances one execution environment runs, whatever the minimum is.
- What alarms, dashboards, traces, flow logs and the web ACL do. They are deployed, and nothing comes of them.
- Architecture and Python are those of this machine.

Whoever can open a connection on the loopback address can call what runs here, and deploy to it: not for a machine that
is shared with people who must not.
"""
