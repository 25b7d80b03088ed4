"""CloudFormation templates, read into facts and judged.

What a template says by intrinsic functions is followed as far as it can be: parameters to their defaults, references
from one resource to another. The rest is ``UNKNOWN``, never a guess.
"""
