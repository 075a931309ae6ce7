"""Run as a program: `trunkline.workers` over stores that the workers do not share, each its own, with settings as JSON.

What the processes do for one another has nothing to do with what is in the store.
"""

import sys

import msgspec

from trunkline import logs
from trunkline.server import listen, url_of
from trunkline.settings import Settings
from trunkline.store.protocol import StoreRefused
from trunkline.workers import run

if __name__ == "__main__":
    settings = msgspec.json.decode(sys.argv[1], type=Settings)
    logs.configure(settings.log_level, settings.log_format)
    with listen(settings) as listener:
        url = url_of(listener, settings.tls)
        try:
            run(settings, listener, lambda: print(f"Trunkline ready on {url}", flush=True))  # noqa: T201
        except StoreRefused as cause:
            sys.exit(str(cause))
