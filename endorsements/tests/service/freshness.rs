//! How long an item is used: until its maker's next update or the caller's maximum age, and never longer.

use core::time::Duration;

use sealroom_attestation::Needed;
use sealroom_attestation::snp::{Product, SigningKey};
use sealroom_endorsements::{FetchError, Origin, Settings, Source, State};

use crate::made::{END, NOW, certificate, chain, revocation_list};
use crate::server::{in_turn, ok, status, with};
use crate::world::{World, list, only, settings, vcek, vcek_path};

const HOUR: u64 = 3600;

fn at_most_an_hour(settings: &mut Settings) {
    settings.maximum_age = Some(Duration::from_secs(HOUR));
}

#[tokio::test]
async fn a_list_is_used_until_its_next_update_and_not_a_second_longer() {
    let body = revocation_list("ARK-Milan");
    let world = World::new(in_turn(vec![ok(&body), status(404)])).await;
    assert_eq!(world.fetch(list()).await.unwrap().origin(), Origin::Service);
    for now in [NOW, END - 1] {
        world.clock.set(now);
        let again = world.fetch(list()).await.unwrap();
        assert_eq!(
            (again.origin(), again.fetched_unix_seconds(), again.files()),
            (Origin::Cache, NOW, &[body.clone()][..])
        );
    }
    assert_eq!(world.server.asked().len(), 1);

    world.clock.set(END);
    let renewal = Box::new(FetchError::NoSuchItem { address: world.list_address() });
    let error = FetchError::Expired { expired: END, now: END, renewal: Some(renewal) };
    assert_eq!(world.fetch(list()).await, Err(error));
    assert_eq!(world.server.asked().len(), 2);
    let offline = FetchError::Expired { expired: END, now: END, renewal: None };
    assert_eq!(world.cached(list()).await, Err(offline));
    assert_eq!(world.server.asked().len(), 2);
}

#[tokio::test]
async fn an_expired_list_is_not_used_even_if_the_service_has_no_newer_one() {
    let first = with(200, &[("ETag", "\"a\"")], &revocation_list("ARK-Milan"));
    let world = World::new(in_turn(vec![first, status(304)])).await;
    world.fetch(list()).await.unwrap();
    world.clock.set(END + HOUR);
    let now = END + HOUR;
    let renewal = Box::new(FetchError::ServedExpired { address: world.list_address(), expired: END, now });
    let error = FetchError::Expired { expired: END, now, renewal: Some(renewal) };
    assert!(!error.may_pass());
    assert_eq!(world.fetch(list()).await, Err(error));
}

#[tokio::test]
async fn an_older_list_than_the_caller_wants_is_confirmed_with_what_the_service_said_of_it() {
    let body = revocation_list("ARK-Milan");
    let date = "Thu, 01 Nov 2029 00:00:00 GMT";
    let first = with(200, &[("ETag", "\"a\""), ("Last-Modified", date)], &body);
    let newer = revocation_list("ARK-Milan");
    let world = World::with(at_most_an_hour, in_turn(vec![first, status(304), ok(&newer)])).await;
    world.fetch(list()).await.unwrap();
    world.clock.set(NOW + HOUR);
    assert_eq!(world.fetch(list()).await.unwrap().origin(), Origin::Cache);

    world.clock.set(NOW + HOUR + 1);
    let too_old =
        FetchError::TooOld { fetched: NOW, now: NOW + HOUR + 1, maximum_age: Duration::from_secs(HOUR), renewal: None };
    assert_eq!(world.cached(list()).await, Err(too_old));
    let confirmed = world.fetch(list()).await.unwrap();
    assert_eq!((confirmed.origin(), confirmed.files()), (Origin::Confirmed, &[body][..]));
    let [unconditional, conditional] = <[_; 2]>::try_from(world.server.asked()).unwrap();
    let validators = |asked: &crate::server::Asked| {
        ["if-none-match", "if-modified-since"].map(|name| asked.header(name).map(str::to_owned))
    };
    assert_eq!(validators(&unconditional), [None, None]);
    assert_eq!(validators(&conditional), [Some("\"a\"".to_owned()), Some(date.to_owned())]);

    // Its age begins anew, and a newer one takes its place.
    world.clock.set(NOW + 2 * HOUR + 1);
    assert_eq!(world.fetch(list()).await.unwrap().origin(), Origin::Cache);
    world.clock.set(NOW + 2 * HOUR + 2);
    assert_eq!(world.fetch(list()).await.unwrap().files(), core::slice::from_ref(&newer));
    assert_eq!(world.cached(list()).await.unwrap().files(), [newer]);
    assert_eq!(world.server.asked().len(), 3);
}

#[tokio::test]
async fn certificates_are_kept_whatever_age_the_caller_allows() {
    let leaf = certificate("SEV-VCEK", "SEV-Milan");
    let chain = chain(["SEV-Milan", "ARK-Milan"]);
    let (one, other) = (leaf.clone(), chain.clone());
    let reply =
        move |asked: &crate::server::Asked| if asked.path.ends_with("cert_chain") { ok(&other) } else { ok(&one) };
    let world = World::with(at_most_an_hour, reply).await;
    let signing_key = SigningKey::Vcek;
    let needed = [vcek(Some(Product::Milan)), Needed::AmdChain { product: Some(Product::Milan), signing_key }];
    for (now, origin) in [(NOW, Origin::Service), (NOW + 100 * HOUR, Origin::Cache), (END, Origin::Cache)] {
        world.clock.set(now);
        let outcomes = world.source.fetch(&needed).await;
        assert_eq!(outcomes.iter().map(|(needed, _)| needed).collect::<Vec<_>>(), needed.iter().collect::<Vec<_>>());
        let outcomes: Vec<_> = outcomes.into_iter().map(|(_, outcome)| outcome.unwrap()).collect();
        assert!(outcomes.iter().all(|outcome| outcome.origin() == origin), "{now}");
        assert_eq!(
            outcomes.into_iter().flat_map(|outcome| outcome.into_files()).collect::<Vec<_>>(),
            [leaf.clone(), chain.clone()]
        );
    }
    assert_eq!(world.server.asked().len(), 2);
    // Until their last second, which is the first of 2030.
    world.clock.set(END + 1);
    let error = FetchError::Expired { expired: END + 1, now: END + 1, renewal: None };
    assert_eq!(world.cached(vcek(Some(Product::Milan))).await, Err(error));
}

