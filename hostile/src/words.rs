//! Steps in words, as a failing schedule is printed.

use crate::step::{Amending, Chain, Delivery, Evidence, Number, Objects, Signing, Step};
use core::fmt::{self, Display, Formatter};

/// Counts back from the newest.
struct Back(u8);

impl Display for Back {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("the newest"),
            1 => f.write_str("the last but one"),
            number => write!(f, "the last but {number}"),
        }
    }
}

/// After how many writes a process is killed.
struct Killed(Option<u8>);

impl Display for Killed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |writes| write!(f, ", and is killed after {writes} writes"))
    }
}

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Next(0) => f.write_str("the next run"),
            Self::Next(ahead) => write!(f, "a run {ahead} beyond the next"),
            Self::Exactly(run) => write!(f, "run {run}"),
        }
    }
}

impl Display for Chain {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::To(0) => f.write_str("the whole chain"),
            Self::To(back) => write!(f, "the chain without its last {back}"),
            Self::Only(back) => write!(f, "only {} complete receipt", Back(*back)),
            Self::Nothing => f.write_str("no receipt"),
            Self::Then(back) => write!(f, "the whole chain and then {} receipt of any kind", Back(*back)),
        }
    }
}

impl Display for Objects {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Current => "the owners' objects",
            Self::Older => "the owners' older objects",
            Self::Swapped => "swapped objects",
        })
    }
}

impl Display for Evidence {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Genuine => "its enclave's Evidence",
            Self::Relayed => "another enclave's Evidence",
            Self::Stale => "old Evidence",
            Self::OtherImage => "Evidence of another image",
            Self::Changed => "Evidence with the debug bit changed",
            Self::OtherRoom => "no Evidence but what it appraised before",
        })
    }
}

impl Display for Signing {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Honestly => f.write_str("as it should"),
            Self::Count(count) => write!(f, "counting {count} runs"),
            Self::WrongKeys => f.write_str("with keys that open nothing"),
            Self::AsHonest => f.write_str("in the honest party's name"),
        }
    }
}

impl Display for Amending {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Honestly => "as it should",
            Self::FarNumbers => "with the highest run number that it can name",
            Self::NoNumberLeft => "with a higher run number than it can name",
            Self::LowerNumber => "with a lower run number",
            Self::LowerCount => "with a lower count of the honest party",
            Self::NoHead => "without a receipt",
            Self::OtherHead => "with a receipt that there is not",
        })
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("the host starts one more enclave"),
            Self::Kill { enclave } => write!(f, "the host kills {} enclave", Back(*enclave)),
            Self::Propose { enclave, run, chain, objects, request } => {
                let enclave = Back(*enclave);
                write!(f, "the host asks {enclave} enclave to propose {run} with {chain} and {objects}")?;
                if *request > 0 { write!(f, ", and {} request", Back(*request)) } else { Ok(()) }
            }
            Self::ThiefProposes { run, on_head } => {
                let head = if *on_head { "the party's head" } else { "no head" };
                write!(f, "a fake enclave under the stolen platform key proposes {run} on {head}")
            }
            Self::Show { proposal, evidence, killed_after } => {
                let (proposal, killed) = (Back(*proposal), Killed(*killed_after));
                write!(f, "the party is shown {proposal} proposal with {evidence}, and may grant it{killed}")
            }
            Self::Resend => f.write_str("the party sends its newest open grant again"),
            Self::Settle { receipt, killed_after } => {
                write!(f, "the party is shown {} receipt{}", Back(*receipt), Killed(*killed_after))
            }
            Self::Recognise { grant } => write!(f, "the party is shown {} grant", Back(*grant)),
            Self::Conspire { party, proposal, signing } => {
                write!(f, "conspirator {party} grants {} proposal {signing}", Back(*proposal))
            }
            Self::Deliver { enclave, grant, delivery } => {
                let keys = match delivery {
                    Delivery::Whole => "",
                    Delivery::OtherKeys => " with another's keys",
                };
                write!(f, "the host brings {} enclave {} grant{keys}", Back(*enclave), Back(*grant))
            }
            Self::Abandon { enclave } => write!(f, "the host gives up the proposal of {} enclave", Back(*enclave)),
            Self::Stop { enclave, forged } => {
                let forged = if *forged { " in the honest party's name" } else { "" };
                write!(f, "a conspirator stops {} enclave{forged}", Back(*enclave))
            }
            Self::Clock { hours } => write!(f, "the host sets its clock {hours} hours from the time"),
            Self::Spoil => f.write_str("the host changes a bit of the party's data, or changes it back"),
            Self::Forge { proposal, complete } => {
                let kind = if *complete { "complete" } else { "void" };
                write!(f, "the thief signs a {kind} receipt of {} proposal", Back(*proposal))
            }
            Self::Open { result, receipt } => {
                write!(f, "a recipient opens {} result by {} receipt", Back(*result), Back(*receipt))
            }
            Self::Amend { of, change } => write!(f, "someone drafts an amendment of {} version {change}", Back(*of)),
            Self::Take { version, killed_after } => {
                write!(f, "the party is shown {} version, signed by all{}", Back(*version), Killed(*killed_after))
            }
            Self::KillParty => f.write_str("the party's process is killed and started again"),
            Self::Save => f.write_str("someone copies the party's memory"),
            Self::Restore { save, declared } => {
                let told = if *declared { ", and the party is told" } else { "" };
                write!(f, "someone restores {} copy of the party's memory{told}", Back(*save))
            }
        }
    }
}
