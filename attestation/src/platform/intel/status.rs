//! TCB status: what Intel says of a firmware level, and how several say it of one platform.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

/// What Intel says of a firmware level ("API for Intel SGX and TDX Provisioning Certification Service", tcbStatus), and what
/// follows for a TD whose platform was updated while it ran ("TDX DCAP Quote Verification Library", TD relaunch).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it")]
pub enum TcbStatus {
    /// No known hole.
    UpToDate,
    /// The enclave's software must defend against some attacks itself.
    #[serde(rename = "SWHardeningNeeded")]
    SwHardeningNeeded,
    /// Something must be set in the platform's firmware setup.
    ConfigurationNeeded,
    /// Both.
    #[serde(rename = "ConfigurationAndSWHardeningNeeded")]
    ConfigurationAndSwHardeningNeeded,
    /// Known holes that an update closes.
    OutOfDate,
    /// The same, and a setting too.
    OutOfDateConfigurationNeeded,
    /// The platform was updated after the TD was started: starting it again brings it up to date.
    #[serde(rename = "TDRelaunchAdvised")]
    TdRelaunchAdvised,
    /// The same, and a setting too.
    #[serde(rename = "TDRelaunchAdvisedConfigurationNeeded")]
    TdRelaunchAdvisedConfigurationNeeded,
    /// Broken. Refused whatever a policy says.
    Revoked,
}

impl TcbStatus {
    /// Intel's word, such as `UpToDate`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UpToDate => "UpToDate",
            Self::SwHardeningNeeded => "SWHardeningNeeded",
            Self::ConfigurationNeeded => "ConfigurationNeeded",
            Self::ConfigurationAndSwHardeningNeeded => "ConfigurationAndSWHardeningNeeded",
            Self::OutOfDate => "OutOfDate",
            Self::OutOfDateConfigurationNeeded => "OutOfDateConfigurationNeeded",
            Self::TdRelaunchAdvised => "TDRelaunchAdvised",
            Self::TdRelaunchAdvisedConfigurationNeeded => "TDRelaunchAdvisedConfigurationNeeded",
            Self::Revoked => "Revoked",
        }
    }

    /// Older than what Intel stands for: only these are subject to a grace period.
    pub(crate) fn is_out_of_date(self) -> bool {
        match self {
            Self::OutOfDate
            | Self::OutOfDateConfigurationNeeded
            | Self::TdRelaunchAdvised
            | Self::TdRelaunchAdvisedConfigurationNeeded => true,
            Self::UpToDate
            | Self::SwHardeningNeeded
            | Self::ConfigurationNeeded
            | Self::ConfigurationAndSwHardeningNeeded
            | Self::Revoked => false,
        }
    }

    fn needs_configuration(self) -> bool {
        match self {
            Self::ConfigurationNeeded
            | Self::ConfigurationAndSwHardeningNeeded
            | Self::OutOfDateConfigurationNeeded
            | Self::TdRelaunchAdvisedConfigurationNeeded => true,
            Self::UpToDate | Self::SwHardeningNeeded | Self::OutOfDate | Self::TdRelaunchAdvised | Self::Revoked => {
                false
            }
        }
    }

    /// The platform's status together with that of a part of it: the quoting enclave or the TDX module. Only their being out
    /// of date or revoked counts (Intel's convergence of TCB statuses).
    pub(crate) fn converged_with(self, part: PartStatus) -> Self {
        match (part, self) {
            (PartStatus::Revoked, _) | (_, Self::Revoked) => Self::Revoked,
            (PartStatus::UpToDate, platform) => platform,
            (PartStatus::OutOfDate, Self::UpToDate | Self::SwHardeningNeeded) => Self::OutOfDate,
            (PartStatus::OutOfDate, Self::ConfigurationNeeded | Self::ConfigurationAndSwHardeningNeeded) => {
                Self::OutOfDateConfigurationNeeded
            }
            (
                PartStatus::OutOfDate,
                Self::OutOfDate
                | Self::OutOfDateConfigurationNeeded
                | Self::TdRelaunchAdvised
                | Self::TdRelaunchAdvisedConfigurationNeeded,
            ) => self,
        }
    }

    /// The status of a TD that was started at level `self` on a platform that is now at level `current` (step 12). Intel's
    /// library answers the status at launch wherever it does not advise a relaunch; a level that got worse counts here too.
    pub(crate) fn relaunched(self, current: Self) -> Self {
        let current_good = match current {
            Self::UpToDate
            | Self::SwHardeningNeeded
            | Self::ConfigurationNeeded
            | Self::ConfigurationAndSwHardeningNeeded => true,
            Self::OutOfDate
            | Self::OutOfDateConfigurationNeeded
            | Self::TdRelaunchAdvised
            | Self::TdRelaunchAdvisedConfigurationNeeded
            | Self::Revoked => false,
        };
        match (self.is_out_of_date(), current_good) {
            (_, false) if current == Self::Revoked || !self.is_out_of_date() => current,
            (true, true) if self.needs_configuration() || current.needs_configuration() => {
                Self::TdRelaunchAdvisedConfigurationNeeded
            }
            (true, true) => Self::TdRelaunchAdvised,
            _ => self,
        }
    }
}

