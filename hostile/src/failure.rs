//! A schedule that broke something: what, at which step, and as few steps as are needed for it.
//!
//! What always holds: the shorter schedule was played, from the same seed, and broke something too.

use crate::step::Step;
use core::fmt;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The seed: a kit's `run(1, seed)` plays the whole schedule again.
    pub seed: u64,
    /// The party that was honest.
    pub honest: String,
    /// What was broken.
    pub violation: String,
    /// The steps that were drawn, up to the one that broke it.
    pub drawn: Vec<Step>,
    /// What is left of them.
    pub steps: Vec<Step>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, honest, violation, drawn, steps } = self;
        writeln!(f, "{violation}")?;
        writeln!(f, "seed {seed}, honest party {honest}; {} steps are enough of {}:", steps.len(), drawn.len())?;
        (1..).zip(steps).try_for_each(|(number, step)| writeln!(f, "{number:>4}. {step}"))
    }
}

impl core::error::Error for Failure {}

/// Takes steps out as long as `breaks` still holds of what is left: halves first, then ever smaller parts.
pub(crate) fn shrink(mut steps: Vec<Step>, mut breaks: impl FnMut(&[Step]) -> bool) -> Vec<Step> {
    let mut part = steps.len().div_ceil(2);
    while part > 0 {
        let (mut begin, before) = (0, steps.len());
        while begin < steps.len() {
            let end = begin.saturating_add(part).min(steps.len());
            let kept = [steps.get(..begin).unwrap_or_default(), steps.get(end..).unwrap_or_default()].concat();
            if breaks(&kept) {
                steps = kept;
            } else {
                begin = end;
            }
        }
        // Single steps are tried again until none can go.
        part = if part == 1 && steps.len() < before { 1 } else { part / 2 };
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_is_not_needed() {
        let steps: Vec<Step> = (0..50).map(|enclave| Step::Kill { enclave }).collect();
        let needed = [Step::Kill { enclave: 7 }, Step::Kill { enclave: 31 }];
        let left = shrink(steps.clone(), |steps| needed.iter().all(|step| steps.contains(step)));
        assert_eq!(left, needed);
        let failure =
            Failure { seed: 3, honest: "north".into(), violation: "two runs of one".into(), drawn: steps, steps: left };
        let shown = failure.to_string();
        assert!(shown.starts_with("two runs of one\nseed 3, honest party north; 2 steps are enough of 50:"), "{shown}");
        assert!(shown.contains("   1. the host kills the last but 7 enclave"), "{shown}");
    }
}
