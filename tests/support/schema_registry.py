"""The part of Confluent's Schema Registry that we use, over HTTP, since no wheel holds a real one."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

FIRST_ID = 100  # ids of a registry that others use, too, do not begin at 1


class SchemaRegistry:
    def __init__(self) -> None:
        self.schemas: list[tuple[str, str]] = []  # (subject, schema); the id is FIRST_ID + index
        self.compatibility: dict[str, str] = {}
        self.readonly = False
        self.broken = False
        self.away = False  # takes a request, and never answers it
        self.password = ""
        self.url = ""

    def answer(self, method: str, path: str, body: dict[str, Any], authorization: str) -> tuple[int, Any]:
        if self.broken:
            return 422, {"error_code": 42201, "message": "out of order"}
        if self.password and authorization != "Basic " + base64.b64encode(self.password.encode()).decode():
            return 401, {"error_code": 401, "message": "Unauthorized"}
        match method, path.partition("?")[0].strip("/").split("/"):
            case "POST", ["subjects", subject]:
                number = self._find(subject, body["schema"])
                if number is None:
                    return 404, {"error_code": 40403, "message": "Schema not found"}
                return 200, {"subject": subject, "id": number, "version": 1, "schema": body["schema"]}
            case "PUT", ["config", subject]:
                self.compatibility[subject] = body["compatibility"]
                return 200, body
            case "POST", ["subjects", subject, "versions"]:
                if self.readonly:
                    return 403, {"error_code": 40301, "message": "Forbidden"}
                self.schemas.append((subject, body["schema"]))
                return 200, {"id": FIRST_ID + len(self.schemas) - 1}
            case "GET", ["schemas", "ids", number]:
                index = int(number) - FIRST_ID
                if 0 <= index < len(self.schemas):
                    return 200, {"schema": self.schemas[index][1]}
                return 404, {"error_code": 40403, "message": "Schema not found"}
        return 405, {"error_code": 405, "message": f"{method} {path}"}

    def _find(self, subject: str, schema: str) -> int | None:
        return FIRST_ID + self.schemas.index((subject, schema)) if (subject, schema) in self.schemas else None


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[SchemaRegistry]:
    registry = SchemaRegistry()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if registry.away:
                self.close_connection = True
                return
            status, said = registry.answer(
                self.command, self.path, json.loads(body or b"{}"), self.headers.get("Authorization") or ""
            )
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    registry.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
