"""The frontend's pages from package data: hashed files for ever, the rest asked for each time."""

from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from clientela.errors import ClientelaError
from clientela.web.methods import allowed_methods, method_not_allowed, no_route
from clientela.web.page_headers import page_headers

PAGES = Path(__file__).parent / "pages"

# A worker's own policy is the one that its script came with; it serves every page from the root.
_FILE = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"}


class Assets(StaticFiles):
    """Files whose names change with their content; served compressed where they lie so."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer a file, its gzip where the browser takes that."""
        response = await _compressed(self, path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    async def plain(self, path: str, scope: Scope) -> Response:
        """Answer a file as it is."""
        return await super().get_response(path, scope)


async def _compressed(files: Assets, path: str, scope: Scope) -> Response:
    full_path, found = files.lookup_path(path + ".gz")
    if not found or b"gzip" not in dict(scope["headers"]).get(b"accept-encoding", b""):
        return await files.plain(path, scope)
    original = await files.plain(path, scope)
    response = FileResponse(full_path, media_type=original.media_type)
    response.headers["Content-Type"] = original.headers["Content-Type"]
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response


def add_pages(app: FastAPI, pages: Path = PAGES) -> None:
    """Serve the frontend; every path that is no route of the API and asks for HTML is a page."""
    app.mount("/assets", Assets(directory=pages / "assets", check_dir=False))

    @app.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def page(request: Request, path: str) -> Response:
        file = pages / path
        if path and file.parent == pages and file.is_file():
            return FileResponse(file, headers={**_FILE, **page_headers(request)})
        allowed = allowed_methods(request.app.routes, request.url.path)
        if path and allowed:
            raise method_not_allowed(request.method, allowed)
        if path and "text/html" not in request.headers.get("accept", ""):
            raise no_route()
        index = pages / "index.html"
        if not index.is_file():
            raise ClientelaError("not-found", "The pages are not built: run make setup.")
        return FileResponse(index, headers={"Cache-Control": "no-cache", **page_headers(request)})
