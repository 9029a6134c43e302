//! Every attack of the hostile suites by name: the test that makes it, and what it must end in.
//!
//! What always holds: each test named here exists and asserts that ending, and one helper holds every refusal to say the
//! check, what was expected, what was found and what to do (`tests/support/refused.rs`).

use std::collections::BTreeSet;
use std::path::Path;

/// The room alone, in one process.
const ROOM: &str = "enclave-core/tests/hostile";
/// Real processes and honest parties.
const HERE: &str = "tests/hostile";

/// An attack.
struct Attack {
    name: &'static str,
    /// Folder and file of the test.
    file: (&'static str, &'static str),
    test: &'static str,
    /// The id of the check that refuses it; or, where there is none to tell, the ending that the test asserts.
    ends: &'static str,
}

const fn attack(
    name: &'static str,
    file: (&'static str, &'static str),
    test: &'static str,
    ends: &'static str,
) -> Attack {
    Attack { name, file, test, ends }
}

#[rustfmt::skip]
const ATTACKS: &[Attack] = &[
    // Bytes that the host carries.
    attack("drop a group of a dataset", (ROOM, "data.rs"), "a_dropped_group_ends_the_run", "assert_failed"),
    attack("drop a grant", (ROOM, "grants.rs"), "a_dropped_grant_starts_nothing_whatever_is_sent_in_its_place", "grant.twice"),
    attack("replay a grant", (ROOM, "grants.rs"), "a_grant_delivered_again_starts_nothing", "grant.twice"),
    attack("reorder groups", (ROOM, "data.rs"), "groups_in_another_order_or_twice_end_the_run", "assert_failed"),
    attack("reorder receipts", (ROOM, "entry.rs"), "the_chain_of_receipts_is_taken_only_whole_and_in_order", "receipt.chain"),
    attack("truncate a dataset", (ROOM, "data.rs"), "a_changed_cut_or_spliced_dataset_ends_the_run_with_a_code", "assert_failed"),
    attack("truncate a result", (HERE, "results.rs"), "results_swapped_between_runs_or_recipients_are_not_opened", "open.body"),
    attack("duplicate a group", (ROOM, "data.rs"), "groups_in_another_order_or_twice_end_the_run", "assert_failed"),
    attack("splice one dataset into another", (ROOM, "data.rs"), "a_changed_cut_or_spliced_dataset_ends_the_run_with_a_code", "assert_failed"),
    attack("answer a read with another object's group", (HERE, "process.rs"), "a_lie_about_what_is_read_ends_the_run_with_a_code_and_the_run_is_spent", "read.unasked"),
    attack("change a result", (HERE, "results.rs"), "results_swapped_between_runs_or_recipients_are_not_opened", "open.object"),
    attack("swap the datasets of two owners, at the enclave", (ROOM, "entry.rs"), "datasets_are_proposed_as_their_owners_named_them", "proposal.dataset"),
    attack("swap the datasets of two owners, at the parties", (HERE, "proposals.rs"), "datasets_of_two_owners_swapped_in_a_proposal_are_granted_by_neither", "memory.object"),
    attack("pass an object off as another owner's", (ROOM, "entry.rs"), "only_datasets_of_the_contract_and_their_owners_come_in", "object.dataset"),
    attack("swap a dataset after a grant", (ROOM, "grants.rs"), "datasets_cannot_be_swapped_after_a_grant", "grant.proposal"),
    attack("propose an older dataset than its owner encrypted last", (HERE, "proposals.rs"), "an_expired_contract_is_not_granted_and_a_swapped_dataset_of_ones_own_neither", "memory.object"),
    // Contracts and signatures.
    attack("swap contracts in Evidence", (HERE, "appraisal.rs"), "evidence_of_the_same_image_under_another_contract_is_refused", "common.freshness"),
    attack("swap contracts in a grant", (ROOM, "grants.rs"), "each_field_of_a_grant_is_checked", "grant.contract"),
    attack("swap contracts in a proposal", (HERE, "proposals.rs"), "datasets_of_two_owners_swapped_in_a_proposal_are_granted_by_neither", "review.content"),
    attack("swap or remove signatures of a contract", (ROOM, "signatures.rs"), "a_contract_without_or_with_swapped_signatures_opens_nothing", "contract.signed"),
    attack("remove one party's signature, or add a foreign one", (ROOM, "entry.rs"), "nothing_runs_unless_every_party_signed_this_text", "contract.signed"),
    attack("swap or remove the signature of a proposal", (HERE, "proposals.rs"), "a_proposal_without_or_with_a_swapped_signature_is_not_granted", "review.form"),
    attack("swap or remove the signature of a grant", (ROOM, "signatures.rs"), "a_grant_without_or_with_a_swapped_signature_is_none", "grant.signature"),
    attack("swap or remove the signature of a stop", (ROOM, "signatures.rs"), "a_stop_without_or_with_a_swapped_signature_stops_nothing", "stop.signature"),
    attack("swap or remove the signature of a statement", (ROOM, "signatures.rs"), "a_statement_without_or_with_a_swapped_signature_is_not_recorded", "statement.form"),
    attack("swap or remove the signature of a request", (ROOM, "signatures.rs"), "a_request_without_or_with_a_swapped_signature_is_not_asked", "request.signature"),
    attack("swap or remove the signature of a receipt, at the enclave", (ROOM, "signatures.rs"), "a_receipt_without_or_with_a_swapped_signature_is_no_head", "receipt.verify"),
    attack("swap or remove the signature of a receipt, at the parties", (HERE, "results.rs"), "a_receipt_without_or_with_a_swapped_signature_opens_and_settles_nothing", "open.receipt"),
    // Evidence.
    attack("Evidence of another measurement", (HERE, "appraisal.rs"), "another_image_has_another_measurement", "snp.measurement"),
    attack("Evidence under another trust anchor", (HERE, "appraisal.rs"), "another_platform_has_another_anchor_and_a_changed_report_no_signature", "common.trust-anchor"),
    attack("the debug bit, in a report that the platform signed", (HERE, "appraisal.rs"), "a_genuine_report_of_an_enclave_that_may_be_debugged_is_refused_for_that_alone", "snp.debug"),
    attack("the debug bit, set in a report after it was signed", (HERE, "appraisal.rs"), "another_platform_has_another_anchor_and_a_changed_report_no_signature", "snp.signature"),
    attack("a stale challenge", (HERE, "appraisal.rs"), "evidence_that_answers_another_challenge_is_stale", "room.challenge"),
    attack("a stale challenge under a fresh one's name", (HERE, "appraisal.rs"), "evidence_that_answers_another_challenge_is_stale", "common.freshness"),
    attack("relay another enclave's Evidence", (HERE, "appraisal.rs"), "evidence_of_another_enclave_of_the_same_contract_is_no_evidence_of_this_one", "common.freshness"),
    attack("reflect a party's words", (HERE, "proposals.rs"), "a_partys_own_words_shown_back_to_it_are_no_proposal", "review.form"),
    // Proposals, grants, counts.
    attack("two enclaves of one contract, each shown to another party", (HERE, "proposals.rs"), "two_enclaves_each_shown_to_another_party_gather_no_run", "grant.proposal"),
    attack("a proposal of the enclave that was not appraised", (HERE, "proposals.rs"), "two_enclaves_each_shown_to_another_party_gather_no_run", "review.enclave"),
    attack("two proposals for one run number", (HERE, "proposals.rs"), "a_second_proposal_for_one_run_number_is_refused_by_the_partys_memory", "memory.run-number"),
    attack("a grant delivered again after the run", (ROOM, "grants.rs"), "a_grant_delivered_again_starts_nothing", "message.phase"),
    attack("a grant delivered after a void", (HERE, "process.rs"), "a_void_receipt_gives_the_grant_back_and_the_next_run_is_no_third", "message.phase"),
    attack("a grant encrypted again by another enclave", (ROOM, "grants.rs"), "a_grant_is_no_use_in_another_room_of_the_same_contract", "grant.signature"),
    attack("keys of a grant under another party's name", (ROOM, "grants.rs"), "keys_open_only_for_the_party_grant_and_room_they_were_encrypted_for", "grant.keys"),
    attack("keys of another party's objects", (ROOM, "grants.rs"), "keys_open_only_for_the_party_grant_and_room_they_were_encrypted_for", "grant.objects"),
    attack("a request brought again, to the enclave", (HERE, "requests.rs"), "a_request_brought_again_is_answered_by_no_enclave_and_granted_by_no_party", "request.used"),
    attack("a request brought again, to the parties", (HERE, "requests.rs"), "a_request_brought_again_is_answered_by_no_enclave_and_granted_by_no_party", "memory.request-used"),
    attack("a request shown differently to two parties", (HERE, "requests.rs"), "a_request_shown_differently_to_two_parties_is_granted_by_neither_that_sees_another", "asking.binding"),
    attack("a request withheld from the parties", (HERE, "requests.rs"), "a_request_shown_differently_to_two_parties_is_granted_by_neither_that_sees_another", "review.request"),
    attack("an older head than a party knows", (HERE, "proposals.rs"), "an_older_head_than_the_party_knows_is_refused_and_a_withheld_receipt_stays_spent", "memory.older-head"),
    attack("a withheld receipt", (HERE, "proposals.rs"), "an_older_head_than_the_party_knows_is_refused_and_a_withheld_receipt_stays_spent", "memory.run-limit"),
    attack("a void receipt as head", (ROOM, "entry.rs"), "a_void_receipt_is_nobodys_head", "receipt.void"),
    attack("a party's memory restored", (HERE, "proposals.rs"), "a_restored_memory_that_is_shown_its_own_grant_grants_nothing_more", "memory.restored"),
    attack("a run number used again", (ROOM, "entry.rs"), "a_run_number_is_used_once_and_runs_end_at_the_limit", "run.number"),
    attack("more runs than agreed", (ROOM, "entry.rs"), "a_run_number_is_used_once_and_runs_end_at_the_limit", "run.limit"),
    attack("a count beyond the limit in a grant", (ROOM, "grants.rs"), "each_field_of_a_grant_is_checked", "grant.count"),
    attack("a statement of a region that is not allowed", (ROOM, "grants.rs"), "no_grant_is_taken_before_the_region_is_stated_and_only_by_the_named_party", "statement.content"),
    // Results and receipts.
    attack("a result swapped between recipients", (HERE, "results.rs"), "results_swapped_between_runs_or_recipients_are_not_opened", "open.recipient"),
    attack("a result swapped between runs", (HERE, "results.rs"), "results_swapped_between_runs_or_recipients_are_not_opened", "open.named"),
    attack("a result swapped between names", (HERE, "results.rs"), "results_swapped_between_names_are_not_opened", "open.object"),
    attack("a result renamed", (HERE, "results.rs"), "results_swapped_between_names_are_not_opened", "open.named"),
    attack("an older result for a run without one", (HERE, "results.rs"), "a_run_that_gave_no_result_is_not_answered_with_an_older_one", "open.ending"),
    attack("a forged receipt under a leaked platform key, to a recipient", (HERE, "results.rs"), "a_leaked_platform_key_makes_no_result_that_anyone_opens", "open.receipt"),
    attack("a forged receipt under a leaked platform key, to an enclave", (ROOM, "entry.rs"), "the_chain_of_receipts_is_taken_only_whole_and_in_order", "receipt.verify"),
    attack("a group below the minimum", (ROOM, "data.rs"), "what_output_rules_decide_stands_inside_the_result_only", "suppressed"),
    attack("more work than agreed", (ROOM, "data.rs"), "a_limit_on_work_ends_the_run_after_it_was_spent_and_only_the_recipient_is_told", "Withheld::Limit"),
    // Time.
    attack("an expired contract, at the enclave", (ROOM, "entry.rs"), "a_contract_that_expires_while_grants_are_awaited_ends_in_a_void_receipt", "Ending::Expired"),
    attack("an expired contract, at the parties", (HERE, "proposals.rs"), "an_expired_contract_is_not_granted_and_a_swapped_dataset_of_ones_own_neither", "review.expiry"),
    attack("a contract that has not begun", (HERE, "proposals.rs"), "an_expired_contract_is_not_granted_and_a_swapped_dataset_of_ones_own_neither", "review.not-before"),
    attack("an expired grant", (ROOM, "grants.rs"), "each_field_of_a_grant_is_checked", "grant.expiry"),
    attack("the clock set forth and back", (ROOM, "entry.rs"), "time_is_judged_by_the_latest_clock_and_never_runs_back", "time.expiry"),
    attack("the clock set back before the contract", (ROOM, "entry.rs"), "time_is_judged_by_the_latest_clock_and_never_runs_back", "time.not-before"),
    // Frames and processes.
    attack("an oversized frame", (HERE, "process.rs"), "a_frame_that_is_too_long_ends_the_process_before_memory_is_taken_for_it", "ends(enclave.pid)"),
    attack("a garbage frame", (HERE, "process.rs"), "garbage_frames_are_refused_and_the_room_goes_on", "message.frame"),
    attack("a frame cut in two", (HERE, "process.rs"), "a_connection_cut_inside_a_frame_or_between_two_ends_the_process", "ends(enclave.pid)"),
    attack("a message out of turn", (HERE, "process.rs"), "messages_that_are_no_answer_to_a_read_are_refused_while_the_program_runs", "message.phase"),
    attack("a forged stop", (HERE, "process.rs"), "a_stop_while_the_program_reads_ends_the_run_and_the_process", "stop.signature"),
    attack("the enclave killed at each phase", (HERE, "process.rs"), "an_enclave_killed_in_any_phase_releases_nothing_and_costs_each_granter_at_most_one_run", "receipt.gap"),
    attack("the host killed at each phase", (HERE, "process.rs"), "a_host_that_dies_in_any_phase_takes_its_enclave_with_it", "ends(enclave.pid)"),
    // The host's own door.
    attack("an unlisted party, at the enclave", (ROOM, "grants.rs"), "each_field_of_a_grant_is_checked", "grant.party"),
    attack("an unlisted party stops a room", (ROOM, "grants.rs"), "stops_by_parties_end_the_room_in_every_phase_and_others_do_not", "stop.party"),
    attack("an unlisted party, at the host", (HERE, "http.rs"), "a_request_by_nobody_or_of_another_time_is_refused", "http.key"),
    attack("a replayed HTTP request", (HERE, "http.rs"), "a_replayed_request_is_refused_also_by_the_host_that_is_started_next", "http.replay"),
    attack("an HTTP request of another time", (HERE, "http.rs"), "a_request_by_nobody_or_of_another_time_is_refused", "http.clock"),
    attack("a changed HTTP request", (HERE, "http.rs"), "a_request_that_was_changed_on_its_way_is_refused", "http.signature"),
    attack("another body under a signed HTTP request", (HERE, "http.rs"), "a_request_that_was_changed_on_its_way_is_refused", "http.body"),
    attack("too many HTTP requests", (HERE, "http.rs"), "a_quota_that_is_exceeded_refuses_and_nothing_is_kept", "http.quota"),
    attack("more objects than the quota", (HERE, "http.rs"), "a_quota_that_is_exceeded_refuses_and_nothing_is_kept", "object.quota"),
    attack("more rooms than the quota", (HERE, "http.rs"), "a_quota_that_is_exceeded_refuses_and_nothing_is_kept", "room.quota"),
    attack("an oversized HTTP body", (HERE, "http.rs"), "a_body_that_is_too_long_is_refused_before_it_is_read", "http.size"),
    attack("garbage in an HTTP body", (HERE, "http.rs"), "garbage_where_a_form_belongs_is_refused_by_its_form", "object.form"),
];

