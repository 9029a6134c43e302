//! Progress of long work, where a person watches: throughput and time left, on standard error.
//!
//! What always holds: nothing is drawn where standard error is no terminal, or for work that ends at once.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sealroom::Progress;
use std::io::IsTerminal;

/// Work below this many bytes ends before anyone could read a bar.
const SHORT: u64 = 8 << 20;

/// A bar that follows [`Progress`]; it goes away when it is dropped.
#[derive(Debug)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar for this work.
    pub(crate) fn new(what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let template = "{prefix}  {bar:24} {percent}%  {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        Self(bar)
    }

    /// Shows how far it has come.
    pub(crate) fn update(&self, progress: Progress) {
        if self.0.length().is_none() {
            if progress.total >= SHORT && std::io::stderr().is_terminal() {
                self.0.set_draw_target(ProgressDrawTarget::stderr());
            }
            self.0.set_length(progress.total);
        }
        self.0.set_position(progress.done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
