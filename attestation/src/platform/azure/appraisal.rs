//! Steps 8.2 to 8.4, and the hardware's and the TPM's own steps through their platforms. Every check runs.

use alloc::format;
use alloc::string::String;

use super::claims::printable;
use super::evidence::{Evidence, Hardware};
use super::{Accept, Report, checks};
use crate::check::CheckDefinition;
use crate::crypto::{Crypto, CryptoProvider};
use crate::endorsements::Endorsements;
use crate::ledger::Ledger;
use crate::platform::block::judge_rule;
use crate::platform::{intel, snp, tdx, tpm};
use crate::policy::Requirement;
use crate::result::Established;
use crate::text::{Hex, any_of};

/// What authenticity established. Having one means: every check of the step holds, the hardware's too.
#[derive(Clone, Debug)]
pub(crate) enum Genuine {
    Snp(snp::Genuine),
    Tdx(intel::Genuine),
}

impl Genuine {
    pub(crate) fn established(&self) -> Established {
        let inner = match self {
            Self::Snp(genuine) => genuine.established(),
            Self::Tdx(genuine) => genuine.established(),
        };
        Established { hardware: format!("Azure paravisor on {}", inner.hardware), ..inner }
    }
}

/// Enters every check of [`Step::Evidence`](crate::Step) and [`Step::Authentic`](crate::Step) into the ledger.
pub(crate) fn authenticate(
    evidence: &Evidence,
    block: &Accept,
    endorsements: &Endorsements,
    crypto: &Crypto<'_>,
    now: u64,
    ledger: &mut Ledger,
) -> Option<Genuine> {
    const FORMAT: &str = "a paravisor's report in strict form";
    const KEY: &str = "one key HCLAkPub, which signs";
    ledger.pass(&checks::FORMAT, FORMAT, FORMAT);
    ledger.pass(&tpm::checks::FORMAT, "a quote in strict form", "a quote in strict form");
    ledger.pass(&checks::ATTESTATION_KEY, KEY, KEY);
    // Step 8.2: the whole field, so that nothing else can be said in its other half.
    let mut expected = [0; 64];
    let digest = crypto.sha256(&evidence.runtime_data);
    expected.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    let found = evidence.hardware.report_data();
    let bound = *found == expected;
    ledger.judge(
        &checks::RUNTIME_DATA,
        bound,
        format!("report data {}", Hex(&expected)),
        format!("report data {}", Hex(found)),
    );
    // Step 8.3: by the key that the runtime data name, and no other.
    tpm::judge_genuine(&evidence.quote, &evidence.runtime.key, crypto, ledger);
    // Step 8.4.
    match (&evidence.hardware, &block.report) {
        (Hardware::Snp(report), Report::Snp(accept)) => {
            snp::authenticate(report, accept, endorsements, crypto, now, ledger).map(Genuine::Snp)
        }
        (Hardware::Tdx(quote), Report::Tdx(accept)) => {
            tdx::authenticate(quote, accept, endorsements, crypto, now, ledger).map(Genuine::Tdx)
        }
        // `common.platform` has failed.
        (Hardware::Snp(_), Report::Tdx(_)) | (Hardware::Tdx(_), Report::Snp(_)) => None,
    }
}

/// Enters every check of [`Step::Policy`](crate::Step) into the ledger.
pub(crate) fn judge_policy(
    evidence: &Evidence,
    genuine: &Genuine,
    block: &Accept,
    provider: CryptoProvider,
    now: u64,
    ledger: &mut Ledger,
) {
    match (&evidence.hardware, genuine, &block.report) {
        (Hardware::Snp(report), Genuine::Snp(genuine), Report::Snp(accept)) => {
            snp::judge_policy(report.claims(), genuine, accept, ledger);
        }
        (Hardware::Tdx(quote), Genuine::Tdx(genuine), Report::Tdx(accept)) => {
            tdx::judge_policy(quote, None, genuine, accept, provider, now, ledger);
        }
        // No such block is a candidate; if it were, the hardware's checks would not be judged.
        _ => {}
    }
    tpm::judge_quote(&evidence.quote, &block.quote, provider, ledger);
    let vm = &evidence.runtime.vm;
    judge_flag(&checks::SECURE_BOOT, &block.vm.secure_boot, vm.secure_boot, true, ledger);
    judge_flag(&checks::CONSOLE, &block.vm.no_console, vm.console, false, ledger);
    judge_rule(&checks::VM_ID, &block.vm.ids, ledger, |ids| {
        let found = vm.id.as_deref();
        let holds = ids.iter().any(|id| Some(id.as_str()) == found);
        (holds, any_of(ids), found.map_or_else(|| String::from("not said"), printable))
    });
    judge_rule(&checks::USER_DATA, &block.vm.user_data, ledger, |values| {
        let found = &evidence.runtime.user_data;
        (values.contains(found), any_of(values.iter().map(|value| Hex(value))), format!("{}", Hex(found)))
    });
}

/// A flag that is not said does not hold.
fn judge_flag(
    check: &'static CheckDefinition,
    requirement: &Requirement,
    found: Option<bool>,
    wanted: bool,
    ledger: &mut Ledger,
) {
    let words = |flag| if flag { "on" } else { "off" };
    match requirement {
        Requirement::Skip { reason } => ledger.skip(check, reason),
        Requirement::Required => {
            ledger.judge(check, found == Some(wanted), words(wanted), found.map_or("not said", words));
        }
    }
}
