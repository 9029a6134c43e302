"""Checks the vectors of this folder with none of Sealroom's code: hashlib, json, and the ed25519 of `cryptography`.

What it holds: the hashes and report data of SPEC.md sections 1 and 4, every envelope's canonical form and signatures (section 2),
the ids of contract, proposal and receipt, and the bindings inside of the receipts (section 5).
"""

import base64
import hashlib
import json
import pathlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

here = pathlib.Path(__file__).parent


def prefixed(part):
    return len(part).to_bytes(4, "little") + part


def labelled(algorithm, label, *fields):
    return hashlib.new(algorithm, b"".join(map(prefixed, (label.encode(), *fields)))).digest()


def canonical(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def verify(text, kind):
    """The payload and the keys that signed it."""
    envelope = json.loads(text)
    assert canonical(envelope) == text.encode() and list(envelope) == ["payload", "payloadType", "signatures"]
    media_type = envelope["payloadType"]
    assert media_type == f"application/vnd.sealroom.{kind}.v1+{'toml' if kind == 'contract' else 'json'}"
    payload = base64.b64decode(envelope["payload"], validate=True)
    signed = b"DSSEv1 %d %s %d %s" % (len(media_type), media_type.encode(), len(payload), payload)
    keys = [signature["keyid"] for signature in envelope["signatures"]]
    assert keys == sorted(set(keys)) and all(list(signature) == ["keyid", "sig"] for signature in envelope["signatures"])
    assert all(len(key) == 64 and key == key.lower() for key in keys)
    for signature in envelope["signatures"]:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature["keyid"]))
        key.verify(base64.b64decode(signature["sig"], validate=True), signed)
    if kind != "contract":
        assert canonical(json.loads(payload)) == payload
    return payload, keys


def key_of(text):
    assert text.startswith("ed25519:")
    return base64.b64decode(text[8:], validate=True).hex()


hashes = json.loads((here / "hash.json").read_text())
for row in hashes["hashes"]:
    fields = [bytes.fromhex(field) for field in row["fields"]]
    for algorithm in ("sha256", "sha512"):
        assert labelled(algorithm, row["label"], *fields).hex() == row[algorithm], row
for row in hashes["report_data"]:
    challenges = [bytes.fromhex(challenge) for challenge in row["challenges"]]
    assert challenges == sorted(set(challenges))
    digest = labelled("sha256", "sealroom/1 challenges", *challenges)
    fields = (bytes.fromhex(row["contract"]), bytes.fromhex(row["enclave_key"]), digest)
    assert labelled("sha512", "sealroom/1 report data of a room", *fields).hex() == row["report_data"], row

run = json.loads((here / "run.json").read_text())
parties, envelopes = run["parties"], run["envelopes"]
text, keys = verify(envelopes["contract"], "contract")
assert text == (here / "../contract/good.toml").read_bytes()
assert hashlib.sha256(text).hexdigest() == run["contract_id"]
assert keys == sorted(parties.values())

proposal, keys = verify(envelopes["proposal"], "proposal")
proposal = json.loads(proposal)
assert keys == [key_of(proposal["enclave_key"])] and proposal["contract"] == run["contract_id"]
assert labelled("sha256", "sealroom/1 proposal", canonical(proposal)).hex() == run["proposal_id"]
signers = {"request": "institute", "statement": "overseer", "stop": "zurich"}
for kind, signer in signers.items():
    payload, keys = verify(envelopes[kind], kind)
    assert keys == [parties[signer]] and json.loads(payload)["contract"] == run["contract_id"], kind

granted = {}
for name in ("cleveland", "zurich", "institute"):
    payload, keys = verify(envelopes[f"grant of {name}"], "grant")
    grant = json.loads(payload)
    assert keys == [parties[name]] and grant["party"] == name and grant["proposal"] == run["proposal_id"]
    granted[name] = envelopes[f"grant of {name}"]

for name, grants in (("complete", 3), ("void", 2)):
    payload, keys = verify(envelopes[f"receipt, {name}"], "receipt")
    receipt = json.loads(payload)
    assert receipt["outcome"] == name and receipt["proposal"] == proposal and keys == [key_of(proposal["enclave_key"])]
    assert [canonical(grant).decode() for grant in receipt["grants"]] == list(granted.values())[:grants]
    if name == "complete":
        assert labelled("sha256", "sealroom/1 receipt", payload).hex() == run["receipt_id"]

refused = json.loads((here / "refused.json").read_text())
for row in refused:
    changed = envelopes["contract"].replace(row["find"], row["with"], 1)
    assert changed != envelopes["contract"], row["name"]
    try:
        verify(changed, "contract")
    except (AssertionError, ValueError, TypeError, KeyError, InvalidSignature):
        continue
    raise AssertionError(f"accepted with {row['name']}")

print(f"{len(hashes['hashes'])} hashes, {len(hashes['report_data'])} report data, {len(envelopes)} envelopes hold, {len(refused)} are refused")
