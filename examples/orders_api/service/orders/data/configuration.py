"""The configuration, from AWS AppConfig or, where there is none, from the file that comes with the service.

A process that has never reached AppConfig goes by that file, too: while AppConfig is away, new processes take orders
even where it says that none are taken.
"""

import json
import os
import time
from functools import cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools.utilities.parameters import AppConfigProvider

from ..models.settings import Settings
from ..telemetry import logger
from .clients import client

DEFAULT = Path(__file__).parents[1] / "default_configuration.json"
#: Seconds that a process goes by what it has read, and until it asks again if AppConfig did not answer.
LIFETIME = 60


class Configuration:
    """The latest document that made sense. While AppConfig gives none that does, the one before stays."""

    def __init__(self, application: str, environment: str, configuration: str) -> None:
        self._names = (application, environment, configuration)
        self._provider: AppConfigProvider | None = None
        self._settings = default_settings()
        self._read_at: float | None = None

    def settings(self) -> Settings:
        """Return what is set."""
        now = time.monotonic()
        if self._read_at is None or now - self._read_at > LIFETIME:
            self._read_at = now
            try:
                self._settings = Settings.model_validate({**_default_document(), **self._document()})
            except Exception:
                self._provider = None  # Its session may be what is wrong.
                logger.warning("the configuration cannot be read; what was last known stays", exc_info=True)
        return self._settings

    def _document(self) -> dict[str, Any]:
        application, environment, configuration = self._names
        if self._provider is None:
            self._provider = AppConfigProvider(
                application=application, environment=environment, boto3_client=client("appconfigdata")
            )
        document = self._provider.get(configuration, transform="json", force_fetch=True)
        if not isinstance(document, dict):
            raise TypeError(f"the configuration must be a JSON object, not {type(document).__name__}")
        return document


def settings() -> Settings:
    """Return what is set, as this process last heard of it."""
    names = [os.environ.get(f"APPCONFIG_{name}") for name in ("APPLICATION", "ENVIRONMENT", "CONFIGURATION")]
    given = [name for name in names if name]
    return _configuration(*given).settings() if len(given) == len(names) else default_settings()


@cache
def _configuration(application: str, environment: str, configuration: str) -> Configuration:
    return Configuration(application, environment, configuration)


@cache
def default_settings() -> Settings:
    """Return what is set where nobody set anything."""
    return Settings.model_validate(_default_document())


@cache
def _default_document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(DEFAULT.read_text(encoding="utf-8"))
    return document
