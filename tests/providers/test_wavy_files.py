"""Files that we send, as they leave for Wavy."""

import json
from typing import Any

import pytest

from providers.drivers import driver_for
from providers.drivers.base import Account, Recipient, Sent

ACCOUNT = Account("https://api-messaging.wavy.global", "5511900000001", "ana@example.com", "s3cret-token")
ANA = Recipient("5519900001111", "c-ana")
URL = "https://desk.example.com/media/out/12:abc/"


def message(content: Sent) -> Any:
    request = driver_for("WavyWhatsapp").build(ACCOUNT, [content], [ANA])
    assert request.url == "https://api-messaging.wavy.global/v1/whatsapp/send"
    return json.loads(request.body)["message"]


@pytest.mark.parametrize(
    ("content", "on_the_wire"),
    [
        pytest.param(
            Sent("image", "JPG", data=b"\xff\xd8\xff"),
            {"image": {"type": "JPG", "data": "/9j/"}},
            id="small picture",
        ),
        pytest.param(
            Sent("image", "PNG", data=b"abc", caption="Our beach ✓"),
            {"image": {"type": "PNG", "data": "YWJj", "caption": "Our beach ✓"}},
            id="picture with a caption",
        ),
        pytest.param(
            Sent("image", "JPG", URL), {"image": {"type": "JPG", "url": URL}}, id="picture by its address"
        ),
        pytest.param(Sent("audio", "OGG", URL), {"audio": {"type": "OGG", "url": URL}}, id="sound"),
        pytest.param(
            Sent("video", "MP4", URL, caption="Look"),
            {"video": {"type": "MP4", "url": URL, "caption": "Look"}},
            id="film",
        ),
        pytest.param(
            Sent("document", "PDF", URL, caption="invoice.pdf"),
            {"document": {"type": "PDF", "url": URL, "caption": "invoice.pdf"}},
            id="document",
        ),
    ],
)
def test_a_file_leaves_by_its_bytes_or_by_its_address(content: Sent, on_the_wire: Any) -> None:
    assert message(content) == on_the_wire


def test_an_sms_carries_no_file() -> None:
    with pytest.raises(ValueError, match="no files"):
        driver_for("WavySMS").build(ACCOUNT, [Sent("image", "JPG", URL)], [ANA])


def test_the_bytes_of_a_file_do_not_show_in_a_printout() -> None:
    assert "secret" not in repr(Sent("image", "JPG", data=b"secret"))
