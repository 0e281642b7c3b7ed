from caravan import Response


def handle(request):
    """Answers a request: with bytes, a text, what JSON can say, or a Response."""
    name = request.text.strip() or "world"
    return Response(f"Hello, {name}.\n", headers={"X-Language": "python"})
