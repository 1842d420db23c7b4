"""Kinto with clients in its memory: kinto_app.py PORT SEED."""

import json
import sys
from pathlib import Path

import kinto
import waitress

EVERYONE = "system.Everyone"
SETTINGS = {
    "storage_backend": "kinto.core.storage.memory",
    "cache_backend": "kinto.core.cache.memory",
    "permission_backend": "kinto.core.permission.memory",
    "bucket_create_principals": EVERYONE,
    "bucket_write_principals": EVERYONE,
    "bucket_read_principals": EVERYONE,
    "paginate_by": None,
    "storage_max_fetch_size": 100_000_000,
    "userid_hmac_secret": "benchmark",
}


def main() -> None:
    """Take the clients in, and serve."""
    port, seed = int(sys.argv[1]), Path(sys.argv[2])
    app = kinto.main({}, **SETTINGS)
    storage = app.registry.storage
    parent = "/buckets/b/collections/clients"
    with seed.open() as lines:
        for line in lines:
            storage.create(resource_name="record", parent_id=parent, obj=json.loads(line))
    waitress.serve(app, host="127.0.0.1", port=port, threads=4, _quiet=True)


main()