/// The source of one test, from its attribute to its closing brace.
fn source<'a>(file: &'a str, test: &str) -> Option<&'a str> {
    let begin = file.find(&format!("#[test]\nfn {test}() {{\n"))?;
    let rest = &file[begin..];
    Some(&rest[..rest.find("\n}\n")?])
}

#[test]
fn every_attack_has_its_test_and_the_test_asserts_how_it_ends() {
    let names: BTreeSet<&str> = ATTACKS.iter().map(|attack| attack.name).collect();
    assert_eq!(names.len(), ATTACKS.len(), "each attack stands here once");
    assert!(names.len() >= 30, "{} attacks, expected at least 30", names.len());
    for Attack { name, file: (folder, file), test, ends } in ATTACKS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(file);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let source = source(&text, test).unwrap_or_else(|| panic!("{name}: no test {test} in {}", path.display()));
        let check = ends.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'.' | b'-')) && *ends != "receipt.gap";
        let asserted = if check && ends.contains('.') { format!("\"{ends}\"") } else { (*ends).to_owned() };
        assert!(source.contains(&asserted), "{name}: {test} does not assert {asserted}");
        // Each of these ends in the one function that holds a refusal to all that it must say.
        let held = ["refused(", "refuses(", "said(", "failed("].iter().any(|helper| source.contains(helper));
        let refusal = check && ends.contains('.');
        assert!(held || !refusal, "{name}: {test} does not look at what the refusal says");
    }
}
