//! Many callers: one request for an item, and no more connections to a service than allowed.

use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;

use sealroom_attestation::Needed;
use sealroom_attestation::snp::{Product, SigningKey};

use crate::made::revocation_list;
use crate::server::{Reply, in_turn, ok, status};
use crate::world::{World, list, only};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_callers_are_one_request() {
    let body = revocation_list("ARK-Milan");
    // The answer waits until every caller has begun; whoever comes later still finds it in the cache.
    let (begun, all_have_begun) = mpsc::channel();
    let (gate, answer) = (Mutex::new(all_have_begun), body.clone());
    let world = World::new(move |asked| {
        if asked.before == 0 {
            let gate = gate.lock().unwrap();
            assert_eq!(tokio::task::block_in_place(|| gate.iter().take(50).count()), 50);
        }
        ok(&answer)
    })
    .await;
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let (source, begun) = (world.source.clone(), begun.clone());
            tokio::spawn(async move {
                begun.send(()).unwrap();
                only(source.fetch(&[list()]).await).unwrap().into_files()
            })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), core::slice::from_ref(&body));
    }
    assert_eq!(world.server.asked().len(), 1);
}

#[tokio::test]
async fn one_call_with_the_same_item_twice_is_one_request() {
    let world = World::new(in_turn(vec![ok(&revocation_list("ARK-Milan")), status(404)])).await;
    let outcomes = world.source.fetch(&[list(), list(), list()]).await;
    assert_eq!(outcomes.len(), 3);
    assert!(outcomes.iter().all(|(_, outcome)| outcome.is_ok()));
    assert_eq!(world.server.asked().len(), 1);
}

#[tokio::test]
async fn who_waits_for_a_caller_that_is_dropped_asks_for_itself() {
    let body = revocation_list("ARK-Milan");
    let world = World::new(in_turn(vec![Reply::Silent, ok(&body)])).await;
    let first = tokio::spawn({
        let source = world.source.clone();
        async move { only(source.fetch(&[list()]).await) }
    });
    while world.server.asked().is_empty() {
        tokio::task::yield_now().await;
    }
    let second = tokio::spawn({
        let source = world.source.clone();
        async move { only(source.fetch(&[list()]).await) }
    });
    first.abort();
    assert_eq!(second.await.unwrap().unwrap().files(), [body]);
    assert_eq!(world.server.asked().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_requests_are_under_way_than_the_service_gets() {
    let lists: Vec<_> = ["Milan", "Genoa", "Turin"].map(|line| (line, revocation_list(&format!("ARK-{line}")))).into();
    let under_way = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (counted, highest) = (Arc::clone(&under_way), Arc::clone(&most));
    let world = World::new(move |asked| {
        highest.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        // Long enough for a second request to come in, if one were sent.
        tokio::task::block_in_place(|| std::thread::sleep(core::time::Duration::from_millis(20)));
        counted.fetch_sub(1, Ordering::SeqCst);
        let (_, body) = lists.iter().find(|(line, _)| asked.path.contains(line)).unwrap();
        ok(body)
    })
    .await;
    let keys = [SigningKey::Vcek, SigningKey::Vlek];
    let needed: Vec<_> = [Product::Milan, Product::Genoa, Product::Turin]
        .into_iter()
        .flat_map(|line| keys.map(|signing_key| Needed::AmdRevocationList { product: Some(line), signing_key }))
        .collect();
    assert!(world.source.fetch(&needed).await.iter().all(|(_, outcome)| outcome.is_ok()));
    assert_eq!((world.server.asked().len(), most.load(Ordering::SeqCst)), (6, 1));
}
