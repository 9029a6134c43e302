"""Reads sealed storage by protocol/spec/sealed.md, as a second implementation: standard library and `cryptography` alone.

    python3 read.py version-1.txt

Says what is in the store that the file's pointer names, and in its single. It has the sealing keys only because the vectors'
platform derives them from nothing but public numbers (PLATFORM below); a real platform's never leave it.
"""

import hashlib
import struct
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

MACHINE, MEASUREMENT, SIGNER = 1, 1, 1
KINDS, LEVELS = {1: "single", 2: "slot", 3: "object", 4: "manifest"}, {0: "none", 1: "session", 2: "witness"}
SUITE = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM"


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, length):
        part = self.data[self.at : self.at + length]
        assert len(part) == length, "cut off"
        self.at += length
        return part

    def number(self, length):
        return int.from_bytes(self.take(length), "little")

    def prefixed(self):
        return self.take(self.number(4))

    def end(self):
        assert self.at == len(self.data), "bytes after the end"


def lp(*fields):
    return b"".join(struct.pack("<I", len(field)) + field for field in fields)


def platform_key(policy, minimum, own):
    to = bytes([0, MEASUREMENT, 0, 0, 0, 0]) if policy == 1 else bytes([1, SIGNER]) + struct.pack("<I", minimum)
    return hashlib.sha256(lp(b"platform", bytes([MACHINE, 0]), to, own)).digest()


class Blob:
    """A blob: its id, which covers all of it, and the fields of its header (sections 2 and 3)."""

    def __init__(self, data):
        blob = Bytes(data)
        assert blob.take(8) == b"SEALBLB1"
        manifest = Bytes(blob.prefixed())
        self.body = data[blob.at :]
        assert manifest.take(8) == b"SEALOBJ1"
        self.header = manifest.prefixed()
        self.prefix, length = manifest.take(56), manifest.number(8)
        digests = manifest.data[manifest.at :]
        assert length == 56 + len(self.body) and len(digests) == 32 * -(-len(self.body) // (64 * 16400))
        fields = (self.header, self.prefix, struct.pack("<Q", length), digests)
        self.id = hashlib.sha256(lp(b"sealroom/1 object id", *fields)).hexdigest()
        header = Bytes(self.header)
        assert header.take(8) == b"SEALHDR1"
        self.kind, self.level = KINDS[header.number(1)], LEVELS[header.number(1)]
        self.store, self.version, self.epoch = header.take(32).hex(), header.number(8), header.number(8)
        self.name, self.slots = header.prefixed().decode(), []
        if self.kind in ("single", "slot"):
            self.policy, self.minimum, self.own = header.number(1), header.number(4), header.prefixed()
        if self.kind == "manifest":
            self.slots = [Blob(header.prefixed()) for _ in range(header.number(1))]
        header.end()

    def plaintext(self, key, label):
        data_key = HKDF(SHA256(), 32, None, lp(label) + lp(self.header)).derive(key)
        context = lp(b"sealroom/1 object") + lp(self.header)
        derived = HKDFExpand(SHA512(), 76, SUITE + b"\0" + self.prefix[:24] + context).derive(data_key)
        assert derived[44:] == self.prefix[24:], "commitment"
        aead, nonce, out = AESGCM(derived[:32]), int.from_bytes(derived[32:44], "big"), []
        for number, place in enumerate(range(0, len(self.body), 16400)):
            chunk = self.body[place : place + 16400]
            out.append(aead.decrypt((nonce ^ number).to_bytes(12, "big"), chunk, None))
        return b"".join(out)

    def sealed(self):
        return self.plaintext(platform_key(self.policy, self.minimum, self.own), b"sealroom/1 sealing key")

    def to(self):
        return "measurement" if self.policy == 1 else f"signer from version {self.minimum}"


def main(path):
    lines = [line.split(" ") for line in open(path, encoding="ascii").read().splitlines()]
    blobs = {name: Blob(bytes.fromhex(data)) for kind, name, data in lines if kind == "blob"}
    for name, blob in blobs.items():
        assert name == blob.id, name
    (single,) = (Blob(bytes.fromhex(data)) for kind, _, data in lines if kind == "single")
    print("single", single.name, "level", single.level, "to", single.to(), "holds", single.sealed().hex())
    ((store, pointer),) = ((name, Bytes(bytes.fromhex(data))) for kind, name, data in lines if kind == "pointer")
    version, digest = pointer.number(8), pointer.take(32).hex()
    pointer.end()
    newest = blobs[digest]
    assert (newest.kind, newest.store, newest.version) == ("manifest", store, version)
    for slot in newest.slots:
        assert (slot.kind, slot.store, slot.epoch) == ("slot", store, newest.epoch)
    keys = {newest.epoch: newest.slots[0].sealed()}
    content = Bytes(newest.plaintext(keys[newest.epoch], b"sealroom/1 sealed object key"))
    before, _needed = content.take(32).hex(), content.number(1)
    owners = [content.take(32).hex() for _ in range(content.number(1))]
    for _ in range(content.number(2)):
        epoch = content.number(8)
        keys[epoch] = content.take(32)
    orders = [content.prefixed() for _ in range(content.number(2))]
    print("store", store, "version", version, "epoch", newest.epoch, "manifest", digest, "level", newest.level)
    print("before", before, "owners", len(owners), "orders", len(orders))
    print("sealed to", ", ".join(slot.to() for slot in newest.slots))
    for _ in range(content.number(4)):
        name, blob = content.prefixed().decode(), blobs[content.take(32).hex()]
        version, epoch, level = content.number(8), content.number(8), LEVELS[content.number(1)]
        assert (blob.kind, blob.name, blob.version, blob.epoch, blob.level) == ("object", name, version, epoch, level)
        inside = blob.plaintext(keys[epoch], b"sealroom/1 sealed object key")
        said = hashlib.sha256(inside).hexdigest()
        print("object", name, blob.id, "version", version, "epoch", epoch, "level", level, "bytes", len(inside), said)
    content.end()


if __name__ == "__main__":
    main(sys.argv[1])
