//! One row of the table that `benches/run` prints: six cells, the last of which says whether the aim was met.
//!
//! Everything in a room is as the programs are shipped, with ring; what is measured with aws-lc-rs has a column of its own.

use std::io::Write;

/// What a figure should be.
#[derive(Clone, Copy)]
pub(crate) enum Aim {
    /// Only shown.
    None,
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

/// A figure, and how it is shown.
pub(crate) struct Figure(pub(crate) f64, pub(crate) String);

impl Aim {
    fn shown(self) -> String {
        match self {
            Self::None => "-".into(),
            Self::AtLeast(least) => format!("at least {least}"),
            Self::AtMost(most) => format!("at most {most}"),
        }
    }

    /// Judges the figures as they were measured, not as they are rounded.
    fn judged(self, ring: &Figure, aws_lc_rs: Option<&Figure>) -> &'static str {
        let met = |figure: &Figure| match self {
            Self::None => None,
            Self::AtLeast(least) => Some(figure.0 >= least),
            Self::AtMost(most) => Some(figure.0 <= most),
        };
        match (met(ring), aws_lc_rs.and_then(met)) {
            (None, _) => "-",
            (Some(true), None | Some(true)) => "met",
            (Some(true), Some(false)) => "MISSED with aws-lc-rs",
            (Some(false), Some(true)) => "MISSED with ring",
            (Some(false), None | Some(false)) => "MISSED",
        }
    }
}

/// Prints a row: what was measured, against what, and the figures with ring and with aws-lc-rs.
pub(crate) fn print(what: &str, against: &str, aim: Aim, ring: &Figure, aws_lc_rs: Option<&Figure>) {
    let second = aws_lc_rs.map_or("-", |figure| &figure.1);
    cells([what, against, &ring.1, second, &aim.shown(), aim.judged(ring, aws_lc_rs)]);
}

/// Prints a row of what could not be measured here.
pub(crate) fn not_run(what: &str, against: &str, aim: Aim) {
    cells([what, against, "-", "-", &aim.shown(), "NOT RUN"]);
}

fn cells(cells: [&str; 6]) {
    let row = format!("| {} |\n", cells.join(" | "));
    std::io::stdout().write_all(row.as_bytes()).expect("standard output takes a row");
}
