"""What the orders API keeps: orders, and which requests made one already."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct


class OrderTables(Construct):
    """Two tables that can be restored to any second of the last 35 days, encrypted with keys that DynamoDB owns.

    A key of one's own would have each function need actions of AWS KMS, ``GenerateDataKey*`` and ``ReEncrypt*`` among
    them, and each table depend on one more service, to keep out nobody whom IAM does not keep out already. Those who
    must be able to withdraw a key, or to show who used it, hand ``customer_managed_key`` to both tables; instances need
    no endpoint for AWS KMS then, since DynamoDB calls it for them.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html

    Args:
        scope: The construct that they are defined in.
        id: Its name there.
        keep: Whether they stay, and cannot be deleted, when the stack goes.
    """

    def __init__(self, scope: Construct, id: str, *, keep: bool) -> None:
        super().__init__(scope, id)
        self._keep = keep
        self.orders = self._table("Orders", "order_id")
        self.idempotency = self._table("Idempotency", "id", time_to_live_attribute="expiration")

    def _table(self, id: str, partition_key: str, *, time_to_live_attribute: str | None = None) -> dynamodb.TableV2:
        return dynamodb.TableV2(
            self,
            id,
            partition_key=dynamodb.Attribute(name=partition_key, type=dynamodb.AttributeType.STRING),
            time_to_live_attribute=time_to_live_attribute,
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.dynamo_owned_key(),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=self._keep,
            removal_policy=RemovalPolicy.RETAIN if self._keep else RemovalPolicy.DESTROY,
        )
