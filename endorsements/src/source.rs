//! Endorsements on demand: from the cache where they are still good, else from their maker's service.
//!
//! What always holds: what has expired is never used, and said to have expired; one request at a time is under way for an
//! item, whoever waits for it; what does not decode is not kept.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use sealroom_attestation::snp::Product;
use sealroom_attestation::{Certificate, Endorsements, Needed};
use tokio::sync::{OnceCell, Semaphore};

use crate::answer::decode;
use crate::backoff::BackOff;
use crate::cache::{Cache, Found, Kept, digest};
use crate::clock::{Clock, SystemClock};
use crate::endorsement::{Endorsement, Origin, Shown, ShownFile, State};
use crate::entry::Entry;
use crate::error::{CacheError, FetchError, SettingsError};
use crate::exchange::{Answer, Http, Validators};
use crate::request::{Addresses, Maker, Request, line_of_issuer};
use crate::settings::Settings;

/// What came of one item.
type Outcome = Result<Endorsement, FetchError>;
/// Who asks first asks for all who come while it is under way. Dropping that caller lets the next one ask.
type Flight = Arc<OnceCell<Outcome>>;

/// Fetches and caches. Cheap to clone: clones share the cache, the connections and what is under way.
#[derive(Debug, Clone)]
pub struct Source {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: Settings,
    addresses: Addresses,
    http: Http,
    cache: Cache,
    clock: Arc<dyn Clock>,
    flights: Mutex<BTreeMap<String, Flight>>,
    amd: Semaphore,
    intel: Semaphore,
}

/// Whether a kept item may be used.
enum Judged {
    Usable(Kept),
    /// Kept, but not usable; the error has no renewal yet.
    Not(Kept, FetchError),
    Nothing,
    Damaged(String),
}

