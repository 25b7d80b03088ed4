"""What LIST signs its cursors with."""

from __future__ import annotations

from acknowledgments import acknowledge
from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

REASONS = {
    "AwsSolutions-SMG4": "A new value ends the cursors that were signed two values ago; who rotates decides when.",
}


class CursorSecret(Construct):
    """A secret that AWS makes up and nobody sees, encrypted with the key that AWS manages for Secrets Manager.

    Args:
        scope: The construct that it is defined in.
        id: Its name there.
        removal_policy: What becomes of it when the stack goes.
    """

    def __init__(self, scope: Construct, id: str, *, removal_policy: RemovalPolicy) -> None:
        super().__init__(scope, id)
        self._secret = secretsmanager.Secret(
            self,
            "Secret",
            description="Signs the cursors of GET /api/orders",
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            removal_policy=removal_policy,
        )
        acknowledge(self, REASONS)

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self._secret.secret_arn

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody read its value, and nothing else about it."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["secretsmanager:GetSecretValue"], resource_arns=[self.arn]
        )
