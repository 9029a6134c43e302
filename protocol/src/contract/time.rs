//! The one way to write a time: `2026-12-31T23:59:59Z` (RFC 3339, in UTC, to the second).
//!
//! What always holds: [`parse_time`] and [`time_text`] are inverse to each other from 1970 to 9999. No leap seconds, as in Unix time.

use alloc::format;
use alloc::string::String;

/// First second that cannot be written: the year 10000.
const TIME_LIMIT: u64 = 253_402_300_800;

const DAY: u64 = 86_400;

/// Unix time in seconds, of a time from 1970 to 9999 as a contract writes it.
#[must_use]
pub fn parse_time(text: &str) -> Option<u64> {
    let shape = "0000-00-00T00:00:00Z";
    let fits = |(found, expected): (u8, u8)| if expected == b'0' { found.is_ascii_digit() } else { found == expected };
    if text.len() != shape.len() || !text.bytes().zip(shape.bytes()).all(fits) {
        return None;
    }
    let number = |range: core::ops::Range<usize>| text.get(range)?.parse::<u64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let valid = year >= 1970 && hour < 24 && minute < 60 && second < 60 && day >= 1 && day <= days_of(year, month)?;
    if !valid {
        return None;
    }
    let days =
        days_before(year).checked_add((1..month).filter_map(|month| days_of(year, month)).sum())?.checked_add(day)?;
    days.checked_sub(1)?
        .checked_mul(DAY)?
        .checked_add(hour.checked_mul(3600)?)?
        .checked_add(minute.checked_mul(60)?)?
        .checked_add(second)
}

/// The text of a Unix time in seconds. From the year 10000 on it is words that [`parse_time`] refuses.
#[must_use]
pub fn time_text(seconds: u64) -> String {
    if seconds >= TIME_LIMIT {
        return "after 9999-12-31T23:59:59Z".into();
    }
    let (days, second) = (seconds / DAY, seconds % DAY);
    let mut year = 1970_u64.saturating_add(days / 366);
    while days_before(year.saturating_add(1)) <= days {
        year = year.saturating_add(1);
    }
    let mut day = days.saturating_sub(days_before(year));
    let mut month = 1;
    while let Some(length) = days_of(year, month).filter(|length| *length <= day) {
        day = day.saturating_sub(length);
        month = month.saturating_add(1);
    }
    let (hour, minute) = (second / 3600, second % 3600 / 60);
    format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{:02}Z", day.saturating_add(1), second % 60)
}

/// Days from 1970 to the first of January of a year from 1970 to 10000.
fn days_before(year: u64) -> u64 {
    // 477 leap days before 1970.
    let last = year.saturating_sub(1);
    let leap_days = (last / 4 + last / 400).saturating_sub(last / 100).saturating_sub(477);
    year.saturating_sub(1970).saturating_mul(365).saturating_add(leap_days)
}

fn days_of(year: u64, month: u64) -> Option<u64> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_one_spelling() {
        for (spelling, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-12-31T23:59:59Z", 1_798_761_599),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("9999-12-31T23:59:59Z", TIME_LIMIT - 1),
        ] {
            assert_eq!(parse_time(spelling), Some(seconds), "{spelling}");
            assert_eq!(time_text(seconds), spelling);
        }
        for day in (0..TIME_LIMIT / DAY).step_by(13) {
            let seconds = day * DAY + day % DAY;
            assert_eq!(parse_time(&time_text(seconds)), Some(seconds));
        }
        for other in [
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00z",
            "2026-01-01t00:00:00Z",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00+00:00",
            "2026-01-01T00:00:00.0Z",
            "2026-01-01T00:00Z",
            "2026-01-01",
            "1969-12-31T23:59:59Z",
            "+026-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_time(other), None, "{other}");
        }
        assert_eq!(parse_time(&time_text(TIME_LIMIT)), None);
    }
}
