"""Says hello over HTTP, on 127.0.0.1:$PORT. Standard library only."""

import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

running = 0
changed = threading.Condition()


class Hello(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections open
    # Head and body in one packet, at once: the second of two would wait 40 ms for the client's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def answer(self):
        count(1)
        try:
            length = int(self.headers.get("Content-Length") or 0)
            name = self.rfile.read(length).decode("utf-8", "replace").strip() or "world"
            body = f"Hello, {name}, from Python.\n".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        finally:
            count(-1)

    def log_message(self, text, *values):
        print(text % values, flush=True)


class Server(ThreadingHTTPServer):
    request_queue_size = 128


def count(change):
    global running
    with changed:
        running += change
        changed.notify_all()


server = Server(("127.0.0.1", int(os.environ["PORT"])), Hello)
# shutdown() waits for the loop below to end, so it must not run in the loop's own thread.
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever(poll_interval=0.1)
with changed:
    changed.wait_for(lambda: running == 0, timeout=25)
