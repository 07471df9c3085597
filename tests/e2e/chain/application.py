"""The application of the chain: stores a cart, publishes an order, waits for it, reads the cart.

Prints one JSON line at the end: what it saw. Serves until it is stopped, as an application does.
"""

import http.server
import json
import os
import queue
import threading
import time
import urllib.error
import urllib.request

DAPR = f"http://127.0.0.1:{os.environ['DAPR_HTTP_PORT']}"
received = queue.Queue()


class Handler(http.server.BaseHTTPRequestHandler):
    def reply(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):  # noqa: N802 (the library's name)
        subscription = {"pubsubname": "order-events", "topic": "orders", "route": "/orders"}
        self.reply([subscription] if self.path == "/dapr/subscribe" else {})

    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/orders":
            received.put(json.loads(body))
        self.reply({})

    def log_message(self, *_):
        pass


def call(method, path, value=None):
    request = urllib.request.Request(
        DAPR + path,
        data=None if value is None else json.dumps(value).encode(),
        method=method,
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def wait_for_daprd():
    for _ in range(600):
        if call("GET", "/v1.0/healthz")[0] == 204:
            return True
        time.sleep(0.1)
    return False


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seen = {"daprd": wait_for_daprd()}
    if seen["daprd"]:
        cart = [{"key": "cart", "value": {"apples": 3}}]
        seen["stored"] = call("POST", "/v1.0/state/cart-store", cart)[0]
        seen["published"] = call("POST", "/v1.0/publish/order-events/orders", {"id": 7})[0]
        try:
            seen["received"] = received.get(timeout=30)["data"]
        except queue.Empty:
            seen["received"] = None
        seen["read"] = call("GET", "/v1.0/state/cart-store/cart")[1]
    print(json.dumps(seen), flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
