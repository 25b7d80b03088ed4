"""The pure core: what AWS imposes on Managed Instances, as plain functions over plain facts.

Nothing below this package imports anything but the standard library, so that judging a configuration never
starts Node.
"""
