"""Sources of explanations in more than one module."""

from __future__ import annotations

from ..rules.limits import GUIDE
from .failure import Source

LOCALSTACK = Source("https://github.com/localstack/localstack/tree/main/localstack-core/localstack/services/lambda_")
SERVERLESS = Source(
    "https://github.com/serverless/serverless/blob/main/docs/sf/providers/aws/guide/managed-instances.md"
)
QUOTAS = Source(f"{GUIDE}/lambda-managed-instances-quotas.html")
POWERTOOLS_5735 = Source("https://github.com/aws-powertools/powertools-lambda-typescript/issues/5735")
DURABLE_SDK_495 = Source("https://github.com/aws/aws-durable-execution-sdk-js/issues/495")
COOKBOOK = Source(
    "https://github.com/ran-isenberg/aws-lambda-handler-cookbook/blob/main/docs/best_practices/managed_instances.md"
)
#: What a user met who moved a function to Managed Instances with Terraform.
LESSONS_LEARNED = Source(
    "https://github.com/nsb413/kiro-lambda-managed-instance/blob/main/LESSONS_LEARNED.md", "2026-11-28"
)
#: How a capacity provider is refused whose role was created just before, and by whom that was measured.
CDKD_3231 = Source("https://github.com/go-to-k/cdkd/pull/3231", "2026-11-28")
