//! Connections of each address, so that none takes every place.
//!
//! What always holds: an address has at most so many connections at once, and a place that is left can be taken again.

use core::net::{IpAddr, Ipv6Addr};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Bits of an IPv6 address that name a network: whoever has one has all addresses in it.
const NETWORK: u128 = !0 << 64;

/// Who is connected.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    limit: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection's place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    address: IpAddr,
    addresses: Addresses,
}

impl Addresses {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, taken: Arc::default() }
    }

    /// A place for one more connection of this address, unless it has as many as it may.
    pub(super) fn enter(&self, address: IpAddr) -> Option<Place> {
        let address = match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & NETWORK)),
            address @ IpAddr::V4(_) => address,
        };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let places = taken.entry(address).or_default();
        if *places >= self.limit {
            return None;
        }
        *places = places.saturating_add(1);
        Some(Place { address, addresses: self.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.addresses.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = taken.get_mut(&self.address) {
            *places = places.saturating_sub(1);
            if *places == 0 {
                let _ = taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_or_network_has_its_places_and_leaves_others_theirs() {
        let addresses = Addresses::new(2);
        let enter = |address: &str| addresses.enter(address.parse().unwrap());
        let [first, second] = ["192.0.2.1", "::ffff:192.0.2.1"].map(enter);
        assert!(first.is_some() && second.is_some() && enter("192.0.2.1").is_none());
        assert!(enter("192.0.2.2").is_some());
        let [third, fourth] = ["2001:db8::1", "2001:db8::ffff:2"].map(enter);
        assert!(third.is_some() && fourth.is_some() && enter("2001:db8::3").is_none());
        assert!(enter("2001:db8:0:1::3").is_some());
        drop(first);
        assert!(enter("192.0.2.1").is_some());
        drop((second, third, fourth));
        assert!(addresses.taken.lock().unwrap().is_empty());
    }
}
