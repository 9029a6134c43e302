"""verify_receipt.py RECEIPT: verifies what `sealroom receipt verify` does, without Sealroom. It does NOT appraise: that the enclave's
key is an enclave's, only its Evidence says. Needs Python 3.11 and the package cryptography. Exit 0 only if everything holds."""
import base64, hashlib, json, sys, tomllib  # noqa: E401
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
def raw(text):  # ed25519:BASE64 to 32 bytes
    return base64.b64decode(text.removeprefix("ed25519:"), validate=True)

def signed(envelope, kind, keys):  # DSSE: exactly these keys signed this payload of this type; gives the payload
    payload, media = base64.b64decode(envelope["payload"], validate=True), "application/vnd.sealroom." + kind
    assert envelope["payloadType"] == media, f"expected {media}, found {envelope['payloadType']}"
    message = b"DSSEv1 %d %s %d %s" % (len(media), media.encode(), len(payload), payload)
    assert sorted(s["keyid"] for s in envelope["signatures"]) == sorted(k.hex() for k in keys), f"{kind}: other signers than expected"
    for s in envelope["signatures"]:  # raises InvalidSignature
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(s["keyid"])).verify(base64.b64decode(s["sig"], validate=True), message)
    return payload

def canonical(value):  # as the enclave wrote it: fields in their order, no blanks
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()

def identifier(label, payload):  # SHA-256 over label and payload, each behind its length
    return hashlib.sha256(b"".join(len(p).to_bytes(4, "little") + p for p in (label.encode(), payload))).hexdigest()

bundle = json.load(open(sys.argv[1], encoding="utf-8"))
contract = tomllib.loads(base64.b64decode(bundle["contract"]["payload"]).decode())
keys = {party["name"]: raw(party["signing_key"]) for party in contract["party"]}
contract_id = hashlib.sha256(signed(bundle["contract"], "contract.v1+toml", keys.values())).hexdigest()
receipt = json.loads(base64.b64decode(bundle["receipt"]["payload"]))
proposal = receipt["proposal"]
payload = signed(bundle["receipt"], "receipt.v1+json", [raw(proposal["enclave_key"])])
assert canonical(receipt) == payload and receipt["contract"] == proposal["contract"] == contract_id, "of another contract, or not canonical"
proposal_id, data = identifier("sealroom/1 proposal", canonical(proposal)), [p for p in contract["party"] if "data" in p["roles"]]
asking = [p for p in contract["party"] if "request" in p["roles"] and p not in data and contract["program"].get("choices")]
granted = [json.loads(base64.b64decode(grant["payload"])) for grant in receipt["grants"]]
granting, names = [p["name"] for p in data + asking], [grant["party"] for grant in granted]
assert names == [n for n in granting if n in names] and (names == granting or receipt["outcome"] == "void"), f"grants by {names}, not {granting}"
for envelope, grant in zip(receipt["grants"], granted):
    signed(envelope, "grant.v1+json", [keys[grant["party"]]])
    assert (grant["contract"], grant["proposal"], grant["run"]) == (contract_id, proposal_id, proposal["run"]), f"{grant['party']}: another run"
assert not receipt["outputs"] or [(o["name"], o["recipients"]) for o in receipt["outputs"]] == [(r["name"], r["recipients"]) for r in contract["result"]]
print(f"receipt {identifier('sealroom/1 receipt', payload)}: {receipt['outcome']}, run {proposal['run']}, granted by {', '.join(names)}; NOT appraised")
