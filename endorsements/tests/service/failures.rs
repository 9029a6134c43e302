//! Services that fail: each failure has its error, its number of requests and its waits.

use core::num::NonZeroU32;
use core::time::Duration;

use sealroom_attestation::Needed;
use sealroom_attestation::snp::{Product, SigningKey};
use sealroom_endorsements::{FetchError, Settings};

use crate::made::{NOW, certificate, chain, revocation_list};
use crate::server::{Reply, in_turn, ok, status, with};
use crate::world::{World, list, vcek};

fn seconds(waits: &[Duration]) -> Vec<f64> {
    waits.iter().map(Duration::as_secs_f64).collect()
}

/// The nth wait is drawn from the upper half of its step, and steps double from one second.
fn assert_doubling(waits: &[Duration]) {
    for (wait, step) in seconds(waits).into_iter().zip([1.0, 2.0, 4.0, 8.0]) {
        assert!(wait >= step / 2.0 && wait <= step, "{wait} is not in the upper half of {step}");
    }
}

#[tokio::test]
async fn a_failure_that_passes_is_asked_over_with_growing_waits() {
    let body = revocation_list("ARK-Milan");
    let world = World::new(in_turn(vec![status(500), status(503), Reply::Half(body.clone()), ok(&body)])).await;
    assert_eq!(world.fetch(list()).await.unwrap().files(), [body]);
    assert_eq!(world.server.asked().len(), 4);
    assert_eq!(world.clock.waits().len(), 3);
    assert_doubling(&world.clock.waits());
}

#[tokio::test]
async fn a_failure_that_stays_is_the_answer_after_so_many_requests() {
    let address = |world: &World| world.list_address();
    let world = World::new(in_turn(vec![status(502)])).await;
    assert_eq!(world.fetch(list()).await, Err(FetchError::Status { address: address(&world), status: 502 }));
    assert_eq!((world.server.asked().len(), world.clock.waits().len()), (4, 3));
    assert_doubling(&world.clock.waits());

    let once = |settings: &mut Settings| settings.attempts = NonZeroU32::MIN;
    let world = World::with(once, in_turn(vec![status(429)])).await;
    let throttled = FetchError::Throttled { address: address(&world), retry_after: None };
    assert!(throttled.may_pass());
    assert_eq!(world.fetch(list()).await, Err(throttled));
    assert_eq!((world.server.asked().len(), world.clock.waits().len()), (1, 0));
}

#[tokio::test]
async fn a_service_that_says_when_is_not_asked_earlier() {
    let body = revocation_list("ARK-Milan");
    // NOW is Sat, 01 Dec 2029 00:00:00 GMT.
    for (value, least) in [("7", 7.0), ("Sat, 01 Dec 2029 00:00:09 GMT", 9.0)] {
        for code in [429, 503] {
            let world = World::new(in_turn(vec![with(code, &[("Retry-After", value)], b""), ok(&body)])).await;
            assert_eq!(world.fetch(list()).await.unwrap().files(), core::slice::from_ref(&body));
            let waits = seconds(&world.clock.waits());
            // What it wants, and at most half a step more.
            assert!(waits.len() == 1 && waits[0] >= least && waits[0] <= least + 0.5, "{value}: {waits:?}");
        }
    }
}

#[tokio::test]
async fn a_service_that_wants_a_longer_wait_than_allowed_is_not_asked_again() {
    let world = World::new(in_turn(vec![with(429, &[("Retry-After", "61")], b"")])).await;
    let retry_after = Some(Duration::from_secs(61));
    assert_eq!(world.fetch(list()).await, Err(FetchError::Throttled { address: world.list_address(), retry_after }));
    assert_eq!((world.server.asked().len(), world.clock.waits().len()), (1, 0));
}

