//! The encrypted object from outside: what is written is read, and whatever was changed is refused.

#[cfg(test)]
mod attacks_on_bodies;
#[cfg(test)]
mod attacks_on_manifests;
#[cfg(test)]
mod borders;
#[cfg(test)]
mod forge;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod support;
#[cfg(test)]
mod vectors;
