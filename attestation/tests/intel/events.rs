//! Step 18: the event log that comes with a trust domain's quote. Its replay, its events, and the one file of both.

use sealroom_attestation::event_log::{Algorithm, EventLog, Register};
use sealroom_attestation::tdx::{self, EventRule, EventRules};
use sealroom_attestation::{
    Accept, CryptoProvider, Ear, Evidence, Measurement, Outcome, Platform, Policy, PolicyError, Rule, Status,
};

use crate::event_log::{IPL, Log, NO_ACTION, SEPARATOR, sha1_event, sha256, sha384};
use crate::folder::{folder, read};
use crate::world::{Kind, NOW, World, container};
use crate::{Case, failed, run};

/// What was measured: number in the log (one more than the register's), type, text.
type Event = (u32, u32, &'static str);

const EVENTS: &[Event] = &[
    (1, SEPARATOR, "configuration of the firmware"),
    (0, NO_ACTION, "a remark"),
    (2, IPL, "kernel"),
    (2, SEPARATOR, "exit boot services"),
    (3, IPL, "root=/dev/vda1 ro"),
];
const SHA384: &[(u16, u16)] = &[(0x000c, 48)];

fn log(events: &[Event]) -> Vec<u8> {
    let add = |log: Log, (register, kind, text): &Event| {
        log.event(*register, *kind, &[(0x000c, sha384(text.as_bytes()))], text.as_bytes())
    };
    events.iter().fold(Log::new(SHA384), add).bytes
}

/// As hardware extends it: SHA-384 over its value and the digest (TDG.MR.RTMR.EXTEND), from zeros on.
fn register(events: &[Event], index: u32) -> Vec<u8> {
    let own = events.iter().filter(|(register, kind, _)| *register == index + 1 && *kind != NO_ACTION);
    own.fold(vec![0; 48], |value, (_, _, text)| sha384(&[value, sha384(text.as_bytes())].concat()))
}

fn rule(name: &str, register: u8, texts: &[&str], only: bool) -> EventRule {
    let digest = |text: &&str| Measurement::sha384(sha384(text.as_bytes()).try_into().unwrap());
    EventRule { name: name.to_owned(), register, digests: texts.iter().map(digest).collect(), only }
}

/// The quote says what these events give.
fn quoted(world: &mut World, events: &[Event]) {
    for (index, offset) in [(0, 328), (1, 376), (2, 424), (3, 472)] {
        world.put(offset, &register(events, index));
    }
}

/// A quote with its log: RTMR0 is judged by its value, 1 and 2 by their events, 3 is not used.
pub(crate) fn logged() -> World {
    let mut world = World::new(Kind::Tdx15);
    quoted(&mut world, EVENTS);
    world.log = Some(log(EVENTS));
    let accept = world.accept_tdx();
    accept.runtime_registers = [
        Rule::Require(vec![register(EVENTS, 0).try_into().unwrap()]),
        Rule::skip("judged by its events"),
        Rule::skip("judged by its events"),
        Rule::Require(vec![[0; 48]]),
    ];
    accept.event_log = Rule::Require(EventRules {
        registers: vec![0, 1, 2],
        events: vec![
            rule("kernel", 1, &["kernel", "exit boot services"], true),
            rule("command line", 2, &["root=/dev/vda1 ro"], true),
        ],
    });
    world
}

fn rules(world: &mut World) -> &mut EventRules {
    match &mut world.accept_tdx().event_log {
        Rule::Require(rules) => rules,
        Rule::Skip { .. } => panic!("a world with a log"),
    }
}

/// The log has these events, the quote is as it was.
fn other_log(world: &mut World, change: impl FnOnce(&mut Vec<Event>)) {
    let mut events = EVENTS.to_vec();
    change(&mut events);
    world.log = Some(log(&events));
}

/// These events were measured and logged.
fn other_start(world: &mut World, change: impl FnOnce(&mut Vec<Event>)) {
    let mut events = EVENTS.to_vec();
    change(&mut events);
    quoted(world, &events);
    world.log = Some(log(&events));
}

const LOG: &[&str] = &["tdx.event-log"];
const WRONG_EVENTS: &[&str] = &["tdx.events"];

pub(crate) const CASES: &[Case] = &[
    ("no log", |world| world.log = None, LOG),
    ("an event altered", |world| other_log(world, |events| events[2].2 = "another kernel"), LOG),
    ("an event dropped", |world| other_log(world, |events| events.retain(|event| *event != EVENTS[3])), LOG),
    ("the last event dropped", |world| other_log(world, |events| events.truncate(4)), LOG),
    ("an event put in", |world| other_log(world, |events| events.insert(2, (2, IPL, "driver"))), LOG),
    ("an event twice", |world| other_log(world, |events| events.push(EVENTS[4])), LOG),
    ("two events swapped", |world| other_log(world, |events| events.swap(2, 3)), LOG),
    ("an event in another register", |world| other_log(world, |events| events[3].0 = 3), LOG),
    ("an event that is called unmeasured", |world| other_log(world, |events| events[3].1 = NO_ACTION), LOG),
    ("a remark that is called measured", |world| other_log(world, |events| events[1] = (1, IPL, "a remark")), LOG),
    (
        "the log of another machine",
        |world| world.log = Some(log(&[(1, IPL, "one"), (2, IPL, "two"), (3, IPL, "three")])),
        LOG,
    ),
    ("a log without events", |world| world.log = Some(log(&[])), LOG),
    (
        "a register that was extended after the log ended",
        |world| {
            let mut events = EVENTS.to_vec();
            events.push((3, IPL, "by the application"));
            quoted(world, &events);
        },
        LOG,
    ),
    (
        "a register that the log does not have",
        |world| {
            world.put(472, &[0xa3; 48]);
            world.accept_tdx().runtime_registers[3] = Rule::skip("judged by its events");
            rules(world).registers.push(3);
        },
        LOG,
    ),
    (
        "a log of another bank",
        |world| {
            let event = Log::new(&[(0x000b, 32)]).event(2, IPL, &[(0x000b, sha256(b"kernel"))], b"kernel");
            world.log = Some(event.bytes);
        },
        LOG,
    ),
    ("a log in the old form", |world| world.log = Some(sha1_event(2, IPL, [7; 20], b"kernel")), LOG),
    ("another kernel was started", |world| other_start(world, |events| events[2].2 = "another kernel"), WRONG_EVENTS),
    (
        "a driver before the kernel",
        |world| other_start(world, |events| events.insert(2, (2, IPL, "driver"))),
        WRONG_EVENTS,
    ),
    (
        "the kernel measured into the register of its command line",
        |world| {
            other_start(world, |events| events[2].0 = 3);
            rules(world).events = vec![rule("kernel", 1, &["kernel"], false)];
        },
        WRONG_EVENTS,
    ),
    (
        "a command line that nobody agreed to",
        |world| {
            rules(world).events[1] = rule("command line", 2, &["root=/dev/vda1 rw"], true);
        },
        WRONG_EVENTS,
    ),
];

#[test]
fn a_log_that_is_not_the_quotes_and_events_that_nobody_wants_trip_exactly_their_check() {
    run(CASES, logged);
}

#[test]
fn a_quote_with_its_log_is_accepted_and_kept_to_the_byte() {
    let world = logged();
    let bytes = world.evidence(&world.sign_chain());
    let evidence = Evidence::decode(&bytes).unwrap();
    assert_eq!((evidence.bytes(), evidence.platform()), (bytes.as_slice(), Platform::IntelTdx));
    let said = evidence.unverified_claims();
    assert_eq!(said.iter().find(|claim| claim.name == "event-log").unwrap().value, "5 events of sha384");
    assert_eq!(evidence.unverified_event_log().unwrap().bytes(), world.log.clone().unwrap());
    let result = world.appraise().unwrap_or_else(|rejection| panic!("{rejection}"));
    let of = |id: &str| result.verdict().checks().iter().find(|check| check.id() == id).unwrap();
    assert_eq!(of("tdx.event-log").expected(), "a log whose replay gives the quoted values of RTMR 0,1,2");
    assert_eq!(of("tdx.event-log").found(), "a log of 4 events in them");
    assert_eq!(of("tdx.events").found(), "kernel in RTMR 1, nothing else; command line in RTMR 2, nothing else");
}

#[test]
fn what_is_wrong_with_a_log_is_said_by_register_and_event() {
    let mut world = logged();
    other_start(&mut world, |events| events.insert(2, (2, IPL, "driver")));
    let rejection = world.appraise().unwrap_err();
    let events = rejection.verdict().failed().next().unwrap();
    let digest: String = sha384(b"driver").iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(events.found(), format!("event 3 in RTMR 1 is sha384:{digest}"));
    let mut world = logged();
    other_log(&mut world, |events| events.push((3, IPL, "later")));
    let rejection = world.appraise().unwrap_err();
    assert_eq!(rejection.outcome(), Outcome::Refused);
    let log = rejection.verdict().failed().next().unwrap();
    assert!(log.found().ends_with("from 2 events; it agrees up to event 6, which the quote does not know"), "{log}");
}

/// Type and data are measured nowhere, so nothing may hang on them: whoever writes the log may write these.
#[test]
fn what_an_event_is_called_changes_no_verdict() {
    let mut world = logged();
    let add = |log: Log, (register, kind, text): &Event| {
        let kind = if *kind == NO_ACTION { NO_ACTION } else { 0x8000_0003 };
        log.event(*register, kind, &[(0x000c, sha384(text.as_bytes()))], b"vmlinuz, signed by everybody")
    };
    world.log = Some(EVENTS.iter().fold(Log::new(SHA384), add).bytes);
    world.appraise().unwrap_or_else(|rejection| panic!("{rejection}"));
}

#[test]
fn the_strictest_policy_replays_every_register_that_the_log_has_events_of() {
    let mut world = logged();
    let chain = world.sign_chain();
    let evidence = Evidence::decode(&world.evidence(&chain)).unwrap();
    let pinned = |evidence: &Evidence| match Accept::pinning(evidence, world.accept.trust_anchor().clone(), "test") {
        Accept::Tdx(block) => block,
        _ => panic!("a quote of a td"),
    };
    let block = pinned(&evidence);
    assert_eq!(block.event_log, Rule::Require(EventRules { registers: vec![0, 1, 2], events: vec![] }));
    let alone = Evidence::decode(&world.quote(&chain)).unwrap();
    assert_eq!(pinned(&alone).event_log, Rule::skip("the quote came without an event log"));
    let without = Evidence::decode(&container(&world.quote(&chain), &log(&[(0, NO_ACTION, "a remark")]))).unwrap();
    assert_eq!(pinned(&without).event_log, Rule::skip("the event log has no event of a run-time register"));
    let policy = Policy::new(vec![block.clone().into()]).unwrap();
    assert_eq!(Policy::from_toml(&policy.to_toml()).as_ref(), Ok(&policy), "{}", policy.to_toml());
    let Accept::Tdx(good) = World::new(Kind::Tdx15).accept else { panic!("a td") };
    world.accept = tdx::Accept { platform: good.platform, ..block }.into();
    world.appraise().unwrap_or_else(|rejection| panic!("{rejection}"));
}

#[test]
fn event_rules_that_can_not_be_are_refused_by_the_field() {
    type Wrong = (fn(&mut EventRules), &'static str);
    let wrong: [Wrong; 7] = [
        (|rules| rules.registers = vec![1, 0, 2], "replays registers that are not in ascending order, each once"),
        (|rules| rules.registers.push(4), "replays a register that is not quoted"),
        (|rules| rules.events[0].register = 3, "has events in a register that it does not replay"),
        (|rules| rules.events[0].name = " ".to_owned(), "has events without a name"),
        (
            |rules| rules.events[0].digests.push(Measurement::sha256([1; 32])),
            "have a value of another algorithm than the bank's",
        ),
        (
            |rules| rules.events.push(rule("other", 1, &["other"], false)),
            "wants nothing but some events in a register, and another one in it as well",
        ),
        (
            |rules| rules.events.insert(0, rule("other", 2, &["other"], true)),
            "wants nothing but some events in a register, and another one in it as well",
        ),
    ];
    for (change, problem) in wrong {
        let mut world = logged();
        change(rules(&mut world));
        let expected = PolicyError::Impossible { block: "test".to_owned(), field: "event_log", problem };
        assert_eq!(Policy::new(vec![world.accept]).unwrap_err(), expected);
    }
    let empty: [fn(&mut EventRules); 2] = [|rules| rules.registers.clear(), |rules| rules.events[1].digests.clear()];
    for change in empty {
        let mut world = logged();
        change(rules(&mut world));
        let expected = PolicyError::EmptyList { block: "test".to_owned(), field: "event_log" };
        assert_eq!(Policy::new(vec![world.accept]).unwrap_err(), expected);
    }
}

/// Google's quote came without collateral, so what it says is signed again by the test's root: its registers against its log.
#[test]
fn a_real_log_is_judged_with_the_registers_of_its_real_quote() {
    let Some(folder) = folder("a_real_log_is_judged_with_the_registers_of_its_real_quote") else { return };
    let quote = read(&folder, "tdx/go-tdx-guest/ccel/cos-113-tdx-quote.dat");
    let log = read(&folder, "tdx/go-tdx-guest/ccel/ccel_data.dat");
    let real = || {
        let mut world = World::new(Kind::Tdx4);
        // RTMR0 to 3 of the TD report behind the header of 48 bytes.
        world.put(328, &quote[48 + 328..48 + 520]);
        world.log = Some(log.clone());
        let Accept::Tdx(block) = world.accept.clone() else { panic!("a td") };
        let evidence = Evidence::decode(&world.evidence(&world.sign_chain())).unwrap();
        let Accept::Tdx(pinned) = Accept::pinning(&evidence, block.trust_anchor.clone(), "pinned") else {
            panic!("a td")
        };
        world.accept = tdx::Accept { platform: block.platform, ..pinned }.into();
        world
    };
    let mut world = real();
    assert_eq!(rules(&mut world).registers, [0, 1, 2]);
    world.appraise().unwrap_or_else(|rejection| panic!("{rejection}"));
    // RTMR2 by what was measured into it, instead of by its value.
    let parsed = EventLog::decode(&log).unwrap();
    let of_2 = parsed.unverified_events().filter(|event| event.register() == Register::Rtmr(2).number_in_log());
    let digests = of_2.map(|event| event.digest(Algorithm::Sha384).unwrap().as_bytes().try_into().unwrap());
    let digests: Vec<Measurement> = digests.map(Measurement::sha384).collect();
    let mut world = real();
    world.accept_tdx().runtime_registers[2] = Rule::skip("judged by its events");
    let all = EventRule { name: "boot loader".to_owned(), register: 2, digests, only: true };
    rules(&mut world).events = vec![all.clone()];
    world.appraise().unwrap_or_else(|rejection| panic!("{rejection}"));
    let mut world = real();
    let last = EventRule { digests: all.digests[..all.digests.len() - 1].to_vec(), ..all };
    rules(&mut world).events = vec![last];
    assert_eq!(failed(&world.appraise().unwrap_err()), ["tdx.events"]);
    let other = read(&folder, "eventlog/trustee/CCEL_data_gcp");
    let mut world = real();
    world.log = Some(other);
    assert_eq!(failed(&world.appraise().unwrap_err()), ["tdx.event-log"]);
}

/// Nothing was held against the policy, so nothing of it holds: the replay alone does.
#[test]
fn a_policy_that_names_no_event_has_the_check_of_events_skipped() {
    let mut world = logged();
    rules(&mut world).events.clear();
    let result = world.appraise().unwrap();
    let status = |id: &str| result.verdict().checks().iter().find(|check| check.id() == id).unwrap().status().clone();
    assert_eq!(status("tdx.event-log"), Status::Pass);
    let reason = "the policy names no event: the replay alone is demanded".to_owned();
    assert_eq!(status("tdx.events"), Status::Skipped { reason });
}

/// One rule says what a policy is warned of and what a result does not affirm: a register that neither its value nor its events
/// judge. A true log of anything replays.
#[test]
fn a_register_is_judged_by_its_events_where_the_policy_names_all_of_them() {
    let ear = |change: fn(&mut World)| {
        let mut world = logged();
        change(&mut world);
        let policy = Policy::new(vec![world.accept.clone()]).unwrap();
        let appraisal = world.appraise();
        let ear = Ear::of(&appraisal, &policy, CryptoProvider::ring(), None, NOW).unwrap();
        let claims: Vec<_> = ear.submods()["intel-tdx:0"].vector().claims().collect();
        let executables = claims.into_iter().find(|(claim, _)| *claim == "executables").map(|(_, value)| value);
        let warned = policy.lint().into_iter().find(|warning| warning.id == "unmeasured-code");
        (executables, warned.map(|warning| warning.text))
    };
    let left_out = |which: &str| {
        (Some(32), Some(format!("left out: {which}; what they alone measure of the code that runs may be anything")))
    };
    assert_eq!(ear(|_| {}), (Some(2), None));
    assert_eq!(ear(|world| rules(world).events[0].only = false), left_out("RTMR1"));
    assert_eq!(ear(|world| rules(world).events.clear()), left_out("RTMR1, RTMR2"));
    assert_eq!(ear(|world| world.accept_tdx().event_log = Rule::skip("no log")), left_out("RTMR1, RTMR2"));
}
