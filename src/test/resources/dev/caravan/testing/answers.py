"""A function in http mode that answers as its path says.

/429,503,200   the statuses of the first, second, third ... attempt of a call; the last one stays
/crash, /close, /close-early   ends itself, the connection, or the answer in the middle
?name=value    answer headers, one each; the same name may come more than once; =same gives back the request's own

X-Seen-Target of the answer is the request's target as it came.
"""
import http.server
import os
import signal
import sys
import urllib.parse

attempts = {}


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = self.headers.get("X-Call-Id")
        attempts[call] = attempts.get(call, 0) + 1
        statuses = [s for s in url.path.strip("/").split(",") if s.isdigit()]
        if url.path == "/crash":
            os._exit(3)
        if url.path == "/close":
            self.close_connection = True
            return
        if url.path == "/close-early":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it")
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True
            return
        status = int(statuses[min(attempts[call], len(statuses)) - 1]) if statuses else 200
        answer = b"attempt %d: %s" % (attempts[call], body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Seen-Target", self.path)
        for name, value in urllib.parse.parse_qsl(url.query):
            self.send_header(name, self.headers.get(name) or "" if value == "same" else value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_POST

    def log_message(self, format, *arguments):
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answers).serve_forever()
