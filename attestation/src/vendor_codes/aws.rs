//! What the Nitro Security Module answers.

use super::{VendorTable, word};

pub(super) static SECURITY_MODULE: VendorTable = VendorTable {
    title: "AWS Nitro Security Module",
    source: "AWS, aws-nitro-enclaves-nsm-api, ErrorCode",
    codes: &[
        word(
            "InvalidArgument",
            "An argument of the request is wrong.",
            "user_data has at most 512 bytes, nonce at most 512, public_key at most 1024",
        ),
        word("InvalidIndex", "There is no register of this number.", "name one of PCR 0 to 31"),
        word(
            "InvalidResponse",
            "The answer does not belong to the request.",
            "one process at a time talks to /dev/nsm; see that driver and library are of one release",
        ),
        word(
            "ReadOnlyIndex",
            "The register is locked: it can not be extended any more.",
            "PCR 0 to 15 are locked from the start; extend one of 16 to 31 before it is locked",
        ),
        word(
            "InvalidOperation",
            "The module can not do what was asked for.",
            "see what DescribeNSM says of its version",
        ),
        word("BufferTooSmall", "It was done, and the answer did not fit.", "give a larger buffer and ask again"),
        word("InputTooLarge", "What was handed over is too large.", "hand over a digest of it"),
        word("InternalError", "The module failed.", "try again; if it stays, start the enclave on another instance"),
    ],
};
