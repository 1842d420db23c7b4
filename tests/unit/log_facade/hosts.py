"""The same small application in four frameworks, each as its users would write it."""

# ruff: noqa: PLC0415 - each framework is imported by its own host

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from clientela.log_facade import timing

BEGUN: set[str] = set()  # whose lifespan has begun
PARTS = (b"one ", b"two ", b"three")


async def parts() -> AsyncIterator[bytes]:
    for part in PARTS:
        await asyncio.sleep(0)
        yield part


async def events() -> AsyncIterator[bytes]:
    while True:
        yield b"event: data\ndata: 1\n\n"
        await asyncio.sleep(0.02)


def starlette():
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, Response, StreamingResponse
    from starlette.routing import Mount, Route, WebSocketRoute

    async def item(request):
        with timing("db"):
            await asyncio.sleep(0)
        return JSONResponse({"id": request.path_params["item_id"]})

    async def echo(request):
        return Response(await request.body())

    async def stream(_):
        return StreamingResponse(parts())

    async def live(_):
        return StreamingResponse(events(), media_type="text/event-stream")

    async def unchanged(_):
        return Response(status_code=304, headers={"ETag": '"1"'})

    async def fail(_):
        raise KeyError("personal data")

    async def talk(socket):
        await socket.accept()
        await socket.close()

    routes = [
        Route("/items/{item_id}", item),
        Route("/echo", echo, methods=["POST"]),
        Route("/stream", stream),
        Route("/events", live),
        Route("/unchanged", unchanged),
        Route("/fail", fail),
        WebSocketRoute("/talk", talk),
    ]
    return Starlette(
        routes=[*routes, Mount("/sub", routes=routes)], lifespan=_lifespan("starlette")
    )


def fastapi():
    from fastapi import FastAPI, Request, Response, WebSocket
    from fastapi.responses import StreamingResponse

    app = FastAPI(lifespan=_lifespan("fastapi"))

    @app.get("/items/{item_id}")
    async def item(item_id: str) -> dict[str, str]:
        with timing("db"):
            await asyncio.sleep(0)
        return {"id": item_id}

    # Not annotated: FastAPI would look for these types in the module.
    async def echo(request):
        return Response(await request.body())

    echo.__annotations__["request"] = Request
    app.post("/echo")(echo)

    app.get("/stream")(lambda: StreamingResponse(parts()))
    app.get("/events")(lambda: StreamingResponse(events(), media_type="text/event-stream"))
    app.get("/unchanged")(lambda: Response(status_code=304, headers={"ETag": '"1"'}))

    @app.get("/fail")
    async def fail() -> None:
        raise KeyError("personal data")

    async def talk(socket):
        await socket.accept()
        await socket.close()

    talk.__annotations__["socket"] = WebSocket
    app.websocket("/talk")(talk)
    return app


def litestar():
    from litestar import Litestar, MediaType, Request, Response, get, post, websocket
    from litestar.connection import WebSocket
    from litestar.params import FromPath
    from litestar.response import Stream

    async def _item(item_id):
        with timing("db"):
            await asyncio.sleep(0)
        return {"id": item_id}

    _item.__annotations__ = {"item_id": FromPath[str], "return": dict[str, str]}
    item = get("/items/{item_id:str}")(_item)

    async def _echo(request):
        return await request.body()

    _echo.__annotations__ = {"request": Request, "return": bytes}
    echo = post("/echo", status_code=200, media_type=MediaType.TEXT)(_echo)

    @get("/stream")
    async def stream() -> Stream:
        return Stream(parts())

    @get("/events")
    async def live() -> Stream:
        return Stream(events(), media_type="text/event-stream")

    async def _unchanged():
        return Response(None, status_code=304, headers={"ETag": '"1"'})

    _unchanged.__annotations__ = {"return": Response[None]}

    @get("/fail")
    async def fail() -> None:
        raise KeyError("personal data")

    async def _talk(socket):
        await socket.accept()
        await socket.close()

    _talk.__annotations__ = {"socket": WebSocket, "return": None}
    handlers = [
        item, echo, stream, live, get("/unchanged", status_code=304)(_unchanged), fail,
        websocket("/talk")(_talk),
    ]  # fmt: skip
    return Litestar(handlers, lifespan=[_lifespan("litestar")], openapi_config=None)


def django():
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt

    async def item(_request, item_id):
        with timing("db"):
            await asyncio.sleep(0)
        return JsonResponse({"id": item_id})

    @csrf_exempt
    async def echo(request):
        return HttpResponse(request.body, content_type="text/plain")

    async def stream(_):
        return StreamingHttpResponse(parts())

    async def live(_):
        return StreamingHttpResponse(events(), content_type="text/event-stream")

    async def unchanged(_):
        return HttpResponse(status=304, headers={"ETag": '"1"'})

    async def fail(_):
        raise KeyError("personal data")

    patterns = (
        path("items/<str:item_id>", item),
        path("echo", echo),
        path("stream", stream),
        path("events", live),
        path("unchanged", unchanged),
        path("fail", fail),
    )
    if not settings.configured:
        settings.configure(ROOT_URLCONF=patterns, ALLOWED_HOSTS=["*"], LOGGING_CONFIG=None)
    return get_asgi_application()


def _lifespan(name):
    @asynccontextmanager
    async def lifespan(_app):
        BEGUN.add(name)
        yield
        BEGUN.discard(name)

    return lifespan


ALL = {"starlette": starlette, "fastapi": fastapi, "litestar": litestar, "django": django}
