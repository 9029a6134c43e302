//! Memory for the bodies of signed requests.
//!
//! What always holds: all bodies together stay within fixed bounds; no party takes more than its share of them, and long bodies
//! take nothing of what is kept for short ones (grants, stops), so one party's slow bodies hold up its own alone.

use crate::refusal::Refusal;
use core::time::Duration;
use sealroom_protocol::identity::SigningPublicKey;
use std::collections::HashMap;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Longest body that counts as short, in KiB.
const SHORT: u64 = 1 << 10;
/// KiB of long bodies in memory at once: of all parties, and of one. The longest body fits.
const LONG_ALL: usize = 96 << 10;
const LONG_SHARE: usize = 32 << 10;
/// KiB of short bodies in memory at once: of all parties, and of one.
const SHORT_ALL: usize = 16 << 10;
const SHORT_SHARE: usize = 4 << 10;

/// What is free.
#[derive(Debug)]
pub(crate) struct Bodies {
    all: Pools,
    parties: HashMap<SigningPublicKey, Pools>,
}

#[derive(Debug)]
struct Pools {
    long: Semaphore,
    short: Semaphore,
}

impl Pools {
    const fn of(&self, kib: u64) -> &Semaphore {
        if kib > SHORT { &self.long } else { &self.short }
    }
}

/// Memory that one body has, until this is dropped.
#[derive(Debug)]
pub(super) struct Taken<'a> {
    _own: SemaphorePermit<'a>,
    _of_all: SemaphorePermit<'a>,
}

impl Bodies {
    /// Nothing taken yet, for these parties and no others.
    pub(crate) fn new<'a>(parties: impl Iterator<Item = &'a SigningPublicKey>) -> Self {
        let share = || Pools { long: Semaphore::new(LONG_SHARE), short: Semaphore::new(SHORT_SHARE) };
        let all = Pools { long: Semaphore::new(LONG_ALL), short: Semaphore::new(SHORT_ALL) };
        Self { all, parties: parties.map(|party| (*party, share())).collect() }
    }

    /// Memory for a body of so many bytes.
    ///
    /// # Errors
    /// [`Refusal::Busy`] where there is none so soon, [`Refusal::Key`] for a party that is not allowed.
    pub(super) async fn take(
        &self,
        party: &SigningPublicKey,
        length: u64,
        patience: Duration,
    ) -> Result<Taken<'_>, Refusal> {
        let kib = length.div_ceil(1024);
        let own = self.parties.get(party).ok_or(Refusal::Key)?.of(kib);
        let permits = u32::try_from(kib).unwrap_or(u32::MAX);
        // Its own share first: what waits for that waits before nobody else.
        let both = async {
            let own = own.acquire_many(permits).await.ok()?;
            Some(Taken { _own: own, _of_all: self.all.of(kib).acquire_many(permits).await.ok()? })
        };
        let taken = tokio::time::timeout(patience, both).await.ok().flatten();
        taken.ok_or(Refusal::Busy { what: "request bodies" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::key;

    #[tokio::test]
    async fn a_party_has_its_share_of_memory_and_short_bodies_have_theirs() {
        let parties = [1, 2, 3, 4].map(|number| key(number).public());
        let bodies = Bodies::new(parties.iter());
        let take =
            async |party: usize, mib: u64| bodies.take(&parties[party], mib << 20, Duration::from_millis(20)).await;
        let busy = Some(Refusal::Busy { what: "request bodies" });
        let long = [take(0, 20).await.unwrap(), take(0, 12).await.unwrap()];
        assert_eq!(take(0, 2).await.err(), busy);
        let others = [take(1, 20).await.unwrap(), take(1, 12).await.unwrap(), take(2, 20).await.unwrap()];
        let last = take(2, 12).await.unwrap();
        assert_eq!(take(3, 2).await.err(), busy, "all is taken");
        // A grant or a stop of anybody, but for who has its share of those too.
        let short = [take(0, 1).await.unwrap(), take(0, 1).await.unwrap(), take(0, 1).await.unwrap()];
        let more = take(0, 1).await.unwrap();
        assert_eq!(take(0, 1).await.err(), busy);
        drop(take(3, 1).await.unwrap());
        drop((long, others, last, short, more));
        drop(take(3, 20).await.unwrap());
        let stranger = bodies.take(&key(9).public(), 1, Duration::ZERO).await;
        assert_eq!(stranger.err(), Some(Refusal::Key));
    }
}
