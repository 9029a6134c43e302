"""Writes put.json: RFC 9421 by hand, ed25519 by the package `cryptography`."""

import base64
import hashlib
import json
import pathlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SEED, BODY, CREATED, NONCE = bytes([1]) * 32, b"body", 1700000000, "07" * 16
METHOD, AUTHORITY, PATH, QUERY = "PUT", "host.example:8443", "/v1/objects/ab/body", "offset=0"

key = Ed25519PrivateKey.from_private_bytes(SEED)
keyid = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
digest = "sha-256=:" + base64.b64encode(hashlib.sha256(BODY).digest()).decode() + ":"
covered = ["@method", "@authority", "@path", "@query", "content-digest"]
parameters = "(" + " ".join(f'"{name}"' for name in covered) + ")"
parameters += f';created={CREATED};nonce="{NONCE}";keyid="{keyid}";alg="ed25519";tag="sealroom/1 http"'
values = [METHOD, AUTHORITY, PATH, "?" + QUERY, digest]
lines = [f'"{name}": {value}' for name, value in zip(covered, values)]
base = "\n".join([*lines, f'"@signature-params": {parameters}'])
signature = base64.b64encode(key.sign(base.encode())).decode()
vector = {
    "about": "One signed request. Written by Python's cryptography package, not by this project's code.",
    "seed": SEED.hex(),
    "method": METHOD,
    "authority": AUTHORITY,
    "path": PATH,
    "query": QUERY,
    "body": BODY.decode(),
    "created": CREATED,
    "nonce": NONCE,
    "content_digest": digest,
    "signature_input": f"sealroom={parameters}",
    "signature": f"sealroom=:{signature}:",
    "expect": "accepted",
}
pathlib.Path(__file__).with_name("put.json").write_text(json.dumps(vector, indent=2) + "\n")
