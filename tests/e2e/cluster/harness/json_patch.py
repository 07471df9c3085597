"""RFC 6902, as far as the injector's patches go: add, replace, remove. Strict: what is not there
cannot be replaced, and a list has no gaps."""

import copy


def _tokens(pointer):
    if pointer == "":
        return []
    if not pointer.startswith("/"):
        raise ValueError(f"not a JSON pointer: {pointer}")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]


def _index(token, limit):
    if token != "0" and (not token.isdigit() or token.startswith("0")):
        raise ValueError(f"not an index: {token}")
    if int(token) > limit:
        raise ValueError(f"index {token} of a list of {limit}")
    return int(token)


def _step(parent, token):
    return parent[_index(token, len(parent) - 1)] if isinstance(parent, list) else parent[token]


def _add(parent, token, value):
    if isinstance(parent, list):
        parent.insert(len(parent) if token == "-" else _index(token, len(parent)), value)
    else:
        parent[token] = value


def apply(document, operations):
    """Returns the patched copy of `document`; an operation that does not apply is an error."""
    root = {"": copy.deepcopy(document)}
    for operation in operations:
        *path, last = ["", *_tokens(operation["path"])]
        parent = root
        for token in path:
            parent = _step(parent, token)
        kind = operation["op"]
        if kind in ("replace", "remove"):
            _step(parent, last)  # must exist
            if isinstance(parent, list):
                del parent[int(last)]
            else:
                del parent[last]
        if kind in ("add", "replace"):
            _add(parent, last, copy.deepcopy(operation["value"]))
        elif kind != "remove":
            raise ValueError(f"operation {kind}")
    return root[""]
