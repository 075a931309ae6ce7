"""What is kept of a request has no secret in it."""

import pytest

from trunkline.http import masking

TOKEN = "pat-local-0123456789abcdef"
TICKET = "1000001-17-1772366400000-" + "ab" * 32


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        (b"authorization", b"Bearer s3cret", b"Bearer masked"),
        (b"authorization", b"Basic czpz", b"Basic masked"),
        (b"authorization", b"s3cret", b"masked"),
        (b"cookie", b"trunkline_session=s3cret; x=y", b"masked"),
        (b"set-cookie", b"trunkline_session=s3cret; Path=/oauth", b"masked"),
        (b"x-trunkline-secret", b"s3cret", b"masked"),
        (b"location", b"https://a.example/back?x=1&code=s3cret&state=s3cret", None),
        (b"referer", b"http://a.example/oauth/v1/access-tokens/s3cret", None),
        (b"user-agent", b"Bearer of news", b"Bearer of news"),
    ],
)
def test_headers(name: bytes, value: bytes, shown: bytes | None) -> None:
    [(told, masked)] = masking.headers([(name, value)])
    assert told == name
    assert b"s3cret" not in masked
    assert shown is None or masked == shown


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/oauth/v1/access-tokens/s3cret", "/oauth/v1/access-tokens/masked"),
        ("/oauth/v1/refresh-tokens/s3cret/more", "/oauth/v1/refresh-tokens/masked"),
        (f"/exports/{TICKET}", "/exports/masked"),
        ("/crm/v3/exports/export/async/tasks/12/status", None),
        ("/crm/v3/objects/calls/12", None),
    ],
)
def test_paths(path: str, shown: str | None) -> None:
    assert masking.path(path) == (shown or path)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("hapikey=s3cret&limit=1", "hapikey=masked&limit=1"),
        ("limit=1&access_token=s3cret", "limit=1&access_token=masked"),
        ("code=s3cret&state=s3cret", "code=masked&state=masked"),
        ("Client_Secret=s3cret", "Client_Secret=masked"),
        ("properties=token&q=mycode=1", None),
        ("", None),
    ],
)
def test_queries(query: str, shown: str | None) -> None:
    assert masking.query(query) == (query if shown is None else shown)


@pytest.mark.parametrize(
    ("path", "body", "shown"),
    [
        (
            "/oauth/v1/token",
            "grant_type=x&client_secret=s3cret&code=s3cret",
            "grant_type=x&client_secret=masked&code=masked",
        ),
        ("/oauth/v1/token", "refresh_token=s3cret", "refresh_token=masked"),
        ("/oauth/v3/introspect", "token=s3cret&token_type_hint=x", "token=masked&token_type_hint=x"),
        ("/oauth/v1/token", '{"access_token" : "s3\\"cret","n":1}', '{"access_token" : "masked","n":1}'),
        ("/oauth/v1/token", '{"code":"s3cret"}', '{"code":"masked"}'),
        ("/oauth/v2/x", '{"tokenKey":"s3cret"}', '{"tokenKey":"masked"}'),
        ("/oauth/v2/x", '{"refreshToken":"s3cre', '{"refreshToken":"masked"'),
        ("/crm/v3/x", f'{{"a":"{TOKEN}"}}', '{"a":"masked"}'),
        ("/crm/v3/x", f'{{"result":"http://h/exports/{TICKET}"}}', '{"result":"http://h/exports/masked"}'),
        ("/crm/v3/x", '{"errors":[{"code":"INVALID_INTEGER"}]}', None),
    ],
)
def test_bodies(path: str, body: str, shown: str | None) -> None:
    assert masking.body(body.encode(), path).decode() == (body if shown is None else shown)


@pytest.mark.parametrize(
    ("template", "status", "plain"),
    [
        ("/crm/v3/objects/{type}/batch/upsert", 200, True),
        ("/crm/v3/objects/{type}/batch/upsert", 400, False),
        ("/crm/v3/exports/export/async/tasks/{id}/status", 200, False),
        ("/oauth/v1/token", 200, False),
        (None, 200, False),
    ],
)
def test_only_what_succeeded_and_is_about_records_is_not_looked_through(
    template: str | None, status: int, plain: bool
) -> None:
    assert masking.is_plain(template, status) == plain
