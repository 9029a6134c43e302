//! Policies of every platform that is exported, from numbers: the same number gives the same values.

use sealroom_attestation::Policy;
use serde_json::{Value, json};

/// Numbers that look like chance, of a seed.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) fn hex(&mut self, bytes: usize) -> String {
        (0..bytes).map(|_| format!("{:02x}", self.next() & 0xff)).collect()
    }

    fn list(&mut self, one: impl Fn(&mut Self) -> Value) -> Value {
        let count = 1 + self.below(3);
        (0..count).map(|_| one(self)).collect()
    }

    fn digests(&mut self, bytes: usize) -> Value {
        self.list(|numbers| numbers.hex(bytes).into())
    }

    /// One time in three it is skipped.
    fn rule(&mut self, one: impl Fn(&mut Self) -> Value) -> Value {
        if self.below(3) == 0 { json!({ "skip": "left open here" }) } else { one(self) }
    }

    fn measurements(&mut self, algorithm: &str, bytes: usize) -> Value {
        let algorithm = algorithm.to_owned();
        self.list(move |numbers| format!("{algorithm}:{}", numbers.hex(bytes)).into())
    }

    fn bits(&mut self, names: &[&str]) -> Value {
        let (mut set, mut clear) = (Vec::new(), Vec::new());
        for name in names {
            match self.below(3) {
                0 => set.push(*name),
                1 => clear.push(*name),
                _ => {}
            }
        }
        json!({ "set": set, "clear": clear })
    }
}

const SIMULATED: &str = "sha256:0101010101010101010101010101010101010101010101010101010101010101";
const SKIP: &str = "left open here";

/// A key on P-256, as an Arm platform has one.
pub(crate) const PLATFORM_KEY: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

/// Block names of one policy.
pub(crate) const PLATFORMS: [&str; 5] = ["amd-sev-snp", "intel-tdx", "intel-sgx", "aws-nitro", "arm-cca"];

pub(crate) fn block(platform: &str, name: &str, numbers: &mut Numbers) -> Value {
    let anchor = json!({ "fingerprint": SIMULATED, "simulated": true });
    match platform {
        "amd-sev-snp" => snp(name, anchor, numbers),
        "intel-tdx" => tdx(name, anchor, numbers),
        "intel-sgx" => sgx(name, anchor, numbers),
        "aws-nitro" => nitro(name, anchor, numbers),
        _ => cca(name, anchor, numbers),
    }
}