#[tokio::test]
async fn what_asking_again_does_not_change_is_asked_once() {
    let address = |world: &World| world.list_address();
    let world = World::new(in_turn(vec![status(404)])).await;
    assert_eq!(world.fetch(list()).await, Err(FetchError::NoSuchItem { address: address(&world) }));
    assert_eq!((world.server.asked().len(), world.clock.waits().len()), (1, 0));

    // A redirect too: what is signed for is asked for where the settings say. And nothing was known to be unchanged.
    for code in [302, 304, 400, 403] {
        let elsewhere = with(code, &[("Location", "/vcek/v1/Genoa/crl")], b"");
        let world = World::new(in_turn(vec![elsewhere])).await;
        assert_eq!(world.fetch(list()).await, Err(FetchError::Status { address: address(&world), status: code }));
        assert_eq!((world.server.paths(), world.clock.waits().len()), (vec!["/vcek/v1/Milan/crl".to_owned()], 0));
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_from_one_that_never_stood() {
    let world = World::new(in_turn(vec![Reply::Reset])).await;
    let error = world.fetch(list()).await.unwrap_err();
    assert!(matches!(&error, FetchError::Interrupted { address, .. } if *address == world.list_address()), "{error:?}");
    assert!(error.may_pass());
    assert_eq!(world.server.asked().len(), 4);

    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{free}");
    let address = nobody.clone();
    let world = World::with(|settings| settings.amd.address = nobody, in_turn(vec![status(200)])).await;
    let error = world.fetch(list()).await.unwrap_err();
    let expected = format!("{address}/vcek/v1/Milan/crl");
    assert!(matches!(&error, FetchError::Unreachable { address, .. } if *address == expected), "{error:?}");
    assert!(error.may_pass());
    assert_eq!(world.clock.waits().len(), 3);
}

#[tokio::test]
async fn a_slow_service_is_given_up_at_the_time_allowed() {
    let body = revocation_list("ARK-Milan");
    let limit = Duration::from_millis(150);
    let hasty =
        |settings: &mut Settings| (settings.answer_timeout, settings.attempts) = (limit, NonZeroU32::new(2).unwrap());
    for reply in [Reply::Silent, Reply::Stalls(body.clone())] {
        let world = World::with(hasty, in_turn(vec![reply.clone()])).await;
        assert_eq!(world.fetch(list()).await, Err(FetchError::TimedOut { address: world.list_address(), limit }));
        assert_eq!(world.server.asked().len(), 2);
        assert!(world.contents().is_empty());

        let patient = |settings: &mut Settings| settings.answer_timeout = Duration::from_millis(500);
        let world = World::with(patient, in_turn(vec![reply, ok(&body)])).await;
        assert_eq!(world.fetch(list()).await.unwrap().files(), core::slice::from_ref(&body));
    }
}

#[tokio::test]
async fn an_answer_is_read_up_to_its_limit_only() {
    let limit = 1 << 20;
    for reply in [ok(&vec![b'x'; limit + 1]), Reply::Endless] {
        let world = World::new(in_turn(vec![reply])).await;
        assert_eq!(world.fetch(list()).await, Err(FetchError::TooLarge { address: world.list_address(), limit }));
        assert_eq!((world.server.asked().len(), world.clock.waits().len()), (1, 0));
        assert!(world.contents().is_empty());
    }
}

#[tokio::test]
async fn what_is_not_the_item_asked_for_is_refused_and_not_kept() {
    let with_tail = [revocation_list("ARK-Milan"), vec![0]].concat();
    for (body, what) in [
        (b"<html>Please log in</html>".to_vec(), "revocation list is not strict der of rfc 5280".to_owned()),
        (Vec::new(), "revocation list is not strict der of rfc 5280".into()),
        (certificate("SEV-VCEK", "SEV-Milan"), "revocation list is not strict der of rfc 5280".into()),
        (with_tail, "revocation list is not strict der of rfc 5280".into()),
        (revocation_list("ARK-Genoa"), "expected issuer ARK-Milan, found \"ARK-Genoa\"".into()),
    ] {
        let world = World::new(in_turn(vec![ok(&body)])).await;
        assert_eq!(world.fetch(list()).await, Err(FetchError::Malformed { address: world.list_address(), what }));
        assert_eq!((world.server.asked().len(), world.clock.waits().len()), (1, 0));
        assert!(world.contents().is_empty());
        assert_eq!(world.source.show().await, Ok(Vec::new()));
    }
}

#[tokio::test]
async fn certificates_under_other_names_than_those_asked_for_are_refused() {
    let milan = Some(Product::Milan);
    let leaf = || vcek(milan);
    let above = || Needed::AmdChain { product: milan, signing_key: SigningKey::Vcek };
    let names = |found: &str| format!("expected certificates of SEV-Milan, ARK-Milan, found {found}");
    let three = [chain(["SEV-Milan", "ARK-Milan"]), chain(["SEV-Milan", "ARK-Milan"])].concat();
    for (needed, body, what) in [
        (leaf(), certificate("SEV-VLEK", "SEV-Milan"), "expected subject SEV-VCEK, found \"SEV-VLEK\"".to_owned()),
        (leaf(), certificate("SEV-VCEK", "SEV-Genoa"), "expected issuer SEV-Milan, found \"SEV-Genoa\"".into()),
        (above(), chain(["SEV-Genoa", "ARK-Genoa"]), names("SEV-Genoa, ARK-Genoa")),
        (above(), chain(["ARK-Milan", "SEV-Milan"]), names("ARK-Milan, SEV-Milan")),
        (above(), three, names("SEV-Milan, ARK-Milan, SEV-Milan, ARK-Milan")),
    ] {
        let world = World::new(in_turn(vec![ok(&body)])).await;
        let Err(FetchError::Malformed { what: found, .. }) = world.fetch(needed).await else { panic!("{what}") };
        assert_eq!(found, what);
        assert!(world.contents().is_empty());
    }
}

#[tokio::test]
async fn what_the_service_itself_has_expired_is_neither_used_nor_kept() {
    let body = revocation_list("ARK-Milan");
    let world = World::new(in_turn(vec![ok(&body)])).await;
    let expired = crate::made::END;
    world.clock.set(expired);
    let error = FetchError::ServedExpired { address: world.list_address(), expired, now: expired };
    assert_eq!(world.fetch(list()).await, Err(error));
    assert!(world.contents().is_empty());
    world.clock.set(expired - 1);
    assert_eq!(world.fetch(list()).await.unwrap().expires_unix_seconds(), expired);
    assert!(NOW < expired);
}
