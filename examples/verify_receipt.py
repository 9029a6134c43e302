"""verify_receipt.py RECEIPT: verifies a receipt's signatures and bindings without Sealroom, but for what a statement or stop says. It does NOT
appraise: that the key is an enclave's, only its Evidence says. Needs Python 3.11 and the package cryptography. Exit 0 only if all holds."""
import base64, hashlib, json, sys, tomllib  # noqa: E401
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
def need(holds, what):  # not assert: python -O leaves those out
    if not holds: sys.exit(f"REFUSED: {what}")  # noqa: E701
def raw(text):  # ed25519:BASE64 to 32 bytes
    return base64.b64decode(text.removeprefix("ed25519:"), validate=True)
def signed(envelope, kind, keys):  # DSSE: exactly these keys signed this payload of this type; gives the payload
    payload, media = base64.b64decode(envelope["payload"], validate=True), "application/vnd.sealroom." + kind
    need(envelope["payloadType"] == media, f"expected {media}, found {envelope['payloadType']}")
    need(sorted(s["keyid"] for s in envelope["signatures"]) == sorted(k.hex() for k in keys), f"{kind}: other signers than expected")
    message = b"DSSEv1 %d %s %d %s" % (len(media), media.encode(), len(payload), payload)
    for s in envelope["signatures"]:  # raises InvalidSignature
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(s["keyid"])).verify(base64.b64decode(s["sig"], validate=True), message)
    return payload
def canonical(value):  # as the enclave wrote it: fields in their order, no blanks
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
def identifier(label, payload):  # SHA-256 over label and payload, each behind its length
    return hashlib.sha256(b"".join(len(p).to_bytes(4, "little") + p for p in (label.encode(), payload))).hexdigest()
b = json.load(open(sys.argv[1], encoding="utf-8"))
contract, r = tomllib.loads(base64.b64decode(b["contract"]["payload"]).decode()), json.loads(base64.b64decode(b["receipt"]["payload"]))
keys, p = {party["name"]: raw(party["signing_key"]) for party in contract["party"]}, r["proposal"]
cid = hashlib.sha256(signed(b["contract"], "contract.v1+toml", keys.values())).hexdigest()
payload = signed(b["receipt"], "receipt.v1+json", [raw(p["enclave_key"])])
need(canonical(r) == payload and r["contract"] == p["contract"] == cid, "of another contract, or not canonical")
complete, pid = r["outcome"] == "complete", identifier("sealroom/1 proposal", canonical(p))
need(r["ending"] in (["released", "failed", "stopped"] if complete else ["stopped", "expired", "abandoned"]), "this outcome has no such ending")
need(0 <= p["head_run"] < p["run"] and (p["head"] is None) == (p["head_run"] == 0) and r["gap"] == list(range(p["head_run"] + 1, p["run"]))[:64], "run, head and gap")
need([d["name"] for d in p["datasets"]] == [d["name"] for d in contract["dataset"]], "other datasets than the contract's")
having = lambda role: [q["name"] for q in contract["party"] if role in q["roles"]]  # noqa: E731
granting = having("data") + [n for n in having("request") if n not in having("data") and contract["program"].get("choices")]
grants = {g["party"]: g for g in (json.loads(base64.b64decode(e["payload"])) for e in r["grants"])}
need([n for n in granting if n in grants] == list(grants) and len(grants) == len(r["grants"]) and (list(grants) == granting or not complete), f"grants by {list(grants)}")
for e, (name, g) in zip(r["grants"], grants.items()):
    need(signed(e, "grant.v1+json", [keys[name]]) and (g["contract"], g["proposal"], g["run"]) == (cid, pid, p["run"]), f"{name}: granted another run")
need([(o["name"], o["recipients"]) for o in r["outputs"]] == ([(o["name"], o["recipients"]) for o in contract["result"]] if r["ending"] == "released" else []), "outputs")
after = [max(c["before"] + 1, grants[c["party"]]["count"]) if complete else c["before"] for c in r["counts"]]
need([c["party"] for c in r["counts"]] == granting and [c["after"] for c in r["counts"]] == after and max(after, default=0) <= contract["limits"]["runs"], "counts")
print(f"receipt {identifier('sealroom/1 receipt', payload)}: {r['outcome']}, run {p['run']}, granted by {', '.join(grants)}; NOT appraised")
