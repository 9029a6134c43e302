"""Writes ../launches.json: launch measurements of SEV-SNP guests by an implementation that is not ours.

How it was made (once; the tests only read the result):

    pip install sev-snp-measure==0.0.13
    python3 launches.py FOLDER > ../launches.json
    cargo run -- launches ../launches.json FOLDER     # adds the column of the crate `sev`

FOLDER has ovmf_AmdSev_suffix.bin and ovmf_OvmfX64_suffix.bin, the last pages of two builds of OVMF, which the crate `sev`
8.0.0 carries under tests/measurement. A firmware of several pages is one of them behind pages with a pattern.
"""

import itertools
import json
import pathlib
import sys
import tempfile

from sevsnpmeasure import guest, vcpu_types
from sevsnpmeasure.sev_mode import SevMode
from sevsnpmeasure.vmm_types import VMMType

KERNEL = "a kernel, as far as a hash can tell\n"
INITRD = "an initrd\n" * 8
COMMAND_LINE = "console=ttyS0 loglevel=7 root=/dev/vda1 ro"

AMD, X64 = "ovmf_AmdSev_suffix.bin", "ovmf_OvmfX64_suffix.bin"


def pattern(pages: int) -> bytes:
    """Byte number i is the low byte of i * 7 + i / 4096."""
    return bytes((i * 7 + i // 4096) & 0xFF for i in range(pages * 4096))


def cases():
    def case(firmware=AMD, pages_before=0, vcpus=1, vmm="qemu", vcpu="EPYC-v4", boot=None, guest_features=1):
        kernel, initrd, command_line = boot or (None, None, None)
        return dict(firmware=firmware, pages_before=pages_before, vcpus=vcpus, vmm=vmm,
                    vcpu=vcpu if vmm == "qemu" else None, kernel=kernel, initrd=initrd,
                    command_line=command_line, guest_features=guest_features)

    boots = [None, (KERNEL, None, None), (KERNEL, INITRD, None), (KERNEL, None, COMMAND_LINE),
             (KERNEL, INITRD, COMMAND_LINE)]
    for vcpus, boot in itertools.product((1, 2, 4), boots):
        yield case(vcpus=vcpus, boot=boot)
    for vcpu in ("EPYC", "EPYC-IBPB", "EPYC-Rome", "EPYC-Rome-v3", "EPYC-Milan", "EPYC-Milan-v2", "EPYC-Genoa",
                 "EPYC-Genoa-v1", "EPYC-Turin"):
        yield case(vcpu=vcpu, vcpus=2, boot=boots[-1])
    for guest_features in (0x21, 0x201, 0xC221):
        yield case(guest_features=guest_features, boot=boots[-1])
    for vmm, vcpus in itertools.product(("ec2", "gce"), (1, 2, 4, 192)):
        yield case(vmm=vmm, vcpus=vcpus)
        yield case(vmm=vmm, vcpus=vcpus, firmware=X64, pages_before=3)
    for pages_before, vcpus in ((0, 1), (1, 2), (511, 4)):
        yield case(firmware=X64, pages_before=pages_before, vcpus=vcpus, vcpu="EPYC-Milan")
        yield case(firmware=AMD, pages_before=pages_before, vcpus=vcpus, vcpu="EPYC-Genoa", boot=boots[-1])


def digest(case, folder, scratch):
    firmware = scratch / "firmware"
    firmware.write_bytes(pattern(case["pages_before"]) + (folder / case["firmware"]).read_bytes())

    def file(name):
        if case[name] is None:
            return None
        (scratch / name).write_text(case[name])
        return str(scratch / name)

    vmm = {"qemu": VMMType.QEMU, "ec2": VMMType.ec2, "gce": VMMType.gce}[case["vmm"]]
    signature = vcpu_types.CPU_SIGS[case["vcpu"]] if case["vcpu"] else 0
    return guest.calc_launch_digest(SevMode.SEV_SNP, case["vcpus"], signature, str(firmware), file("kernel"),
                                    file("initrd"), case["command_line"], case["guest_features"], vmm_type=vmm).hex()


def main():
    folder = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        launches = [case | {"sev_snp_measure": digest(case, folder, pathlib.Path(scratch))} for case in cases()]
    print(json.dumps(launches, indent=1))


main()
