#!/usr/bin/env python3
"""A second implementation of protocol/spec/objects.md, which shares no code with the first.

  make.py                 makes every vector again and compares it with the files here; exit 1 where one differs
  make.py --write         writes objects.json and refused.json
  make.py --write-foreign writes foreign.json (new salts each time, so it is not compared but decrypted)

Needs `pip install "cryptography>=50" blake3`.
"""

import hashlib
import json
import pathlib
import struct
import sys

import blake3
import cryptography
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

HERE = pathlib.Path(__file__).parent
CHUNK, TAG, PREFIX = 16_384, 16, 56
GROUP = 64 * (CHUNK + TAG)
MAX_BODY = PREFIX + 2**27 * (CHUNK + TAG) - 1
LENGTHS = [0, 1, 700, CHUNK - 1, CHUNK, CHUNK + 1, 64 * CHUNK - 1, 64 * CHUNK, 64 * CHUNK + 1, 130 * CHUNK + 12_345]
HEADERS = [b"", b'{"name":"patients"}', b"\0\xff" * 300]


def lp(data):
    return struct.pack("<I", len(data)) + data


def stream(label, length):
    """Reproducible bytes: BLAKE3 in extendable-output mode."""
    return blake3.blake3(label.encode()).digest(length=length)


def context(header):
    return lp(b"sealroom/1 object") + lp(header)


