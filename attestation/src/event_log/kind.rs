//! Event types by number and name (PFP 10.4.1; EV_EFI_HCRTM_EVENT and later: the same). A type is not measured.

use core::fmt;

/// The type that a log gives an event. For people: nothing vouches for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventType(u32);

impl EventType {
    pub(crate) const NO_ACTION: Self = Self(0x0000_0003);
    pub(crate) const SEPARATOR: Self = Self(0x0000_0004);
    pub(crate) const ACTION: Self = Self(0x0000_0005);
    pub(crate) const EVENT_TAG: Self = Self(0x0000_0006);
    pub(crate) const S_CRTM_VERSION: Self = Self(0x0000_0008);
    pub(crate) const IPL: Self = Self(0x0000_000d);
    pub(crate) const VARIABLE_DRIVER_CONFIG: Self = Self(0x8000_0001);
    pub(crate) const VARIABLE_BOOT: Self = Self(0x8000_0002);
    pub(crate) const BOOT_SERVICES_APPLICATION: Self = Self(0x8000_0003);
    pub(crate) const BOOT_SERVICES_DRIVER: Self = Self(0x8000_0004);
    pub(crate) const RUNTIME_SERVICES_DRIVER: Self = Self(0x8000_0005);
    pub(crate) const GPT: Self = Self(0x8000_0006);
    pub(crate) const EFI_ACTION: Self = Self(0x8000_0007);
    pub(crate) const FIRMWARE_BLOB: Self = Self(0x8000_0008);
    pub(crate) const FIRMWARE_BLOB2: Self = Self(0x8000_000a);
    pub(crate) const HANDOFF_TABLES2: Self = Self(0x8000_000b);
    pub(crate) const VARIABLE_BOOT2: Self = Self(0x8000_000c);
    pub(crate) const GPT2: Self = Self(0x8000_000d);
    pub(crate) const VARIABLE_AUTHORITY: Self = Self(0x8000_00e0);

    pub(crate) fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// As in the log.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    /// Whether events of this type go into no register (EV_NO_ACTION): their digest is nothing that was measured.
    #[must_use]
    pub fn unmeasured(self) -> bool {
        self == Self::NO_ACTION
    }

    /// Its name in the PFP, such as `EV_SEPARATOR`, or `None` for a type that it does not name.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x0000_0000 => "EV_PREBOOT_CERT",
            0x0000_0001 => "EV_POST_CODE",
            0x0000_0002 => "EV_UNUSED",
            0x0000_0003 => "EV_NO_ACTION",
            0x0000_0004 => "EV_SEPARATOR",
            0x0000_0005 => "EV_ACTION",
            0x0000_0006 => "EV_EVENT_TAG",
            0x0000_0007 => "EV_S_CRTM_CONTENTS",
            0x0000_0008 => "EV_S_CRTM_VERSION",
            0x0000_0009 => "EV_CPU_MICROCODE",
            0x0000_000a => "EV_PLATFORM_CONFIG_FLAGS",
            0x0000_000b => "EV_TABLE_OF_DEVICES",
            0x0000_000c => "EV_COMPACT_HASH",
            0x0000_000d => "EV_IPL",
            0x0000_000e => "EV_IPL_PARTITION_DATA",
            0x0000_000f => "EV_NONHOST_CODE",
            0x0000_0010 => "EV_NONHOST_CONFIG",
            0x0000_0011 => "EV_NONHOST_INFO",
            0x0000_0012 => "EV_OMIT_BOOT_DEVICE_EVENTS",
            0x0000_0013 => "EV_POST_CODE2",
            0x8000_0000 => "EV_EFI_EVENT_BASE",
            0x8000_0001 => "EV_EFI_VARIABLE_DRIVER_CONFIG",
            0x8000_0002 => "EV_EFI_VARIABLE_BOOT",
            0x8000_0003 => "EV_EFI_BOOT_SERVICES_APPLICATION",
            0x8000_0004 => "EV_EFI_BOOT_SERVICES_DRIVER",
            0x8000_0005 => "EV_EFI_RUNTIME_SERVICES_DRIVER",
            0x8000_0006 => "EV_EFI_GPT_EVENT",
            0x8000_0007 => "EV_EFI_ACTION",
            0x8000_0008 => "EV_EFI_PLATFORM_FIRMWARE_BLOB",
            0x8000_0009 => "EV_EFI_HANDOFF_TABLES",
            0x8000_000a => "EV_EFI_PLATFORM_FIRMWARE_BLOB2",
            0x8000_000b => "EV_EFI_HANDOFF_TABLES2",
            0x8000_000c => "EV_EFI_VARIABLE_BOOT2",
            0x8000_000d => "EV_EFI_GPT_EVENT2",
            0x8000_0010 => "EV_EFI_HCRTM_EVENT",
            0x8000_00e0 => "EV_EFI_VARIABLE_AUTHORITY",
            0x8000_00e1 => "EV_EFI_SPDM_FIRMWARE_BLOB",
            0x8000_00e2 => "EV_EFI_SPDM_FIRMWARE_CONFIG",
            0x8000_00e3 => "EV_EFI_SPDM_DEVICE_POLICY",
            0x8000_00e4 => "EV_EFI_SPDM_DEVICE_AUTHORITY",
            _ => return None,
        })
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "event type {:#010x}", self.0),
        }
    }
}
