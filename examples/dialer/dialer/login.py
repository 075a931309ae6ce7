"""The OAuth tokens of the account."""

from dataclasses import dataclass

import httpx


@dataclass
class Login:
    """An access token, which expires, and the refresh token that brings the next one."""

    token_url: str
    client_id: str
    client_secret: str
    refresh_token: str
    access_token: str

    def renew(self, http: httpx.Client) -> None:
        """Gets a new access token; raises `httpx.HTTPStatusError` when the app is no longer let in."""
        form = {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
        }
        told = http.post(self.token_url, data=form).raise_for_status().json()
        self.access_token, self.refresh_token = told["access_token"], told["refresh_token"]
