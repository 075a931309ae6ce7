"""The cases of version 3 in the dated versions of the API: the same operations under other paths and other statuses."""

import re
import zlib
from collections.abc import Iterator
from typing import Any

from cases.case import Case, Request
from msgspec.structs import replace

DATED = ("2025-09", "2026-03", "2026-09")
APIS = ("objects", "properties", "pipelines", "limits")

ROOT = "/crm-object-schemas"
SCHEMAS = f"{ROOT}/v3/schemas"

NAMED = re.compile("/crm/v3/objects/[^/]+/[^/]+/associations/")
"""Associations by the names of their types are in version 3 alone."""

SUCCESS: dict[tuple[str, str], int] = {("objects", "2025-09"): 200, ("properties", "2026-09"): 200}
"""What creating a batch answers where it is not 201, by the part of the API (SPEC)."""

WITHOUT_207 = {("objects", "2025-09"), ("objects", "2026-09"), ("properties", "2026-09")}
"""Where a batch that failed in part answers the status of success, its errors in the body (SPEC)."""


def dated(cases: list[Case]) -> Iterator[Case]:
    """Every case of version 3 as it is in one of the dated versions where it holds, by turns.

    What differs from version to version has cases of its own, in `versions.jsonl`.
    """
    for case in cases:
        if case.request.path.startswith(SCHEMAS):
            yield _in(case, "schemas", _one(case))
        for api in APIS:
            if case.request.path.startswith(f"/crm/v3/{api}/") and not NAMED.match(case.request.path):
                yield _in(case, api, _one(case))


def _one(case: Case) -> str:
    versions = case.versions or DATED
    return versions[zlib.crc32(case.id.encode()) % len(versions)]


def _in(case: Case, api: str, version: str) -> Case:
    request: Request = replace(case.request, path=_path(case.request.path, api, version))
    creates = case.request.path.partition("?")[0].rstrip("/").endswith("/batch/create")
    expect = {name: _expected(name, value, api, version, creates) for name, value in case.expect.items()}
    if _fails_silently(case, api, version):
        expect["warnings"] = [*case.expect.get("warnings", []), "failed-in-part"]
    return replace(case, id=f"{case.id}@{version}", request=request, expect=expect)


def _fails_silently(case: Case, api: str, version: str) -> bool:
    """Whether a batch that writes records failed in part, and the status of this version does not say so."""
    silent = case.expect.get("status") == 207 and api == "objects" and (api, version) in WITHOUT_207
    writes = not case.request.path.partition("?")[0].endswith("/batch/read")
    return silent and writes and "nothing-done" not in case.expect.get("warnings", [])


def _expected(name: str, value: Any, api: str, version: str, creates: bool) -> Any:
    if name == "status":
        return _status(value, api, version, creates)
    if name == "status_in":
        return [_status(status, api, version, creates) for status in value]
    if name == "next_page":
        return _path(value, api, version)
    if name in ("header_equals", "header_matches"):
        return {header: _path(expected, api, version) for header, expected in value.items()}
    return value


def _status(status: int, api: str, version: str, creates: bool) -> int:
    if status == 207 and (api, version) in WITHOUT_207:
        status = 201 if creates else 200
    return SUCCESS.get((api, version), status) if creates and status == 201 else status


def _path(path: str, api: str, version: str) -> str:
    return path.replace(f"/crm/v3/{api}/", f"/crm/{api}/{version}/").replace(SCHEMAS, f"{ROOT}/{version}/schemas")
