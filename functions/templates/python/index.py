"""Serves function/handler.py over HTTP, on 127.0.0.1:$PORT. Standard library only."""

import json
import os
import signal
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.append("packages")

from caravan import Request, Response
from function.handler import handle

running = 0
changed = threading.Condition()


class Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections open
    # Head and body in one packet, at once: the second of two would wait for the client's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __getattr__(self, name):
        if name.startswith("do_"):  # every verb is the handler's matter
            return self.answer
        raise AttributeError(name)

    def answer(self):
        count(1)
        try:
            path, _, query = self.path.partition("?")
            request = Request(self.command, path, query, self.headers, self.body())
            try:
                response = answer_of(handle(request))
                body, kind = encoded(response.body)
            except Exception:
                traceback.print_exc()
                response, body, kind = Response(status=500), b"the function failed\n", "text/plain; charset=utf-8"
            self.send(response, body, kind)
        finally:
            count(-1)

    def body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass
        return b"".join(parts)

    def send(self, response, body, kind):
        self.send_response(response.status)
        if not any(name.lower() == "content-type" for name in response.headers):
            self.send_header("Content-Type", kind)
        for name, value in response.headers.items():
            for each in value if isinstance(value, (list, tuple)) else [value]:
                self.send_header(name, str(each))
        bodiless = response.status in (204, 304)
        if not bodiless:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and not bodiless:
            self.wfile.write(body)

    def log_message(self, *_):
        pass  # the watchdog logs calls


def answer_of(said):
    return said if isinstance(said, Response) else Response(said)


def encoded(body):
    if isinstance(body, (bytes, bytearray)):
        return bytes(body), "application/octet-stream"
    if isinstance(body, str):
        return body.encode(), "text/plain; charset=utf-8"
    return json.dumps(body).encode(), "application/json"


class Server(ThreadingHTTPServer):
    request_queue_size = 128


def count(change):
    global running
    with changed:
        running += change
        changed.notify_all()


server = Server(("127.0.0.1", int(os.environ["PORT"])), Call)
# shutdown() waits for the loop below to end, so it must not run in the loop's own thread.
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever(poll_interval=0.1)
with changed:
    changed.wait_for(lambda: running == 0, timeout=25)