#[tokio::test]
async fn what_one_source_kept_another_finds() {
    let world = World::new(in_turn(vec![ok(&revocation_list("ARK-Milan")), status(404)])).await;
    assert_eq!(world.cached(list()).await, Err(FetchError::NotCached { needed: list().to_string() }));
    let fetched = world.fetch(list()).await.unwrap();
    let other = Source::with_clock(settings(&world.server, world.folder.path()), world.clock.clone()).unwrap();
    assert_eq!(only(other.cached(&[list()]).await).unwrap().files(), fetched.files());
    assert_eq!(only(other.fetch(&[list()]).await).unwrap().origin(), Origin::Cache);
    assert_eq!(world.server.asked().len(), 1);
}

#[tokio::test]
async fn damaged_content_is_not_used_and_fetched_again() {
    let body = revocation_list("ARK-Milan");
    let world = World::new(in_turn(vec![ok(&body)])).await;
    world.fetch(list()).await.unwrap();
    let [content] = <[_; 1]>::try_from(world.contents()).unwrap();
    std::fs::write(&content, &body[1..]).unwrap();
    let digest = content.file_name().unwrap().to_str().unwrap().to_owned();
    let why = format!("content {digest} has another digest");
    assert_eq!(world.cached(list()).await, Err(FetchError::Damaged { needed: list().to_string(), why: why.clone() }));
    let shown = world.source.show().await.unwrap();
    assert_eq!(shown.iter().map(|item| item.state.clone()).collect::<Vec<_>>(), [State::Damaged { why }]);
    assert_eq!(world.fetch(list()).await.unwrap().files(), core::slice::from_ref(&body));
    assert_eq!(world.cached(list()).await.unwrap().files(), [body]);
}

#[tokio::test]
async fn an_item_that_cannot_be_kept_is_brought_and_said_not_to_be_kept() {
    let body = revocation_list("ARK-Milan");
    let world = World::new(in_turn(vec![ok(&body)])).await;
    let files = world.folder.path().join("files");
    std::fs::remove_dir(&files).unwrap();
    std::fs::write(&files, b"in the way").unwrap();
    let outcome = world.fetch(list()).await.unwrap();
    assert_eq!(outcome.files(), [body]);
    assert!(outcome.not_kept().unwrap().path.starts_with(&files));
    assert_eq!(world.cached(list()).await, Err(FetchError::NotCached { needed: list().to_string() }));
}

#[tokio::test]
async fn a_chip_that_does_not_say_its_line_is_asked_for_in_turn_and_tells_it() {
    let leaf = certificate("SEV-VCEK", "SEV-Genoa");
    let list = revocation_list("ARK-Genoa");
    let (milan, genoa) = (vcek_path("Milan"), vcek_path("Genoa"));
    let (leaf_path, leaf_body, list_body) = (genoa.clone(), leaf.clone(), list.clone());
    let world = World::new(move |asked| match asked.path.as_str() {
        path if path == leaf_path => ok(&leaf_body),
        "/vlek/v1/Genoa/crl" => ok(&list_body),
        _ => status(404),
    })
    .await;
    let needed = [Needed::AmdRevocationList { product: None, signing_key: SigningKey::Vlek }, vcek(None)];
    let outcomes = world.source.fetch(&needed).await;
    let files: Vec<_> = outcomes.into_iter().map(|(needed, outcome)| (needed, outcome.unwrap().into_files())).collect();
    assert_eq!(files, [(needed[0].clone(), vec![list]), (needed[1].clone(), vec![leaf])]);
    assert_eq!(world.server.paths(), [milan, genoa, "/vlek/v1/Genoa/crl".into()]);
    // From the cache nobody has to guess.
    assert!(
        world.source.fetch(&needed).await.into_iter().all(|(_, outcome)| outcome.unwrap().origin() == Origin::Cache)
    );
    assert_eq!(world.server.asked().len(), 3);
}

#[tokio::test]
async fn the_cache_shows_digests_ages_and_ends() {
    let body = revocation_list("ARK-Milan");
    let world = World::with(at_most_an_hour, in_turn(vec![ok(&body)])).await;
    world.fetch(list()).await.unwrap();
    for (now, state) in [(NOW + 5, State::Usable), (NOW + HOUR + 1, State::TooOld), (END, State::Expired)] {
        world.clock.set(now);
        let [shown] = <[_; 1]>::try_from(world.source.show().await.unwrap()).unwrap();
        assert_eq!((shown.name.as_str(), shown.address), ("amd/vcek/v1/Milan/crl", world.list_address()));
        assert_eq!((shown.fetched_unix_seconds, shown.expires_unix_seconds), (NOW, END));
        assert_eq!((shown.age_seconds, shown.state), (now - NOW, state));
        let [file] = <[_; 1]>::try_from(shown.files).unwrap();
        let [content] = <[_; 1]>::try_from(world.contents()).unwrap();
        assert_eq!((file.sha256.as_str(), file.length), (content.file_name().unwrap().to_str().unwrap(), body.len()));
    }
}
