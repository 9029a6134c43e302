//! Step 6: the TDX module is Intel's, by the identity that the TCB info has for its major version.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::evaluation::TeeTcbSvn;
use super::tcb_info::TcbInfo;
use crate::ledger::Ledger;
use crate::platform::tdx::checks;
use crate::text::{Hex, joined};

/// What a TDX quote says of its module.
pub(crate) struct ModuleClaims<'a> {
    /// When the TD was started.
    pub(crate) tee_tcb_svn: &'a TeeTcbSvn,
    /// Now; from TD reports of TDX 1.5 on.
    pub(crate) tee_tcb_svn_2: Option<&'a TeeTcbSvn>,
    pub(crate) signer: &'a [u8; 48],
    pub(crate) attributes: &'a [u8; 8],
}

pub(super) fn judge(module: &ModuleClaims<'_>, info: &TcbInfo, ledger: &mut Ledger) {
    let [_, major, ..] = *module.tee_tcb_svn;
    let identity = match major {
        0 => info.module.as_ref(),
        _ => info.modules.iter().find(|known| known.major == major).map(|known| &known.identity),
    };
    let Some(identity) = identity else {
        let known = joined(info.modules.iter().map(|module| module.major), ", ");
        return ledger.fail(
            &checks::MODULE,
            format!("an identity of Intel's for TDX module {major}"),
            format!("those for {known}"),
        );
    };
    let mut problems: Vec<String> = Vec::new();
    if *module.signer != identity.signer {
        problems.push(format!("MRSIGNERSEAM {}, not {}", Hex(module.signer), Hex(&identity.signer)));
    }
    let mut attributes = *module.attributes;
    attributes.iter_mut().zip(identity.attributes_mask).for_each(|(byte, mask)| *byte &= mask);
    // Intel's library refuses any bit here, whatever the mask leaves out.
    if attributes != identity.attributes || *module.attributes != [0; 8] {
        problems.push(format!("SEAMATTRIBUTES {}, not {}", Hex(module.attributes), Hex(&identity.attributes)));
    }
    let holds = problems.is_empty();
    let expected = format!("TDX module {major} by MRSIGNERSEAM and SEAMATTRIBUTES");
    let found = if holds { expected.clone() } else { joined(&problems, "; ") };
    ledger.judge(&checks::MODULE, holds, expected, found);
}
