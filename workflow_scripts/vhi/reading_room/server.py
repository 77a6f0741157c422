"""Serve the pages of the reading room on this computer: the server keeps each record, in place of the browser."""

import errno
import hmac
import html
import sys
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from vhi.io.errors import REFUSED, InputError
from vhi.reading_room.intake import LARGEST_RECORD
from vhi.reading_room.store import NONE, ConflictError, Store

COOKIE = "vhi_reader"
HOSTS = ["127.0.0.1", "localhost"]
HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}
LIST = Path(__file__).with_name("list.html")
TASKS = {
    "marrow": "Draw the normal marrow",
    "region": "Rate and correct the disease region",
    "cleaning": "Clean the segmentation",
    "scoring": "Score SPARCC",
    "agreeing": "Decide where two readers differ",
}


@dataclass(frozen=True)
class Room:
    """What a reader is served of one task: the folder of its pages, and the store of its records."""

    packs: Path
    store: Store


def make_app(rooms: dict[str, dict[str, Room]]) -> Starlette:
    """Make the application.

    Parameters
    ----------
    rooms : dict of dict of Room
        By token and task (`TASKS`): what the reader who holds the token may see.

    Returns
    -------
    Starlette
        Every request needs the token, in the link of the first visit and as a cookie from then on.
    """

    def rooms_of(request: Request) -> dict[str, Room]:
        given = request.cookies.get(COOKIE, "")
        for token, tasks in rooms.items():
            if hmac.compare_digest(token.encode(), given.encode()):
                return tasks
        raise HTTPException(403, "this link is not valid here; use the one that 'make read' prints")

    def room_of(request: Request) -> Room:
        tasks, task = rooms_of(request), request.path_params["task"]
        if task not in tasks:
            raise HTTPException(404, "there is no such task")
        return tasks[task]

    def reading_of(request: Request) -> tuple[Room, str]:
        room, code = room_of(request), request.path_params["code"]
        if code not in room.store.packs:
            raise HTTPException(404, "there is no such reading")
        return room, code

    async def entrance(request: Request) -> Response:
        token = request.query_params.get("token")
        if token is not None:
            answer = RedirectResponse(request.url.path, 303)
            answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/")
            return answer
        if "task" in request.path_params:
            return tasks_page({request.path_params["task"]: room_of(request)})
        return tasks_page(rooms_of(request))

    async def states(request: Request) -> Response:
        found = room_of(request).store.states()
        return JSONResponse([{"code": code, "state": found[code]} for code in room_of(request).store.packs])

    async def page(request: Request) -> Response:
        room, code = reading_of(request)
        return FileResponse(room.packs / f"{code}.html", media_type="text/html; charset=utf-8")

    async def record(request: Request) -> Response:
        room, code = reading_of(request)
        stored = room.store.read(code)
        if stored is None:
            return Response(status_code=204)
        return JSONResponse({"record": stored, "revision": stored["checksum"]})

    async def store(request: Request) -> Response:
        room, code = reading_of(request)
        content = await body(request)
        try:
            return JSONResponse({"revision": room.store.write(code, content, request.headers.get("if-match", NONE))})
        except ConflictError:
            raise HTTPException(409, "the stored record is another one than this page has seen") from None

    async def set_aside(request: Request) -> Response:
        room, code = reading_of(request)
        room.store.set_aside(code, await body(request))
        return JSONResponse({})

    async def refused(_request: Request, error: InputError) -> Response:
        return PlainTextResponse(str(error), 400)

    async def not_written(_request: Request, error: OSError) -> Response:
        status = 507 if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else 500
        reason = REFUSED.get(error.errno, error.strerror or str(error))
        print(f"ERROR: {error.filename or 'a record'}: {reason}", file=sys.stderr, flush=True)
        return JSONResponse({"error": reason}, status)

    app = Starlette(
        routes=[
            Route("/", entrance),
            Route("/{task}/", entrance),
            Route("/{task}/states", states),
            Route("/{task}/{code}/", page),
            Route("/{task}/{code}/record", record, methods=["GET"]),
            Route("/{task}/{code}/record", store, methods=["PUT"]),
            Route("/{task}/{code}/aside", set_aside, methods=["PUT"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False), Middleware(_Headers)],
        exception_handlers={InputError: refused, OSError: not_written},
    )
    app.router.redirect_slashes = False
    return app


def tasks_page(rooms: dict[str, Room]) -> Response:
    """Make the page that lists the scans of each task, with how far each is."""
    parts = []
    for task, room in rooms.items():
        states = room.store.states()
        done = sum(state == "finished" for state in states.values())
        rows = "".join(
            f'<tr><td><a href="/{task}/{code}/">Scan {code}</a></td><td>{html.escape(states[code])}</td></tr>'
            for code in map(html.escape, room.store.packs)
        )
        parts.append(f"<h1>{TASKS[task]}</h1><p>{done} of {len(states)} finished</p><table>{rows}</table>")
    return HTMLResponse(LIST.read_text(encoding="utf-8").replace("/*TASKS*/", "".join(parts)))


async def body(request: Request) -> bytes:
    """Read a request's JSON; refuse another type, another site's page, and too much."""
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{request.headers['host']}":
        raise HTTPException(403, "sent by a page of another site")
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        raise HTTPException(415, "expected application/json")
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > LARGEST_RECORD:
            raise HTTPException(413, f"expected at most {LARGEST_RECORD} bytes")
    return bytes(found)


class _Headers(BaseHTTPMiddleware):
    """Add the headers of safety to every answer."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        answer = await call_next(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer
