//! Numbers that are no secret: keys and salts need only differ here, and an input must always do the same.

use core::convert::Infallible;

pub(super) struct Counter(u64);

impl Counter {
    pub(super) const fn new() -> Self {
        Self(1)
    }
}

impl rand_core::TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        Ok(u32::try_from(self.0 >> 32).unwrap_or_default())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(self.try_next_u32()?) << 32 | u64::from(self.try_next_u32()?))
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        for byte in destination {
            *byte = u8::try_from(self.try_next_u32()? >> 24).unwrap_or_default();
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counter {}
