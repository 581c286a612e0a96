"""One provider with a template, one dialer, and a folder of the test for files."""

from pathlib import Path
from typing import Any

import pytest

from dialers.models import Dialer
from providers.keeping import progress
from providers.models import Provider
from tests.factories import make_dialer, make_provider, make_template


@pytest.fixture
def provider(db: None, settings: Any, tmp_path: Path) -> Provider:
    settings.MEDIA_ROOT = tmp_path / "media"
    provider = make_provider()
    make_template(provider, "notice", "Dear customer: {{1}}")
    return provider


@pytest.fixture
def dialer(provider: Provider) -> Dialer:
    return make_dialer(provider)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PAGE", 3)
