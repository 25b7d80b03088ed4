"""What a template is judged for, in a form that can stand in a table."""

from collections.abc import Mapping
from typing import Any

import pytest

from cdk_lmi import check_template


def _judged(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    kinds = {id: resource["Type"] for id, resource in document.get("Resources", {}).items()}
    return sorted((violation.id, kinds[violation.resource]) for violation in check_template(document))


@pytest.fixture(scope="session")
def judged():
    """Give the rules that a template violates, each with the type of the resource that it is told of."""
    return _judged
