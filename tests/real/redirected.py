"""Run as a program, in namespaces of its own: clients with HubSpot's address alone and a hosts file that leads here.

    unshare -Urmn python redirected.py FOLDER

There is no network but this machine's own, port 443 is free, and the hosts file is nobody else's. It prints what each
client had, as JSON: a status for each that is installed.
"""

import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

import nodejs
from server import TOKEN, start

HOSTS = "127.0.0.1 localhost api.hubapi.com\n"
URL = "https://api.hubapi.com/crm/v3/objects/calls?limit=1"
SECONDS = 60

OFFICIAL = """
import os
from hubspot import HubSpot
client = HubSpot(access_token=os.environ["TOKEN"])
made = client.crm.objects.calls.basic_api.create({"properties": {"hs_timestamp": "2025-04-24T20:01:33Z"}})
print(len([client.crm.objects.calls.basic_api.get_by_id(made.id)]) and 200)
"""

REQUESTS = f"""
import os, requests
print(requests.get({URL!r}, headers={{"Authorization": "Bearer " + os.environ["TOKEN"]}}).status_code)
"""

HTTPX = f"""
import os, httpx
print(httpx.get({URL!r}, headers={{"Authorization": "Bearer " + os.environ["TOKEN"]}}).status_code)
"""

NODE = f"""
const asked = fetch({URL!r}, {{ headers: {{ authorization: `Bearer ${{process.env.TOKEN}}` }} }});
asked.then((answer) => console.log(answer.status));
"""

JAVA = f"""
import java.net.URI;
import java.net.http.*;

public class Ask {{
    public static void main(String[] names) throws Exception {{
        var asked = HttpRequest.newBuilder(URI.create("{URL}"));
        asked.header("Authorization", "Bearer " + System.getenv("TOKEN"));
        var answer = HttpClient.newHttpClient().send(asked.build(), HttpResponse.BodyHandlers.ofString());
        System.out.println(answer.statusCode());
    }}
}}
"""


def main(folder: Path) -> None:
    """Serves and asks."""
    (folder / "hosts").write_text(HOSTS)
    subprocess.run(["mount", "--bind", folder / "hosts", "/etc/hosts"], check=True)
    _raise_loopback()
    server = start(folder / "calls.db", "--tls", "--port", "443", "--tls-folder", str(folder / "authority"))
    try:
        print(json.dumps({name: _ask(*how) for name, how in _clients(folder).items()}))  # noqa: T201
    finally:
        server.stop()


def _raise_loopback() -> None:
    """Turns the only network on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sh", b"lo", 0x1)
        fcntl.ioctl(any_socket, 0x8914, asked)


def _clients(folder: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """The command of each client that is here, and the variable that tells it whom to trust."""
    trusted, python = str(folder / "authority" / "ca.pem"), sys.executable
    found = {
        "official": ([python, "-c", OFFICIAL], {"SSL_CERT_FILE": trusted}),
        "requests": ([python, "-c", REQUESTS], {"REQUESTS_CA_BUNDLE": trusted}),
        "httpx": ([python, "-c", HTTPX], {"SSL_CERT_FILE": trusted}),
        "untrusting": ([python, "-c", REQUESTS], {}),
    }
    if curl := shutil.which("curl"):
        asked = [curl, "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Authorization: Bearer {TOKEN}", URL]
        found["curl"] = asked, {"CURL_CA_BUNDLE": trusted}
    if node := nodejs.find():
        found["node"] = [node, "-e", NODE], {"NODE_EXTRA_CA_CERTS": trusted}
    if (java := shutil.which("java")) and (keytool := shutil.which("keytool")) and shutil.which("javac"):
        store = str(folder / "trusted.p12")
        made = [keytool, "-importcert", "-noprompt", "-alias", "trunkline", "-file", trusted]
        subprocess.run([*made, "-keystore", store, "-storepass", "changeit"], check=True, capture_output=True)
        (folder / "Ask.java").write_text(JAVA)
        options = f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword=changeit"
        found["java"] = [java, str(folder / "Ask.java")], {"JAVA_TOOL_OPTIONS": options}
    return found


def _ask(command: list[str], variables: dict[str, str]) -> str:
    """The status that a client tells, else the last it says of its failure."""
    environment = os.environ | {"TOKEN": TOKEN} | variables
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=SECONDS)
    return (done.stdout.strip() or done.stderr.strip()).splitlines()[-1]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
