//! One hostile step, and what it may choose.
//!
//! What always holds: numbers count back from the newest thing of their kind and wrap around, so every step means something in
//! every schedule, and one that is taken out does not change what the others speak of more than it must.

/// A step. Where there is nothing for it to act on, it does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: all that the kit plays")]
pub enum Step {
    /// The host starts one more enclave under the contract: a fork.
    Start,
    /// It kills an enclave.
    Kill {
        /// Which.
        enclave: u8,
    },
    /// It asks an enclave for a proposal.
    Propose {
        /// Which.
        enclave: u8,
        /// Which run.
        run: Number,
        /// Which receipts it brings.
        chain: Chain,
        /// Which objects.
        objects: Objects,
        /// Which request, where the contract leaves a choice: 0 is a fresh one.
        request: u8,
    },
    /// A fake enclave proposes: the thief of the platform's key made it.
    ThiefProposes {
        /// Which run.
        run: Number,
        /// Whether it goes on from the head that the honest party has, or from none.
        on_head: bool,
    },
    /// The host shows a proposal to the honest party, which appraises its enclave, reviews and grants.
    Show {
        /// Which proposal.
        proposal: u8,
        /// What is shown for Evidence.
        evidence: Evidence,
        /// After how many writes the party's process is killed.
        killed_after: Option<u8>,
    },
    /// The honest party sends its newest open grant again.
    Resend,
    /// The host shows the honest party a receipt; those it does not show are withheld.
    Settle {
        /// Which receipt.
        receipt: u8,
        /// After how many writes the party's process is killed.
        killed_after: Option<u8>,
    },
    /// The host shows the honest party a grant that it has.
    Recognise {
        /// Which grant.
        grant: u8,
    },
    /// A party that is with the host signs a grant.
    Conspire {
        /// Which of those that grant.
        party: u8,
        /// To which proposal.
        proposal: u8,
        /// How.
        signing: Signing,
    },
    /// The host brings an enclave a grant.
    Deliver {
        /// Which enclave.
        enclave: u8,
        /// Which grant.
        grant: u8,
        /// How.
        delivery: Delivery,
    },
    /// The host gives an enclave's proposal up.
    Abandon {
        /// Which enclave.
        enclave: u8,
    },
    /// A party that is with the host stops an enclave.
    Stop {
        /// Which enclave.
        enclave: u8,
        /// In the honest party's name, which it cannot sign for.
        forged: bool,
    },
    /// The host sets its clock.
    Clock {
        /// So many hours from the true time.
        hours: i16,
    },
    /// The host changes a bit of the honest party's data, or changes it back.
    Spoil,
    /// The thief of the platform's key signs a receipt.
    Forge {
        /// Of which proposal.
        proposal: u8,
        /// As complete, or as void.
        complete: bool,
    },
    /// A recipient tries to open a result.
    Open {
        /// Which result.
        result: u8,
        /// By which receipt.
        receipt: u8,
    },
    /// Somebody drafts an amendment. All sign it, the honest party only if its memory takes it. Of one version there can be several.
    Amend {
        /// Of which version.
        of: u8,
        /// What its drafter changes.
        change: Amending,
    },
    /// The honest party is shown a version that all signed.
    Take {
        /// Which.
        version: u8,
        /// After how many writes the party's process is killed.
        killed_after: Option<u8>,
    },
    /// The honest party's process is killed and started again.
    KillParty,
    /// Someone makes a backup of the honest party's memory.
    Save,
    /// Someone restores one.
    Restore {
        /// Which backup.
        save: u8,
        /// Whether the party is told.
        declared: bool,
    },
}

/// What the drafter of an amendment changes in what the honest party would write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: all that the kit plays")]
pub enum Amending {
    /// Nothing.
    Honestly,
    /// The highest run number is the highest that there can be.
    FarNumbers,
    /// It is beyond that.
    NoNumberLeft,
    /// It is lower by one.
    LowerNumber,
    /// The honest party's count is lower by one.
    LowerCount,
    /// No receipt is named.
    NoHead,
    /// A made-up one is, of a run that there was not.
    OtherHead,
}

/// A run number that the host wishes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: all that the kit plays")]
pub enum Number {
    /// The one after all that were proposed, and so many more.
    Next(u8),
    /// One that may have been used.
    Exactly(u8),
}

/// Receipts that the host brings for a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: all that the kit plays")]
pub enum Chain {
    /// The whole chain up to this complete receipt.
    To(u8),
    /// Only that receipt.
    Only(u8),
    /// None.
    Nothing,
    /// The chain up to the newest, and after it a receipt of any kind.
    Then(u8),
}

/// Objects of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: all that the kit plays")]
pub enum Objects {
    /// What the owners encrypted last.
    Current,
    /// What they encrypted before that.
    Older,
    /// Those of other datasets.
    Swapped,
}

/// What is shown for an enclave's Evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: all that the kit plays")]
pub enum Evidence {
    /// Its own.
    Genuine,
    /// Another enclave's, under this one's key.
    Relayed,
    /// Its own, for a challenge of another time.
    Stale,
    /// That of another image on the same platform.
    OtherImage,
    /// Its own with the debug bit changed.
    Changed,
    /// None of it: the party is told that the proposal is of an enclave that it appraised.
    OtherRoom,
}

/// How a party that is with the host signs a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: all that the kit plays")]
pub enum Signing {
    /// As an honest one would.
    Honestly,
    /// With this count.
    Count(u8),
    /// With keys that open nothing.
    WrongKeys,
    /// In the honest party's name.
    AsHonest,
}

/// How a grant is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: all that the kit plays")]
pub enum Delivery {
    /// As it is.
    Whole,
    /// With another grant's encrypted keys.
    OtherKeys,
}
