from caravan import Response


def handle(request):
    if request.path == "/fail":
        raise ValueError("no")
    if request.path == "/json":
        return {"method": request.method}
    seen = f"{request.method} {request.path} {request.query} {request.headers['x-who']}"
    return Response(request.text.upper(), 201, {"X-Seen": seen})
