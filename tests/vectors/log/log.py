"""A second implementation of protocol/spec/log.md, which shares no code with the first: hashlib, base64, json, and the ed25519 of
`cryptography` (tests/requirements.txt).

  log.py LOG PROOF INDEX K VKEY...  checks a log's file and the proof of one of its receipts, with K cosignatures of these witnesses

`make.py` makes the vectors with it.
"""

import base64
import hashlib
import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG, WITNESS = b"\x01", b"\x04"


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def b64(data):
    return base64.b64encode(data).decode()


def unb64(text):
    data = base64.b64decode(text, validate=True)
    assert b64(data) == text
    return data


def split(n):  # RFC 6962 section 2.1: the largest power of two below n
    return 1 << (n - 1).bit_length() - 1


def root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    k = split(len(leaves))
    return sha256(b"\1", root(leaves[:k]), root(leaves[k:]))


def path(m, leaves):  # section 2.1.1, as it is written there
    if len(leaves) < 2:
        return []
    k = split(len(leaves))
    return path(m, leaves[:k]) + [root(leaves[k:])] if m < k else path(m - k, leaves[k:]) + [root(leaves[:k])]


def subproof(m, leaves, whole):  # section 2.1.2
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return subproof(m, leaves[:k], whole) + [root(leaves[k:])]
    return subproof(m - k, leaves[k:], False) + [root(leaves[:k])]


def climb(leaf, index, size, hashes):  # the root that an inclusion proof gives: recursive, from the top
    if size == 1:
        assert not hashes, "too many hashes"
        return leaf
    k = split(size)
    if index < k:
        return sha256(b"\1", climb(leaf, index, k, hashes[:-1]), hashes[-1])
    return sha256(b"\1", hashes[-1], climb(leaf, index - k, size - k, hashes[:-1]))


def key_id(name, kind, public):
    return sha256(name.encode(), b"\n", kind, public)[:4]


def vkey(name, kind, public):
    return f"{name}+{key_id(name, kind, public).hex()}+{b64(kind + public)}"


def known(text):
    name, digits, key = text.split("+", 2)
    key = unb64(key)
    assert len(key) == 33 and key[:1] in (LOG, WITNESS) and key_id(name, key[:1], key[1:]).hex() == digits, "not a verifier key"
    return name, bytes.fromhex(digits), key[:1], key[1:]


def message(kind, time, text):
    return text.encode() if kind == LOG else f"cosignature/v1\ntime {time}\n{text}".encode()


def line(name, kind, seed, text, time=0):
    secret = Ed25519PrivateKey.from_private_bytes(seed)
    stamp = time.to_bytes(8, "big") if kind == WITNESS else b""
    id_ = key_id(name, kind, secret.public_key().public_bytes_raw())
    return f"— {name} {b64(id_ + stamp + secret.sign(message(kind, time, text)))}\n"


def note(text, *lines):
    return text + "\n" + "".join(lines)


def verify(signed, vkeys):  # the text, and which keys signed it; one that did wrongly refuses it
    assert signed.endswith("\n") and not any(c < " " and c != "\n" for c in signed), "no text"
    text, lines = signed[:-1].rsplit("\n\n", 1)
    text, signers = text + "\n", set()
    for entry in lines.split("\n"):
        dash, name, data = entry.split(" ")
        data = unb64(data)
        assert dash == "—" and name and "+" not in name and not any(map(str.isspace, name)) and len(data) > 4, "no signature line"
        for owner, id_, kind, public in map(known, vkeys):
            if (owner, id_) == (name, data[:4]):
                time, signature = (int.from_bytes(data[4:12], "big"), data[12:]) if kind == WITNESS else (0, data[4:])
                assert kind == LOG or 0 < time < 2**63, "no time"
                Ed25519PublicKey.from_public_bytes(public).verify(signature, message(kind, time, text))
                signers.add(name)
    return text, signers


def checkpoint(text):
    origin, size, digest, *rest = text[:-1].split("\n")
    assert origin and str(int(size)) == size and 0 <= int(size) < 2**63 and len(unb64(digest)) == 32 and all(rest), "no checkpoint"
    return origin, int(size), unb64(digest)


def proof(text):  # index, hashes, the note
    head, signed = text.split("\n\n", 1)
    first, index, *hashes = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1" and index == f"index {int(index[6:])}" and len(hashes) <= 63, "no proof"
    return int(index[6:]), list(map(unb64, hashes)), signed


def check_log(log, proof_text, index, needed, vkeys):
    log = json.loads(log)
    payloads = [unb64(receipt["payload"]) for receipt in log["receipts"]]
    leaves = [sha256(b"\0", payload) for payload in payloads]
    first = hashlib.sha256(unb64(log["contract"]["payload"])).hexdigest()
    for signed in (log["checkpoint"], proof(proof_text)[2]):
        text, signers = verify(signed, [log["log_key"], *vkeys])
        origin, size, digest = checkpoint(text)
        assert origin == f"sealroom/1/log/{first}" == known(log["log_key"])[0] and origin in signers, "another log"
        assert len(signers & {known(key)[0] for key in vkeys}) >= needed, "under-cosigned"
        assert root(leaves[:size]) == digest, "another root"
    assert list(map(b64, leaves)) == log["leaves"] and proof(proof_text)[0] == index, "other leaves"
    assert climb(leaves[index], index, size, proof(proof_text)[1]) == digest, "no proof of this receipt"


if __name__ == "__main__":
    log, proof_file, place, needed, *witnesses = sys.argv[1:]
    check_log(pathlib.Path(log).read_text(), pathlib.Path(proof_file).read_text(), int(place), int(needed), witnesses)
    print("the log and the proof hold")
