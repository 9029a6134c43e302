//! TCB info: Intel's signed list of firmware levels of one processor line, and what it says of each ("API for Intel SGX and TDX
//! Provisioning Certification Service", version 4, TCB info version 3). Every key is known; another one is refused, for it could
//! change what the others mean.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

use super::IntelTee;
use super::bounded::{Advisories, AtMost, MAX_LEVELS, MAX_MODULES};
use super::json::{self, CollateralError, Date, HexBytes, Unread, Versioned};
use super::pck::COMPONENTS;
use super::status::{PartStatus, PlatformStatus};

const WHAT: &str = "tcb info";
const VERSION: u32 = 3;

/// A TCB info as it was signed. It proves nothing yet: signature, dates and whose platform it is for are judged in an appraisal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcbInfo {
    /// What Intel signed, as received.
    pub(crate) signed_bytes: Vec<u8>,
    /// Big-endian r, s.
    pub(crate) signature: [u8; 64],
    pub(crate) tee: IntelTee,
    pub(crate) issue_date: u64,
    pub(crate) next_update: u64,
    pub(crate) fmspc: [u8; 6],
    pub(crate) pce_id: [u8; 2],
    pub(crate) evaluation_number: u32,
    /// TDX only.
    pub(crate) module: Option<ModuleIdentity>,
    pub(crate) modules: Vec<VersionedModule>,
    pub(crate) levels: Vec<Level>,
}

/// A firmware level, and what Intel says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) sgx_components: [u8; COMPONENTS],
    /// TDX only.
    pub(crate) tdx_components: Option<[u8; COMPONENTS]>,
    pub(crate) pce_svn: u16,
    pub(crate) status: PlatformStatus,
    pub(crate) date: u64,
    pub(crate) advisories: Vec<String>,
}

/// Who must have signed a TDX module, and with which attributes it must run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModuleIdentity {
    pub(crate) signer: [u8; 48],
    pub(crate) attributes: [u8; 8],
    pub(crate) attributes_mask: [u8; 8],
}

/// The same for one major version of the module, with its levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VersionedModule {
    pub(crate) major: u8,
    pub(crate) identity: ModuleIdentity,
    pub(crate) levels: Vec<PartLevel>,
}

/// A level of a quoting enclave or of a TDX module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartLevel {
    pub(crate) svn: u16,
    pub(crate) status: PartStatus,
    pub(crate) date: u64,
    pub(crate) advisories: Vec<String>,
}

impl TcbInfo {
    /// `signed` is the value of `tcbInfo`, exactly as received.
    pub(super) fn decode(signed: &str, signature: [u8; 64]) -> Result<Self, CollateralError> {
        let document: Document<'_> = json::parse_version(WHAT, VERSION, signed)?;
        let wrong = |problem: &str| CollateralError::Json { what: WHAT, problem: problem.into() };
        let tee = match document.id {
            "SGX" => IntelTee::Sgx,
            "TDX" => IntelTee::Tdx,
            _ => return Err(wrong("id is neither SGX nor TDX")),
        };
        if document.tcb_type != 0 {
            return Err(wrong("tcbType is not 0"));
        }
        let module = document.tdx_module.map(ModuleIdentity::from);
        if module.is_some() != (tee == IntelTee::Tdx) {
            return Err(wrong("tdxModule belongs to TDX and only there"));
        }
        let modules: Option<Vec<_>> =
            document.tdx_module_identities.unwrap_or_default().0.into_iter().map(VersionedModule::read).collect();
        let modules = modules.ok_or_else(|| wrong("a tdx module's id is not TDX_ and two hexadecimal digits"))?;
        let repeated = |(index, module): (usize, &VersionedModule)| {
            modules.iter().skip(index + 1).any(|other| other.major == module.major)
        };
        if modules.iter().enumerate().any(repeated) {
            return Err(wrong("two identities for one version of the tdx module"));
        }
        if tee == IntelTee::Sgx && !modules.is_empty() {
            return Err(wrong("tdxModuleIdentities belongs to TDX only"));
        }
        let levels = document.tcb_levels.map(Level::from);
        if levels.iter().any(|level| level.tdx_components.is_some() != (tee == IntelTee::Tdx)) {
            return Err(wrong("tdxtcbcomponents belongs to each level of TDX and only there"));
        }
        Ok(Self {
            signed_bytes: signed.as_bytes().to_vec(),
            signature,
            tee,
            issue_date: document.issue_date.0,
            next_update: document.next_update.0,
            fmspc: document.fmspc.0,
            pce_id: document.pce_id.0,
            evaluation_number: document.tcb_evaluation_data_number,
            module,
            modules,
            levels,
        })
    }

