//! Bits of an enclave's ATTRIBUTES.FLAGS (Intel SDM volume 3D, table "Layout of ATTRIBUTES Structure").

/// The enclave was initialised. Demanded whatever a policy says.
pub const INIT: u64 = 1;
/// The host may debug it: it reads the enclave's memory. Refused whatever a policy says.
pub const DEBUG: u64 = 1 << 1;
/// It runs in 64-bit mode.
pub const MODE64BIT: u64 = 1 << 2;
/// It can get the provisioning key, which tells machines apart. Refused unless a policy wants it set.
pub const PROVISION_KEY: u64 = 1 << 4;
/// It can get the key for launch tokens.
pub const LAUNCH_KEY: u64 = 1 << 5;
/// It was measured with control-flow enforcement.
pub const CET: u64 = 1 << 6;
/// It uses key separation and sharing.
pub const KSS: u64 = 1 << 7;
/// It is told of asynchronous exits.
pub const AEX_NOTIFY: u64 = 1 << 10;

/// Every bit with a name here.
pub const KNOWN: u64 = INIT | DEBUG | MODE64BIT | PROVISION_KEY | LAUNCH_KEY | CET | KSS | AEX_NOTIFY;

pub(crate) const NAMES: [(u64, &str); 8] = [
    (INIT, "init"),
    (DEBUG, "debug"),
    (MODE64BIT, "mode64bit"),
    (PROVISION_KEY, "provision-key"),
    (LAUNCH_KEY, "launch-key"),
    (CET, "cet"),
    (KSS, "kss"),
    (AEX_NOTIFY, "aex-notify"),
];
