"""Makes the vectors of this folder with log.py, and checks that what is to be refused is.

  make.py          makes log.json again and compares; exit 1 where something differs
  make.py --write  writes log.json
"""

import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from log import LOG, WITNESS, b64, checkpoint, climb, known, line, note, path, proof, root, sha256, subproof, verify, vkey

HERE = pathlib.Path(__file__).parent


def make():
    entries = [bytes([n]) * n for n in range(18)]
    leaves = [sha256(b"\0", entry) for entry in entries]
    sizes = range(len(leaves) + 1)
    origin, seeds, times = "sealroom/1/log/" + "5a" * 32, [bytes([n]) * 32 for n in (1, 2, 3)], (1_767_225_600, 1_767_225_601)
    names, kinds = [origin, "witness.example/w1", "witness.example/w2"], [LOG, WITNESS, WITNESS]
    public = [Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw() for seed in seeds]
    text = f"{origin}\n11\n{b64(root(leaves[:11]))}\n"
    signatures = [line(*key, text, time) for key, time in zip(zip(names, kinds, seeds), (0, *times))]
    signed = note(text, *signatures)
    hashes = lambda found: "".join(f"{b64(digest)}\n" for digest in found)
    return {
        "entries": [entry.hex() for entry in entries],
        "roots": [b64(root(leaves[:size])) for size in sizes],
        "inclusion": [[list(map(b64, path(m, leaves[:size]))) for m in range(size)] for size in sizes],
        "consistency": [[list(map(b64, subproof(m, leaves[:size], True))) if m else [] for m in range(size + 1)] for size in sizes],
        "seeds": [seed.hex() for seed in seeds],
        "times": times,
        "keys": [vkey(*key) for key in zip(names, kinds, public)],
        "checkpoint": note(text, signatures[0]),
        "cosigned": signed,
        "proof": f"c2sp.org/tlog-proof@v1\nindex 6\n{hashes(path(6, leaves[:11]))}\n{signed}",
        "request": f"old 5\n{hashes(subproof(5, leaves[:11], True))}\n{note(text, signatures[0])}",
    }


made, file, refused = make(), HERE / "log.json", json.loads((HERE / "refused.json").read_text())
if sys.argv[1:] == ["--write"]:
    file.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
assert json.loads(json.dumps(made)) == json.loads(file.read_text()), "log.json differs"
for row in refused:
    changed = made[row["of"]].replace(row["find"], row["with"]) if isinstance(made[row["of"]], str) else row["with"]
    assert changed != made[row["of"]], row["name"]
    try:
        if row["of"] == "keys":
            known(changed)
        else:
            index, hashes, signed = proof(changed) if row["of"] == "proof" else (0, [], changed)
            text, signers = verify(signed, made["keys"])
            origin, size, digest = checkpoint(text)
            assert origin in signers and len(signers) == 3, "under-cosigned"
            assert row["of"] != "proof" or climb(sha256(b"\0", bytes.fromhex(made["entries"][index])), index, size, hashes) == digest
    except (AssertionError, ValueError, IndexError, InvalidSignature):
        continue
    sys.exit(f"accepted with {row['name']}")
print(f"{len(made['roots'])} roots, {sum(map(len, made['inclusion']))} inclusion proofs, {len(refused)} refused")
