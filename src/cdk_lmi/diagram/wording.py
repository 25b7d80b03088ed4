"""How what is in a box is told."""

from __future__ import annotations

from collections.abc import Sequence

from ..rules.facts import UNKNOWN

#: How many names are told of several.
MOST_NAMES = 3

#: What services are called, by the names of their endpoints; others are called by those.
_TITLES = {
    "bedrock-runtime": "Bedrock",
    "codedeploy": "CodeDeploy",
    "dynamodb": "DynamoDB",
    "dynamodb-streams": "DynamoDB Streams",
    "events": "EventBridge",
    "execute-api": "API Gateway",
    "kinesis-firehose": "Firehose",
    "kinesis-streams": "Kinesis Data Streams",
    "kms": "KMS",
    "lambda": "Lambda",
    "logs": "CloudWatch Logs",
    "monitoring": "CloudWatch",
    "rds-data": "RDS Data API",
    "s3": "Amazon S3",
    "secretsmanager": "Secrets Manager",
    "sns": "SNS",
    "sqs": "SQS",
    "ssm": "Systems Manager",
    "states": "Step Functions",
    "sts": "STS",
    "xray": "X-Ray",
}


def several(names: Sequence[str]) -> str:
    """Give names in a row, the first few of many."""
    shown = [name for name in names[:MOST_NAMES] if name]
    more = len(names) - MOST_NAMES
    return ", ".join([*shown, f"and {more} more"] if more > 0 else shown)


def title(service: str) -> str:
    """Give what a service is called, by the name of its endpoint."""
    return _TITLES.get(service, service)


def known(value: object) -> str:
    """Give a value, or nothing where the template does not tell."""
    return "" if value is UNKNOWN or value is None else str(value)


def counted(value: object, unit: str) -> str:
    """Give a number with its unit, or nothing where the template does not tell."""
    if value is UNKNOWN or value is None:
        return ""
    return f"{value:g} {unit}" if isinstance(value, float) else f"{value} {unit}"