impl fmt::Display for TcbStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The statuses that a level in a TCB info has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum PlatformStatus {
    UpToDate,
    #[serde(rename = "SWHardeningNeeded")]
    SwHardeningNeeded,
    ConfigurationNeeded,
    #[serde(rename = "ConfigurationAndSWHardeningNeeded")]
    ConfigurationAndSwHardeningNeeded,
    OutOfDate,
    OutOfDateConfigurationNeeded,
    Revoked,
}

impl From<PlatformStatus> for TcbStatus {
    fn from(status: PlatformStatus) -> Self {
        match status {
            PlatformStatus::UpToDate => Self::UpToDate,
            PlatformStatus::SwHardeningNeeded => Self::SwHardeningNeeded,
            PlatformStatus::ConfigurationNeeded => Self::ConfigurationNeeded,
            PlatformStatus::ConfigurationAndSwHardeningNeeded => Self::ConfigurationAndSwHardeningNeeded,
            PlatformStatus::OutOfDate => Self::OutOfDate,
            PlatformStatus::OutOfDateConfigurationNeeded => Self::OutOfDateConfigurationNeeded,
            PlatformStatus::Revoked => Self::Revoked,
        }
    }
}

/// The statuses that a level of a quoting enclave or of a TDX module has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum PartStatus {
    UpToDate,
    OutOfDate,
    Revoked,
}

impl PartStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::UpToDate => "UpToDate",
            Self::OutOfDate => "OutOfDate",
            Self::Revoked => "Revoked",
        }
    }
}

/// An advisory's number is for people and comes from outside; nothing in it may steer a terminal.
pub(crate) fn printable(advisory: &str) -> String {
    advisory.chars().take(40).flat_map(char::escape_default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [TcbStatus; 9] = [
        TcbStatus::UpToDate,
        TcbStatus::SwHardeningNeeded,
        TcbStatus::ConfigurationNeeded,
        TcbStatus::ConfigurationAndSwHardeningNeeded,
        TcbStatus::OutOfDate,
        TcbStatus::OutOfDateConfigurationNeeded,
        TcbStatus::TdRelaunchAdvised,
        TcbStatus::TdRelaunchAdvisedConfigurationNeeded,
        TcbStatus::Revoked,
    ];

    #[test]
    fn a_part_that_is_up_to_date_changes_nothing_and_a_revoked_one_everything() {
        for platform in ALL {
            assert_eq!(platform.converged_with(PartStatus::UpToDate), platform);
            assert_eq!(platform.converged_with(PartStatus::Revoked), TcbStatus::Revoked);
        }
    }

    #[test]
    fn a_part_that_is_out_of_date_makes_the_platform_that() {
        let converged = ALL.map(|platform| platform.converged_with(PartStatus::OutOfDate).as_str());
        assert_eq!(
            converged,
            [
                "OutOfDate",
                "OutOfDate",
                "OutOfDateConfigurationNeeded",
                "OutOfDateConfigurationNeeded",
                "OutOfDate",
                "OutOfDateConfigurationNeeded",
                "TDRelaunchAdvised",
                "TDRelaunchAdvisedConfigurationNeeded",
                "Revoked"
            ]
        );
    }

    #[test]
    fn a_relaunch_is_advised_where_the_platform_got_better_since() {
        use TcbStatus::{
            ConfigurationAndSwHardeningNeeded, ConfigurationNeeded, OutOfDate, OutOfDateConfigurationNeeded, Revoked,
            SwHardeningNeeded, TdRelaunchAdvised, TdRelaunchAdvisedConfigurationNeeded, UpToDate,
        };
        for (launch, current, expected) in [
            (OutOfDate, UpToDate, TdRelaunchAdvised),
            (OutOfDate, SwHardeningNeeded, TdRelaunchAdvised),
            (OutOfDate, ConfigurationNeeded, TdRelaunchAdvisedConfigurationNeeded),
            (OutOfDate, ConfigurationAndSwHardeningNeeded, TdRelaunchAdvisedConfigurationNeeded),
            (OutOfDateConfigurationNeeded, UpToDate, TdRelaunchAdvisedConfigurationNeeded),
            (OutOfDate, OutOfDate, OutOfDate),
            (OutOfDateConfigurationNeeded, OutOfDate, OutOfDateConfigurationNeeded),
            (UpToDate, UpToDate, UpToDate),
            (ConfigurationNeeded, UpToDate, ConfigurationNeeded),
            (UpToDate, OutOfDate, OutOfDate),
            (UpToDate, Revoked, Revoked),
            (OutOfDate, Revoked, Revoked),
            (Revoked, UpToDate, Revoked),
        ] {
            assert_eq!(launch.relaunched(current), expected, "{launch} then {current}");
        }
    }
}
