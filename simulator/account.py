"""Answers about the account: its templates, its lists and its open sessions as CSV files."""

from __future__ import annotations

from simulator.messages import iso
from simulator.sending import NO_USER, authenticate, error_of
from simulator.wire import BadRequestError, Reply, Request, error_reply, json_reply
from simulator.world import LISTS, World, now_ms


def base_url(world: World, request: Request) -> str:
    """The simulator's own address as the caller knows it."""
    host = request.header("host") or f"{world.config.host}:{world.config.port}"
    return world.config.public_url or f"http://{host}"


def _positive(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise BadRequestError(f"{name} must be a number from 1.")
    return int(text)


def templates(world: World, request: Request) -> Reply:
    """`GET /api/v1/whatsapp_message_templates?page=1&page_size=999`."""
    if authenticate(world, request) is None:
        return error_reply(401, NO_USER)
    if world.faults.templates_down:
        return error_of(world, 503)
    if world.faults.templates_absent:
        return error_reply(404, "Not found.")
    query = request.query()
    size = _positive(query, "page_size", 999)
    if world.faults.templates_a_page:
        size = min(size, world.faults.templates_a_page)
    page = world.templates.page(_positive(query, "page", 1), size, world.faults.template_languages)
    reply = json_reply({"data": page})
    if world.faults.templates_unreadable:
        reply.body = reply.body[: len(reply.body) // 2]
    return reply


def list_link(world: World, request: Request) -> Reply:
    """`GET /v1/list/OPTOUT`: where the CSV file of that list lies."""
    name = request.path.rpartition("/")[2]
    if authenticate(world, request) is None:
        return error_reply(401, NO_USER)
    if name not in LISTS:
        return error_reply(404, f"There is no list {name!r}; these exist: {', '.join(LISTS)}.")
    return json_reply({"success": True, "data": f"{base_url(world, request)}/files/{name}.csv"})


def session_link(world: World, request: Request) -> Reply:
    """`GET /v1/session`: where the CSV file of the open sessions lies."""
    if authenticate(world, request) is None:
        return error_reply(401, NO_USER)
    return json_reply({"file_url": f"{base_url(world, request)}/files/sessions.csv"})


def _csv(lines: list[str]) -> Reply:
    return Reply(200, ("\r\n".join(lines) + "\r\n").encode(), "text/csv; charset=utf-8")


def files(world: World, request: Request) -> Reply:
    """The CSV files: `source,createdAt` of a list, `source,session_created_at` of the open sessions."""
    name = request.path.rpartition("/")[2].removesuffix(".csv")
    if name == "sessions":
        now = now_ms()
        phones = [phone for phone in world.phones.by_key.values() if phone.window_open(now)]
        return _csv(
            ["source,session_created_at", *(f"{each.number},{iso(each.session_at)}" for each in phones)]
        )
    if name not in LISTS:
        return error_reply(404, "There is no such file.")
    return _csv(["source,createdAt", *(f"{number},{at}" for number, at in world.lists[name].values())])