impl Source {
    /// Opens the cache, and asks nobody yet.
    ///
    /// # Errors
    /// [`SettingsError`]: an address, the certificates for TLS, or the folder.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        Self::with_clock(settings, Arc::new(SystemClock))
    }

    /// The same with another clock than the operating system's.
    ///
    /// # Errors
    /// As for [`Source::new`].
    pub fn with_clock(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, SettingsError> {
        let [amd, intel, intel_root_revocation_list] = settings.addresses()?;
        let needs_tls = [&amd, &intel, &intel_root_revocation_list].iter().any(|address| address.scheme() == "https");
        let places = |service: &crate::settings::Service| {
            let most = usize::try_from(service.connections.get()).unwrap_or(Semaphore::MAX_PERMITS);
            Semaphore::new(most.min(Semaphore::MAX_PERMITS))
        };
        let inner = Inner {
            http: Http::new(&settings, needs_tls)?,
            cache: Cache::open(&settings.folder)?,
            addresses: Addresses { amd, intel, intel_root_revocation_list },
            clock,
            flights: Mutex::default(),
            amd: places(&settings.amd),
            intel: places(&settings.intel),
            settings,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Each of these, in the same order: from the cache, or else from its maker's service. Each outcome is its own. A certificate
    /// that no service gives out is had where another of these items brings it along.
    ///
    /// It may be dropped at any time; who waits for the same item then asks for itself.
    pub async fn fetch(&self, needed: &[Needed]) -> Vec<(Needed, Result<Endorsement, FetchError>)> {
        self.each(needed, true).await
    }

    /// Each of these, in the same order, from the cache alone: the network is not used.
    pub async fn cached(&self, needed: &[Needed]) -> Vec<(Needed, Result<Endorsement, FetchError>)> {
        self.each(needed, false).await
    }

    /// All that the cache holds, in the order of names, used or not.
    ///
    /// # Errors
    /// [`CacheError`]: the folder cannot be read.
    pub async fn show(&self) -> Result<Vec<Shown>, CacheError> {
        let listed = self.blocking(|cache| cache.list()).await?;
        let now = self.inner.clock.now();
        Ok(listed.into_iter().map(|(name, found)| self.shown(name, found, now)).collect())
    }

    async fn each(&self, needed: &[Needed], online: bool) -> Vec<(Needed, Outcome)> {
        // Evidence of an old version does not say its line; the certificate of its chip does.
        let tells = |needed: &Needed| matches!(needed, Needed::AmdVcek { product: None, .. });
        let first = join_all(needed.iter().filter(|one| tells(one)).map(|one| self.one(one.clone(), online))).await;
        let line = first.iter().find_map(|outcome| line_of(outcome.as_ref().ok()?));
        let rest = needed.iter().filter(|one| !tells(one)).map(|one| self.one(with_line(one, line), online));
        let rest = join_all(rest).await;
        let (mut first, mut rest) = (first.into_iter(), rest.into_iter());
        let outcome = |one: &Needed| if tells(one) { first.next() } else { rest.next() };
        let outcomes: Vec<_> = needed.iter().map(outcome).collect();
        let mut all: Vec<_> = needed.iter().cloned().zip(outcomes.into_iter().flatten()).collect();
        let brought: Vec<_> = all.iter().filter_map(|(_, outcome)| outcome.as_ref().ok().cloned()).collect();
        for (needed, outcome) in &mut all {
            if let (Needed::Certificate { subject }, Err(FetchError::NotServed { .. })) = (&*needed, &*outcome)
                && let Some(along) = along(subject, &brought)
            {
                *outcome = Ok(along);
            }
        }
        all
    }

    async fn one(&self, needed: Needed, online: bool) -> Outcome {
        let requests = self.inner.addresses.requests(&needed)?;
        let mut missing = FetchError::NotCached { needed: needed.to_string() };
        for request in &requests {
            match self.judged(request).await {
                Ok(Judged::Usable(kept)) => return Ok(endorsement(kept, Origin::Cache)),
                Ok(Judged::Nothing) => {}
                Ok(Judged::Not(_, error)) => missing = error,
                Ok(Judged::Damaged(why)) => missing = FetchError::Damaged { needed: needed.to_string(), why },
                Err(error) => missing = error.into(),
            }
        }
        if !online {
            return Err(missing);
        }
        for request in &requests {
            match self.flight(request).await {
                Err(error @ FetchError::NoSuchItem { .. }) => missing = error, // perhaps of the next line
                outcome => return outcome,
            }
        }
        Err(missing)
    }

    async fn flight(&self, request: &Request) -> Outcome {
        let flights = || self.inner.flights.lock().unwrap_or_else(PoisonError::into_inner);
        let flight = Arc::clone(flights().entry(request.name.clone()).or_default());
        let outcome = flight.get_or_init(|| self.renewed(request)).await.clone();
        let mut flights = flights();
        if flights.get(&request.name).is_some_and(|current| Arc::ptr_eq(current, &flight)) {
            flights.remove(&request.name);
        }
        outcome
    }

    async fn renewed(&self, request: &Request) -> Outcome {
        // Someone else may have fetched it since it was looked for.
        let (kept, unusable) = match self.judged(request).await {
            Ok(Judged::Usable(kept)) => return Ok(endorsement(kept, Origin::Cache)),
            Ok(Judged::Not(kept, error)) => (Some(kept), Some(error)),
            Ok(Judged::Nothing | Judged::Damaged(_)) | Err(_) => (None, None),
        };
        self.asked(request, kept).await.map_err(|why| match unusable {
            Some(FetchError::Expired { expired, now, .. }) => {
                FetchError::Expired { expired, now, renewal: Some(Box::new(why)) }
            }
            Some(FetchError::TooOld { fetched, now, maximum_age, .. }) => {
                FetchError::TooOld { fetched, now, maximum_age, renewal: Some(Box::new(why)) }
            }
            _ => why,
        })
    }

    async fn asked(&self, request: &Request, kept: Option<Kept>) -> Outcome {
        let known = kept.as_ref().map(|kept| kept.entry.validators()).unwrap_or_default();
        let answer = self.persist(request, &known).await?;
        let now = self.inner.clock.now();
        let address = request.address.to_string();
        let (kept, origin) = match (answer, kept) {
            (Answer::NotModified, Some(mut kept)) => {
                kept.entry.fetched = now;
                (kept, Origin::Confirmed)
            }
            // Only asked with validators, which are of something kept.
            (Answer::NotModified, None) => return Err(FetchError::Status { address, status: 304 }),
            (Answer::Body { bytes, headers, validators }, _) => {
                let decoded = decode(&request.expected, bytes, &headers)
                    .map_err(|what| FetchError::Malformed { address: address.clone(), what })?;
                let entry = Entry {
                    version: 1,
                    name: request.name.clone(),
                    address: address.clone(),
                    files: decoded.files.iter().map(|file| digest(file)).collect(),
                    fetched: now,
                    expires: decoded.expires,
                    ages: request.expected.ages(),
                    etag: validators.etag,
                    last_modified: validators.last_modified,
                };
                (Kept { entry, files: decoded.files }, Origin::Service)
            }
        };
        if kept.entry.expires <= now {
            return Err(FetchError::ServedExpired { address, expired: kept.entry.expires, now });
        }
        let keep = kept.clone();
        let stored = self
            .blocking(move |cache| match origin {
                Origin::Service => cache.store(&keep.entry, &keep.files),
                Origin::Confirmed | Origin::Cache => cache.store_entry(&keep.entry),
            })
            .await;
        Ok(Endorsement { not_kept: stored.err(), ..endorsement(kept, origin) })
    }

    /// Asks until there is an answer, or no more use.
    async fn persist(&self, request: &Request, known: &Validators) -> Result<Answer, FetchError> {
        let inner = &self.inner;
        let places = match request.maker {
            Maker::Amd => &inner.amd,
            Maker::Intel => &inner.intel,
        };
        let mut back_off = BackOff::new(&inner.settings);
        let mut left = inner.settings.attempts.get();
        loop {
            // Nobody closes the semaphore; and without a place one would only be less polite. A wait holds no place.
            let place = places.acquire().await.ok();
            let failure = match inner.http.ask(request, known, inner.clock.now()).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            drop(place);
            left = left.saturating_sub(1);
            let wait = failure.again_after.filter(|_| left > 0).and_then(|least| back_off.next(least));
            let Some(wait) = wait else { return Err(failure.error) };
            inner.clock.wait(wait).await;
        }
    }

    async fn judged(&self, request: &Request) -> Result<Judged, CacheError> {
        let name = request.name.clone();
        let found = self.blocking(move |cache| cache.load(&name)).await?;
        Ok(match found {
            Found::Nothing => Judged::Nothing,
            Found::Damaged(why) => Judged::Damaged(why),
            Found::Kept(kept) => match self.unusable(&kept.entry, self.inner.clock.now()) {
                None => Judged::Usable(kept),
                Some(error) => Judged::Not(kept, error),
            },
        })
    }

    /// Why an entry's item is not used at this time.
    fn unusable(&self, entry: &Entry, now: u64) -> Option<FetchError> {
        if entry.expires <= now {
            return Some(FetchError::Expired { expired: entry.expires, now, renewal: None });
        }
        let maximum_age = self.inner.settings.maximum_age.filter(|_| entry.ages)?;
        let age = Duration::from_secs(now.saturating_sub(entry.fetched));
        (age > maximum_age).then_some(FetchError::TooOld { fetched: entry.fetched, now, maximum_age, renewal: None })
    }

    fn shown(&self, name: String, found: Found, now: u64) -> Shown {
        let Found::Kept(Kept { entry, files }) = found else {
            let why = if let Found::Damaged(why) = found { why } else { "it is gone".into() };
            let (files, address) = (Vec::new(), String::new());
            let state = State::Damaged { why };
            return Shown {
                name,
                address,
                files,
                fetched_unix_seconds: 0,
                age_seconds: 0,
                expires_unix_seconds: 0,
                state,
            };
        };
        let state = match self.unusable(&entry, now) {
            None => State::Usable,
            Some(FetchError::TooOld { .. }) => State::TooOld,
            Some(_) => State::Expired,
        };
        let file = |(sha256, bytes): (String, Vec<u8>)| ShownFile { sha256, length: bytes.len() };
        Shown {
            name,
            address: entry.address,
            files: entry.files.into_iter().zip(files).map(file).collect(),
            fetched_unix_seconds: entry.fetched,
            age_seconds: now.saturating_sub(entry.fetched),
            expires_unix_seconds: entry.expires,
            state,
        }
    }

    /// Files are small, but a disk may be slow.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Cache) -> Result<T, CacheError> + Send + 'static,
    ) -> Result<T, CacheError> {
        let cache = self.inner.cache.clone();
        let path = self.inner.settings.folder.clone();
        let done = tokio::task::spawn_blocking(move || work(&cache)).await;
        done.unwrap_or_else(|error| Err(CacheError { path, what: error.to_string() }))
    }
}

fn endorsement(kept: Kept, origin: Origin) -> Endorsement {
    let Kept { entry, files } = kept;
    Endorsement { files, fetched: entry.fetched, expires: entry.expires, origin, not_kept: None }
}

/// The certificate of this subject out of what else was brought: Intel's documents come with the chain of who signed them.
fn along(subject: &str, brought: &[Endorsement]) -> Option<Endorsement> {
    let holds = |file: &Vec<u8>| {
        let decoded = Endorsements::decode(file);
        decoded.is_ok_and(|all| all.certificates().iter().any(|certificate| certificate.subject() == subject))
    };
    brought.iter().find_map(|endorsement| {
        let file = endorsement.files.iter().find(|file| holds(file))?.clone();
        Some(Endorsement { files: vec![file], ..endorsement.clone() })
    })
}

/// The line that a VCEK's issuer names.
fn line_of(vcek: &Endorsement) -> Option<Product> {
    line_of_issuer(Certificate::from_der(vcek.files.first()?).ok()?.issuer())
}

/// The same with the line, where it does not say one.
fn with_line(needed: &Needed, line: Option<Product>) -> Needed {
    let mut needed = needed.clone();
    if let Needed::AmdChain { product, .. } | Needed::AmdRevocationList { product, .. } | Needed::AmdVlek { product } =
        &mut needed
    {
        *product = product.or(line);
    }
    needed
}