def encrypt(key, salt, header, plaintext):
    output = HKDFExpand(
        algorithm=hashes.SHA512(),
        length=32 + 12 + 32,
        info=b"c2sp.org/chunked-encryption@v1+" + b"AEAD_AES_256_GCM" + b"\0" + salt + context(header),
    ).derive(key)
    chunk_key, base_nonce, commitment = output[:32], output[32:44], output[44:]
    aead = AESGCM(chunk_key)
    body = salt + commitment
    for number in range(len(plaintext) // CHUNK + 1):
        nonce = (int.from_bytes(base_nonce, "big") ^ number).to_bytes(12, "big")
        body += aead.encrypt(nonce, plaintext[number * CHUNK : (number + 1) * CHUNK], None)
    return body


def groups(body):
    return b"".join(
        blake3.blake3(body[start : start + GROUP]).digest() for start in range(PREFIX, len(body), GROUP)
    )


def manifest(header, body):
    return b"SEALOBJ1" + lp(header) + body[:PREFIX] + struct.pack("<Q", len(body)) + groups(body)


def object_id(header, body):
    fields = [b"sealroom/1 object id", header, body[:PREFIX], struct.pack("<Q", len(body)), groups(body)]
    return hashlib.sha256(b"".join(map(lp, fields))).hexdigest()


def decrypt_with_cryptography(key, header, body):
    decryptor = Cobblestone256Decryptor(key, context(header))
    return decryptor.update(body) + decryptor.finalize()


def described(key, header, plaintext_name, plaintext, body):
    vector = {
        "key": key.hex(),
        "salt": body[:24].hex(),
        "header": header.hex(),
        "plaintext": plaintext_name,
        "plaintext_length": len(plaintext),
        "plaintext_sha256": hashlib.sha256(plaintext).hexdigest(),
        "body_length": len(body),
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "manifest": manifest(header, body).hex(),
        "id": object_id(header, body),
    }
    if len(body) <= 1_000:
        vector["body"] = body.hex()
    return vector


def objects():
    vectors = []
    for number, length in enumerate(LENGTHS):
        name = f"object vector {number}"
        header = HEADERS[number % len(HEADERS)]
        key, salt = stream(name + " key", 32), stream(name + " salt", 24)
        plaintext = stream(name, length)
        body = encrypt(key, salt, header, plaintext)
        assert decrypt_with_cryptography(key, header, body) == plaintext
        vectors.append(described(key, header, name, plaintext, body))
    return vectors


def refused():
    header = b"h"
    body = encrypt(bytes(32), bytes(24), header, b"")
    good = manifest(header, body)
    length_at, list_at = len(good) - 40, len(good) - 32

    def stating(length):
        return good[:length_at] + struct.pack("<Q", length) + good[list_at:]

    def with_header_length(length):
        return good[:8] + struct.pack("<I", length) + good[12:]

    cases = [
        ("nothing", b"", "Magic"),
        ("a magic of seven bytes", good[:7], "Magic"),
        ("another version", b"SEALOBJ2" + good[8:], "Magic"),
        ("a byte before the magic", b"\0" + good, "Magic"),
        ("the magic alone", good[:8], "ManifestTruncated"),
        ("half a header length", good[:10], "ManifestTruncated"),
        ("a header one byte over the limit", with_header_length(65_537), "HeaderTooLong"),
        ("the longest header length", with_header_length(2**32 - 1), "HeaderTooLong"),
        ("a header longer than the manifest", with_header_length(65_536), "ManifestTruncated"),
        ("half a prefix", good[:40], "ManifestTruncated"),
        ("half a body length", good[: length_at + 4], "ManifestTruncated"),
        ("a body without prefix", stating(0), "BodyLength"),
        ("a body without chunk", stating(56), "BodyLength"),
        ("a last chunk shorter than a tag", stating(71), "BodyLength"),
        ("a full last chunk", stating(56 + 16_400), "BodyLength"),
        ("a second chunk shorter than a tag", stating(56 + 16_400 + 15), "BodyLength"),
        ("a body one byte over the limit", stating(MAX_BODY + 1), "BodyTooLong"),
        ("the longest body length", stating(2**64 - 1), "BodyTooLong"),
        ("the longest body with a short list", stating(MAX_BODY), "ListLength"),
        ("no list", good[:list_at], "ListLength"),
        ("half a digest", good[:-16], "ListLength"),
        ("a trailing byte", good + b"\0", "ListLength"),
        ("a digest too many", good + bytes(32), "ListLength"),
    ]
    return [{"name": name, "manifest": data.hex(), "expect": expect} for name, data, expect in cases]


def foreign():
    vectors = []
    for number, length in enumerate([0, 5, CHUNK, 65 * CHUNK + 3]):
        name = f"foreign vector {number}"
        header = HEADERS[number % len(HEADERS)]
        key, plaintext = stream(name + " key", 32), stream(name, length)
        # Only the salt and what the package made of it are kept: the rest follows from them.
        encryptor = Cobblestone256Encryptor(key, context(header))
        body = encryptor.update(plaintext) + encryptor.finalize()
        vectors.append({"by": f"cryptography {cryptography.__version__}"} | described(key, header, name, plaintext, body))
    return vectors


def check_foreign(vectors):
    """The foreign bodies are what this script makes of their salts, so the three implementations agree."""
    for vector in vectors:
        key, header = bytes.fromhex(vector["key"]), bytes.fromhex(vector["header"])
        plaintext = stream(vector["plaintext"], vector["plaintext_length"])
        body = encrypt(key, bytes.fromhex(vector["salt"]), header, plaintext)
        assert decrypt_with_cryptography(key, header, body) == plaintext
        if {"by": vector["by"]} | described(key, header, vector["plaintext"], plaintext, body) != vector:
            return False
    return True


def text(vectors):
    return json.dumps(vectors, indent=1) + "\n"


def main():
    made = {"objects.json": text(objects()), "refused.json": text(refused())}
    if "--write" in sys.argv:
        for name, content in made.items():
            (HERE / name).write_text(content)
    if "--write-foreign" in sys.argv:
        (HERE / "foreign.json").write_text(text(foreign()))
    differs = [name for name, content in made.items() if (HERE / name).read_text() != content]
    if not check_foreign(json.loads((HERE / "foreign.json").read_text())):
        differs.append("foreign.json")
    for name in differs:
        print(f"{name} differs from what this script makes")
    if differs:
        sys.exit(1)
    print(f"objects.json, refused.json and foreign.json agree (cryptography {cryptography.__version__})")


main()