    /// Which TEE it is for.
    #[must_use]
    pub fn tee(&self) -> IntelTee {
        self.tee
    }

    /// Which processors it is for.
    #[must_use]
    pub fn fmspc(&self) -> &[u8; 6] {
        &self.fmspc
    }

    /// When Intel made it and when the next one is due, in seconds since 1970.
    #[must_use]
    pub fn validity_unix_seconds(&self) -> (u64, u64) {
        (self.issue_date, self.next_update)
    }

    /// Number of the evaluation that it is the outcome of; it counts up.
    #[must_use]
    pub fn evaluation_number(&self) -> u32 {
        self.evaluation_number
    }
}

impl VersionedModule {
    fn read(document: ModuleDocument<'_>) -> Option<Self> {
        let HexBytes([major]) = document.id.strip_prefix("TDX_").and_then(HexBytes::parse)?;
        let identity = ModuleIdentity {
            signer: document.mrsigner.0,
            attributes: document.attributes.0,
            attributes_mask: document.attributes_mask.0,
        };
        Some(Self { major, identity, levels: document.tcb_levels.map(PartLevel::from) })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Document<'a> {
    id: &'a str,
    version: u32,
    issue_date: Date,
    next_update: Date,
    fmspc: HexBytes<6>,
    pce_id: HexBytes<2>,
    tcb_type: u32,
    tcb_evaluation_data_number: u32,
    tdx_module: Option<ModuleIdentityDocument>,
    #[serde(borrow)]
    tdx_module_identities: Option<AtMost<MAX_MODULES, ModuleDocument<'a>>>,
    tcb_levels: AtMost<MAX_LEVELS, LevelDocument>,
}

impl Versioned for Document<'_> {
    fn version(&self) -> u32 {
        self.version
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ModuleIdentityDocument {
    mrsigner: HexBytes<48>,
    attributes: HexBytes<8>,
    attributes_mask: HexBytes<8>,
}

impl From<ModuleIdentityDocument> for ModuleIdentity {
    fn from(document: ModuleIdentityDocument) -> Self {
        Self {
            signer: document.mrsigner.0,
            attributes: document.attributes.0,
            attributes_mask: document.attributes_mask.0,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ModuleDocument<'a> {
    id: &'a str,
    mrsigner: HexBytes<48>,
    attributes: HexBytes<8>,
    attributes_mask: HexBytes<8>,
    tcb_levels: AtMost<MAX_LEVELS, PartLevelDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct LevelDocument {
    tcb: ComponentsDocument,
    tcb_date: Date,
    tcb_status: PlatformStatus,
    #[serde(rename = "advisoryIDs", default)]
    advisories: Advisories,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentsDocument {
    sgxtcbcomponents: [ComponentDocument; COMPONENTS],
    pcesvn: u16,
    tdxtcbcomponents: Option<[ComponentDocument; COMPONENTS]>,
}

/// What it is and who can update it are words for people.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentDocument {
    svn: u8,
    #[serde(rename = "category")]
    _category: Option<Unread>,
    #[serde(rename = "type")]
    _kind: Option<Unread>,
}

impl From<LevelDocument> for Level {
    fn from(document: LevelDocument) -> Self {
        let svns = |components: [ComponentDocument; COMPONENTS]| components.map(|component| component.svn);
        Self {
            sgx_components: svns(document.tcb.sgxtcbcomponents),
            tdx_components: document.tcb.tdxtcbcomponents.map(svns),
            pce_svn: document.tcb.pcesvn,
            status: document.tcb_status,
            date: document.tcb_date.0,
            advisories: document.advisories.map(|advisory| advisory.0),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct PartLevelDocument {
    tcb: SvnDocument,
    tcb_date: Date,
    tcb_status: PartStatus,
    #[serde(rename = "advisoryIDs", default)]
    advisories: Advisories,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SvnDocument {
    isvsvn: u16,
}

impl From<PartLevelDocument> for PartLevel {
    fn from(document: PartLevelDocument) -> Self {
        Self {
            svn: document.tcb.isvsvn,
            status: document.tcb_status,
            date: document.tcb_date.0,
            advisories: document.advisories.map(|advisory| advisory.0),
        }
    }
}
