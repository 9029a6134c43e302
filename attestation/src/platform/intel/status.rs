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

    fn needs_hardening(self) -> bool {
        match self {
            Self::SwHardeningNeeded | Self::ConfigurationAndSwHardeningNeeded => true,
            Self::UpToDate
            | Self::ConfigurationNeeded
            | Self::OutOfDate
            | Self::OutOfDateConfigurationNeeded
            | Self::TdRelaunchAdvised
            | Self::TdRelaunchAdvisedConfigurationNeeded
            | Self::Revoked => false,
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

    /// The status of a TD that was started at level `self` on a platform that is now at level `current` (step 12): the worse
    /// of both in each respect. Intel's library answers the status at launch wherever it does not advise a relaunch; here a
    /// level that got worse since counts too, and what either says of settings or of software's defences stays said.
    pub(crate) fn relaunched(self, current: Self) -> Self {
        if self == Self::Revoked || current == Self::Revoked {
            return Self::Revoked;
        }
        let configuration = self.needs_configuration() || current.needs_configuration();
        let hardening = self.needs_hardening() || current.needs_hardening();
        match (self.is_out_of_date(), current.is_out_of_date(), configuration) {
            (_, true, false) => Self::OutOfDate,
            (_, true, true) => Self::OutOfDateConfigurationNeeded,
            (true, false, false) => Self::TdRelaunchAdvised,
            (true, false, true) => Self::TdRelaunchAdvisedConfigurationNeeded,
            (false, false, false) if hardening => Self::SwHardeningNeeded,
            (false, false, false) => Self::UpToDate,
            (false, false, true) if hardening => Self::ConfigurationAndSwHardeningNeeded,
            (false, false, true) => Self::ConfigurationNeeded,
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
    use alloc::format;

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

    /// What a status says, read from Intel's word for it: known holes, a relaunch, a setting, software's own defences.
    fn says(status: TcbStatus) -> [bool; 4] {
        ["OutOfDate", "TDRelaunch", "Configuration", "SWHardening"].map(|word| status.as_str().contains(word))
    }

    #[test]
    fn of_a_td_at_launch_and_now_the_worse_counts_in_each_respect_and_a_relaunch_is_advised_where_it_helps() {
        for launch in ALL {
            for current in ALL {
                let found = launch.relaunched(current);
                let pair = format!("{launch} then {current}");
                if [launch, current].contains(&TcbStatus::Revoked) {
                    assert_eq!(found, TcbStatus::Revoked, "{pair}");
                    continue;
                }
                let ([l_holes, l_relaunch, l_setting, l_software], [holes, relaunch, setting, software]) =
                    (says(launch), says(current));
                let (was_old, is_old) = (l_holes || l_relaunch, holes || relaunch);
                let expected = [
                    is_old,
                    was_old && !is_old,
                    l_setting || setting,
                    // Intel has no word for it beside an old level.
                    (l_software || software) && !was_old && !is_old,
                ];
                assert_eq!(says(found), expected, "{pair} is {found}");
            }
        }
    }

    #[test]
    fn a_td_that_was_started_at_a_revoked_level_stays_revoked() {
        use TcbStatus::{ConfigurationNeeded, OutOfDate, OutOfDateConfigurationNeeded, Revoked, UpToDate};
        for (launch, current, expected) in [
            (Revoked, OutOfDate, Revoked),
            (OutOfDate, OutOfDateConfigurationNeeded, OutOfDateConfigurationNeeded),
            (ConfigurationNeeded, OutOfDate, OutOfDateConfigurationNeeded),
            (UpToDate, ConfigurationNeeded, ConfigurationNeeded),
        ] {
            assert_eq!(launch.relaunched(current), expected, "{launch} then {current}");
        }
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
