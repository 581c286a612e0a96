"""Which path is answered by what, and the few rules that hold for all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from simulator import account, control, media, pages, sending, sms
from simulator.wire import BadRequestError, Handler, Reply, Request, error_reply, json_reply
from simulator.world import World

Answer = Callable[[World, Request], Reply | Awaitable[Reply]]


def health(world: World, request: Request) -> Reply:
    return json_reply({"status": "ok"})


EXACT: dict[str, dict[str, Answer]] = {
    "/v1/whatsapp/send": {"POST": sending.send},
    "/v1/send-sms": {"POST": sms.send_one},
    "/v1/send-bulk-sms": {"POST": sms.send_bulk},
    "/api/v1/whatsapp_message_templates": {"GET": account.templates},
    "/v1/session": {"GET": account.session_link},
    "/healthz": {"GET": health},
    "/": {"GET": pages.to_phone},
    "/phone": {"GET": pages.to_phone},
    "/phone/news": {"GET": pages.news},
    "/control/counts": {"GET": control.counts},
    "/control/messages": {"GET": control.messages},
    "/control/received": {"GET": control.got},
    "/control/callbacks": {"GET": control.callbacks, "PUT": control.callbacks},
    "/control/callbacks/flush": {"POST": control.flush},
    "/control/faults": {"GET": control.faults, "PUT": control.faults, "DELETE": control.faults},
    "/control/switches": {"GET": control.switchboard},
    "/control/reset": {"POST": control.reset},
    "/control/say": {"POST": control.say},
    "/control/window": {"PUT": control.window},
    "/control/templates": {"PUT": control.templates, "DELETE": control.templates},
    "/control/accounts": {"GET": control.accounts, "PUT": control.accounts},
}
PREFIXES: tuple[tuple[str, dict[str, Answer]], ...] = (
    ("/v1/list/", {"GET": account.list_link}),
    ("/files/", {"GET": account.files}),
    ("/media/", {"GET": media.serve}),
    ("/phone/", {"GET": pages.page}),
    ("/control/lists/", {"PUT": control.lists}),
)


class App:
    """Finds the handler, counts requests and answers, and turns bad requests into errors."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.handlers: dict[str, dict[str, Handler]] = {
            path: {method: partial(answer, world) for method, answer in answers.items()}
            for path, answers in EXACT.items()
        }

    def __call__(self, request: Request) -> Reply | Awaitable[Reply]:
        path = request.path
        wavy = path.startswith(("/v1/", "/api/"))
        if wavy:
            self.world.counts.requests[path] += 1
        try:
            result = self._find(request)(request)
        except BadRequestError as error:
            result = error_reply(error.status, str(error))
        if not wavy:
            return result
        if not isinstance(result, Reply):
            return self._count_later(result)
        return self._count(result)

    async def _count_later(self, result: Awaitable[Reply]) -> Reply:
        return self._count(await result)

    def _count(self, reply: Reply) -> Reply:
        late = self.world.faults.late_answer_ms / 1000
        name = "reset" if reply.act == "reset" else str(reply.status)
        self.world.counts.answers["late" if late and reply.delay >= late else name] += 1
        reply.delay += self.world.faults.latency_ms / 1000
        return reply

    def _find(self, request: Request) -> Handler:
        answers = self.handlers.get(request.path)
        if answers is None:
            for prefix, prefixed in PREFIXES:
                if request.path.startswith(prefix):
                    answers = {method: partial(answer, self.world) for method, answer in prefixed.items()}
                    break
        if answers is None:
            raise BadRequestError(f"There is nothing at {request.path}.", 404)
        handler = answers.get(request.method)
        if handler is None:
            raise BadRequestError(f"{request.path} takes {', '.join(answers)} only.", 405)
        if request.method != "GET" and request.path.startswith("/control/"):
            _same_site(request)
        return handler


def _same_site(request: Request) -> None:
    """A page of another site must not turn switches in a browser that can reach this port."""
    origin = request.header("origin")
    if origin and origin.partition("://")[2] != request.header("host"):
        raise BadRequestError("Only the simulator's own page may do this.", 403)
