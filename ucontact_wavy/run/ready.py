"""Tells when the installation is ready, and what to show the person then."""

import http.client
from collections.abc import Mapping

ANSWER_SECONDS = 2.0
PAGES = {
    "/": "start page",
    "/admin/": "settings",
    "/desk/": "agents",
    "/board/": "supervisors' board",
    "/api/docs/": "API",
}


def waiting_for(ports: Mapping[str, int]) -> str | None:
    """None when the web process is ready and the push process is up, else what is missing."""
    return _answer("web", ports["PORT"], "/readyz") or _answer("push", ports["PUSH_PORT"], "/healthz")


def _answer(name: str, port: int, path: str) -> str | None:
    """None for a 200, else what it said. Straight to the port, whatever proxy is set."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read(300).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException):
        return f"the {name} process does not answer yet"
    finally:
        connection.close()
    return None if answer.status == 200 else text or f"{path} answers {answer.status}"


def announcement(ports: Mapping[str, int], demo: str) -> str:
    """The lines after everything is up: address, demo logins, pages."""
    address = f"http://127.0.0.1:{ports['PORT']}"
    phone = f"http://127.0.0.1:{ports['SIMULATOR_PORT']}/phone/"
    pages = [(f"{address}{path}", label) for path, label in PAGES.items()] + [(phone, "customers' phones")]
    width = max(len(page) for page, _ in pages)
    lines = [f"  {page:<{width}}  {label}" for page, label in pages]
    return "\n".join(["", f"Ready: {address}/", demo, "Pages:", *lines, "Ctrl-C stops everything.", ""])
