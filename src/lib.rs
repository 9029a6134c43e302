//! PARTY. Placeholder.
