"""The Swagger page in a browser: what it offers is done with it, and nothing on it fails."""

import os
import shutil

import pytest
from local_aws.front_door import opened

from .swagger_page import place_and_list


@pytest.fixture(scope="session")
def chromium():
    """The path of Chromium: Debian's package."""
    # The second is what machines of GitHub have.
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        missing = "there is no chromium: on Debian, apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def test_an_order_is_placed_and_listed_with_swagger_ui(chromium, client, tmp_path):
    """With "Try it out", in a headless browser; nothing is told on its console, and nothing is asked of elsewhere."""
    with opened(client, "prod") as door:
        seen = place_and_list(chromium, f"{door}/swagger", tmp_path / "swagger.png")
    assert seen.placed["customer_name"] == "Ada Lovelace"
    assert seen.placed in seen.listed
    assert seen.problems == []
    assert {address.split("/prod/")[0] + "/prod" for address in seen.addresses} == {door}
    assert (tmp_path / "swagger.png").stat().st_size > 10_000