/// A policy of blocks, each with its platform.
pub(crate) fn policy(blocks: &[(&str, Value)]) -> Policy {
    let mut accept = json!({});
    for (platform, block) in blocks {
        let place = &mut accept[*platform];
        if place.is_null() {
            *place = json!([]);
        }
        place.as_array_mut().unwrap().push(block.clone());
    }
    let text = json!({ "version": 1, "name": "a policy", "accept": accept }).to_string();
    Policy::from_json(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A policy of one block.
pub(crate) fn one(platform: &str, seed: u64) -> Policy {
    policy(&[(platform, block(platform, "release 1", &mut Numbers::new(seed)))])
}

fn firmware(numbers: &mut Numbers) -> Value {
    let mut part = || numbers.below(256);
    json!({ "fmc": part(), "bootloader": part(), "tee": part(), "snp": part(), "microcode": part() })
}

fn snp(name: &str, anchor: Value, numbers: &mut Numbers) -> Value {
    json!({
        "name": name,
        "trust_anchor": anchor,
        "report_versions": [3, 5],
        "signing_keys": ["vcek"],
        "revocation": "required",
        "visible_chip_id": "required",
        "measurements": numbers.measurements("sha384", 48),
        "machines": { "skip": SKIP },
        "minimum_firmware": numbers.rule(firmware),
        "minimum_launch_firmware": numbers.rule(firmware),
        "committed_firmware": "required",
        "guest_policy": numbers.bits(&["smt", "single-socket", "ciphertext-hiding"]),
        "minimum_guest_abi": numbers.rule(|numbers| json!({ "major": numbers.below(3), "minor": numbers.below(60) })),
        "platform_info": numbers.bits(&["smt", "tsme", "ecc", "alias-check-complete"]),
        "maximum_vmpl": numbers.below(4),
        "host_data": numbers.rule(|numbers| numbers.digests(32)),
        "images": numbers.rule(|numbers| numbers.list(|numbers| json!({ "family_id": numbers.hex(16), "image_id": numbers.hex(16) }))),
        "minimum_guest_svn": numbers.rule(|numbers| numbers.below(1 << 32).into()),
        "id_key_digests": numbers.rule(|numbers| numbers.digests(48)),
        "author_key_digests": { "skip": SKIP },
        "mitigations": numbers.rule(|numbers| json!({ "launch": numbers.next(), "current": numbers.next() })),
    })
}

fn intel_platform() -> Value {
    json!({
        "quote_versions": [4, 5],
        "revocation": "required",
        "tcb_statuses": ["UpToDate"],
        "tcb_age": { "grace_seconds": 0 },
        "rejected_advisories": { "skip": SKIP },
        "sgx_types": { "skip": SKIP },
        "dynamic_platform": { "skip": SKIP },
        "cached_keys": { "skip": SKIP },
        "smt": { "skip": SKIP },
        "machines": { "skip": SKIP },
    })
}

fn tdx(name: &str, anchor: Value, numbers: &mut Numbers) -> Value {
    let mut register = || numbers.rule(|numbers| numbers.digests(48));
    let registers = [register(), register(), register(), register()];
    json!({
        "name": name,
        "trust_anchor": anchor,
        "platform": intel_platform(),
        "minimum_module": numbers.rule(|numbers| json!({ "major": numbers.below(256), "svn": numbers.below(256) })),
        "seam_measurements": numbers.rule(|numbers| json!([numbers.hex(48)])),
        "attributes": numbers.bits(&["sept-ve-disable", "pks"]),
        "xfam": numbers.bits(&["x87", "sse", "avx"]),
        "measurements": [format!("sha384:{}", numbers.hex(48))],
        "runtime_registers": registers,
        "event_log": { "skip": SKIP },
        "config_ids": numbers.rule(|numbers| json!([numbers.hex(48)])),
        "owners": { "skip": SKIP },
        "owner_configs": numbers.rule(|numbers| json!([numbers.hex(48)])),
        "service_tds": numbers.rule(|numbers| json!([numbers.hex(48)])),
    })
}

fn sgx(name: &str, anchor: Value, numbers: &mut Numbers) -> Value {
    json!({
        "name": name,
        "trust_anchor": anchor,
        "platform": intel_platform(),
        "identities": numbers.list(|numbers| match numbers.below(2) {
            0 => json!({ "measurement": format!("sha256:{}", numbers.hex(32)) }),
            _ => json!({ "signer": {
                "signer": numbers.hex(32), "product_id": numbers.below(1 << 16), "minimum_svn": numbers.below(1 << 16),
            } }),
        }),
        "attributes": numbers.bits(&["mode64bit", "kss", "aex-notify"]),
        "xfrm": numbers.rule(|numbers| numbers.bits(&["x87", "sse", "avx", "pasid"])),
        "misc_select": numbers.rule(|numbers| numbers.bits(&["bit-0", "bit-1", "bit-31"])),
        "config_ids": numbers.rule(|numbers| numbers.digests(64)),
        "minimum_config_svn": numbers.rule(|numbers| numbers.below(1 << 16).into()),
        "extended_product_ids": numbers.rule(|numbers| numbers.digests(16)),
        "family_ids": numbers.rule(|numbers| numbers.digests(16)),
    })
}

fn nitro(name: &str, anchor: Value, numbers: &mut Numbers) -> Value {
    let registers: Vec<Value> = [1, 2, 8].map(|index| json!({ "index": index, "values": numbers.digests(48) })).into();
    json!({
        "name": name,
        "trust_anchor": anchor,
        "measurements": numbers.measurements("sha384", 48),
        "registers": registers,
        "timestamp": { "maximum_seconds": 300, "skew_seconds": 5 },
        "machines": { "skip": SKIP },
        "challenge_field": "nonce",
        "nonce": { "skip": SKIP },
        "user_data": numbers.rule(|numbers| json!([numbers.hex(0), numbers.hex(7)])),
        "public_key": { "skip": SKIP },
    })
}

fn cca(name: &str, anchor: Value, numbers: &mut Numbers) -> Value {
    let signed = |numbers: &mut Numbers| json!({ "measurement": numbers.hex(48), "signer_id": numbers.hex(32) });
    let components: Vec<Value> =
        ["", "BL", "a/b"].map(|name| json!({ "component_type": name, "values": numbers.list(signed) })).into();
    let measured: Vec<Value> =
        [0, 3].map(|index| json!({ "index": index, "values": numbers.measurements("sha512", 64) })).into();
    json!({
        "name": name,
        "trust_anchor": anchor,
        "platform_key": PLATFORM_KEY,
        "instance_id": format!("01{}", "ab".repeat(32)),
        "profiles": ["tag:arm.com,2023:cca_platform#1.0.0"],
        "implementation_ids": [numbers.hex(32)],
        "platform_configs": numbers.rule(|numbers| json!([numbers.hex(5)])),
        "components": components,
        "measurements": numbers.measurements("sha256", 32),
        "extensible_measurements": measured,
        "personalization_values": numbers.rule(|numbers| json!([numbers.hex(64)])),
    })
}
