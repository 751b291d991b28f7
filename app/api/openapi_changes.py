"""Tells whether a new version of the API's document breaks a client of an old one. Within /v1 only additions are made.

What may be sent must stay sendable, what is answered must stay readable: requests may only widen, answers may only gain
members. Clients are told to expect new enum values, members and codes in answers, so those break nothing. Unknown fields
and parameters are refused, so taking one away breaks whoever sends it. Rules no schema states are not seen here.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

from app.api.schema_changes import Direction, SchemaChanges, resolve

Json: TypeAlias = dict[str, Any]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def breaking_changes(old: Json, new: Json) -> list[str]:
    """One sentence for each break, in the order of the old document; empty when every old client keeps working."""
    return list(dict.fromkeys(_Documents(old, new).breaks()))


class _Documents:
    def __init__(self, old: Json, new: Json) -> None:
        self.old, self.new = old, new
        self.schemas = SchemaChanges(old, new)

    def breaks(self) -> Iterator[str]:
        operations = _operations(self.new)
        for key, operation in _operations(self.old).items():
            name = f"{key[0].upper()} {operation['path']}"
            changed = operations.get(key)
            if changed is None:
                yield f"{name}: removed"
                continue
            yield from (f"{name}: {change}" for change in self._operation(operation, changed))
        for code, row in self.old.get("x-problem-codes", {}).items():
            now = self.new.get("x-problem-codes", {}).get(code)
            if now is None:
                yield f"problem code {code}: removed"
            elif now["status"] != row["status"]:
                yield f"problem code {code}: status changed from {row['status']} to {now['status']}"

    def _operation(self, old: Json, new: Json) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield "operation id changed"
        yield from self._access(old, new)
        yield from self._parameters(old, new)
        yield from self._body(resolve(self.old, old.get("requestBody")), resolve(self.new, new.get("requestBody")))
        yield from self._responses(old.get("responses", {}), new.get("responses", {}))

    def _access(self, old: Json, new: Json) -> Iterator[str]:
        if old.get("security", self.old.get("security")) != new.get("security", self.new.get("security")):
            yield "security changed"
        for role in old.get("x-roles", ()):
            if role not in new.get("x-roles", ()):
                yield f"role {role} may no longer call it"

    def _parameters(self, old: Json, new: Json) -> Iterator[str]:
        before, after = _parameters(self.old, old), _parameters(self.new, new)
        for key, parameter in before.items():
            name = f"{key[0]} parameter {parameter['name']}"
            now = after.get(key)
            if now is None:
                yield f"{name} removed"
                continue
            if now.get("required") and not parameter.get("required"):
                yield f"{name} became required"
            yield from self.schemas.compare(parameter.get("schema"), now.get("schema"), Direction.REQUEST, name)
        for key, parameter in after.items():
            if key not in before and parameter.get("required"):
                yield f"required {key[0]} parameter {parameter['name']} added"

    def _body(self, old: Json, new: Json) -> Iterator[str]:
        if old and not new:
            yield "request body removed"
            return
        if new.get("required") and not old.get("required"):
            yield "request body became required"
        for media_type, content in old.get("content", {}).items():
            now = new.get("content", {}).get(media_type)
            if now is None:
                yield f"request type {media_type} removed"
            else:
                yield from self.schemas.compare(content.get("schema"), now.get("schema"), Direction.REQUEST, "request")

    def _responses(self, old: Json, new: Json) -> Iterator[str]:
        for status, response in old.items():
            before, name = resolve(self.old, response), f"response {status}"
            if status not in new:
                # A refusal that can no longer happen breaks nobody.
                if status.startswith("2"):
                    yield f"{name} removed"
                continue
            after = resolve(self.new, new[status])
            known = {header.lower() for header in after.get("headers", {})}
            for header in before.get("headers", {}):
                if header.lower() not in known:
                    yield f"{name} header {header} removed"
            for media_type, content in before.get("content", {}).items():
                now = after.get("content", {}).get(media_type)
                if now is None:
                    yield f"{name} type {media_type} removed"
                else:
                    yield from self.schemas.compare(content.get("schema"), now.get("schema"), Direction.RESPONSE, name)


def _operations(document: Json) -> dict[tuple[str, str], Json]:
    """By method and path; the names of path parameters are the document's own and may change."""
    found: dict[tuple[str, str], Json] = {}
    for path, item in document.get("paths", {}).items():
        shape = "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
        for method in _METHODS:
            if method in item:
                shared = item.get("parameters", [])
                own = item[method]
                found[method, shape] = {**own, "path": path, "parameters": [*shared, *own.get("parameters", [])]}
    return found


def _parameters(document: Json, operation: Json) -> dict[tuple[str, str], Json]:
    resolved = [resolve(document, parameter) for parameter in operation["parameters"]]
    position = 0
    found: dict[tuple[str, str], Json] = {}
    for parameter in resolved:
        if parameter["in"] == "path":
            position += 1
            found["path", str(position)] = parameter
        else:
            name = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
            found[parameter["in"], name] = parameter
    return found
