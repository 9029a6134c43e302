//! A contract to begin with: everything that can be known is written, every other value is `FILL-IN` with a comment.
//!
//! What always holds: a skeleton is no contract before every `FILL-IN` is replaced: [`Contract::parse`](super::Contract::parse)
//! refuses the first one and says where it stands.

use super::terms::{Party, Role};
use super::{VERSION, Validity, time};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The text to begin a contract with. `random` is 32 bytes drawn for it. Roles, places and keys are taken from `parties`.
#[must_use]
pub fn skeleton(name: &str, parties: &[Party], validity: Validity, random: [u8; 32]) -> String {
    let mut text = format!(
        "# Replace every FILL-IN, then: sealroom contract lint, explain, sign. All parties sign this text as it is, comments too.\n\
         sealroom_contract = {VERSION}\n\
         name = \"{name}\"\n\
         purpose = FILL-IN  # in words, \"…\", at most 1,000 characters\n\
         not_before = {}\n\
         expires = {}\n\
         random = \"{}\"\n",
        time::time_text(validity.not_before),
        time::time_text(validity.expires),
        hex::encode(random)
    );
    for party in parties {
        text.push_str(&super::write::party_text(party));
    }
    for party in parties.iter().filter(|party| party.has(Role::Data)) {
        text.push_str(&dataset(party));
    }
    text.push_str(
        "\n[program]\n\
         kind = \"native\"\n\
         name = FILL-IN  # \"statistics\", \"join-and-aggregate\" or \"overlap\"\n\
         \n\
         [program.arguments]\n\
         FILL-IN = FILL-IN  # what the program asks for, one argument a line\n",
    );
    if parties.iter().any(|party| party.has(Role::Request)) {
        text.push_str(
            "\n[program.choices]\n\
             FILL-IN = [FILL-IN]  # what a requester chooses for each run, from a closed list\n",
        );
    }
    let recipients: Vec<String> =
        parties.iter().filter(|party| party.has(Role::Result)).map(|party| format!("\"{}\"", party.name)).collect();
    // With one data party nothing is left without it, and no row would ever leave.
    let without_each = if parties.iter().filter(|party| party.has(Role::Data)).nth(1).is_some() {
        "minimum_without_each_owner = true  # also when any one data party's are left out. Not with joins; in overlap only where minimum_parties is below their number\n"
    } else {
        ""
    };
    text.push_str(&format!(
        "\n[[result]]\n\
         name = \"result\"\n\
         recipients = [{}]\n\
         column = [\n  \
           FILL-IN,  # the columns that leave, as in a dataset\n\
         ]\n\
         [result.rules]\n\
         minimum_group_size = 10  # rows built from fewer rows of data (or what the program counts) are suppressed\n\
         {without_each}\
         maximum_rows = FILL-IN\n\
         maximum_bytes = FILL-IN\n\
         round_integers_to = 1  # 1: not rounded\n",
        recipients.join(", ")
    ));
    text.push_str(
        "\n[limits]\n\
         runs = 1\n\
         memory_mib = FILL-IN\n\
         work = FILL-IN  # a row read is one unit\n\
         \n\
         [[enclave]]\n\
         platform = \"amd-sev-snp\"\n\
         simulated = false  # true: no hardware protects anything\n\
         trust_anchor = FILL-IN  # \"sha256:…\" of the anchor's certificate\n\
         measurement = FILL-IN  # \"sha384:…\", printed by: sealroom measure\n\
         minimum_firmware = { bootloader = FILL-IN, tee = FILL-IN, snp = FILL-IN, microcode = FILL-IN }\n",
    );
    text
}

fn dataset(owner: &Party) -> String {
    format!(
        "\n[[dataset]]\n\
         name = \"{name}\"\n\
         owner = \"{name}\"\n\
         maximum_rows = FILL-IN\n\
         column = [\n  \
           FILL-IN,  # {{ name = \"age\", type = \"integer\", min = 0, max = 120 }}\n  \
           FILL-IN,  # {{ name = \"sex\", type = \"text\", values = [\"female\", \"male\"] }}\n  \
           FILL-IN,  # {{ name = \"chol\", type = \"decimal\", scale = 1, min = \"0\", max = \"9.9\", null = true }}\n\
         ]\n",
        name = owner.name
    )
}
