"""What a handler is given and what it may answer with."""

import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """A request: `path` and `query` as they were sent, `headers` found whatever their case."""

    method: str
    path: str
    query: str
    headers: object
    body: bytes

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


@dataclass(frozen=True)
class Response:
    """An answer. The body is bytes, a text, or anything that JSON can say."""

    body: object = b""
    status: int = 200
    headers: dict = field(default_factory=dict)
