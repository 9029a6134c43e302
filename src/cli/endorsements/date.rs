//! Times for people: UTC, to the second.

const DAY: u64 = 24 * 3600;
/// Days of 400 years of the Gregorian calendar, after which it repeats.
const ERA: u64 = 146_097;
/// From 1 March of the year 0 to 1 January 1970.
const EPOCH: u64 = 719_468;

/// Seconds since 1970 as `2026-09-01T10:12:07Z`.
pub(in crate::cli) fn utc(unix_seconds: u64) -> String {
    let (days, seconds) = (unix_seconds / DAY, unix_seconds % DAY);
    // Years begin in March here, so that a leap day is a year's last.
    let days = days.saturating_add(EPOCH);
    let (era, day) = (days / ERA, days % ERA);
    let leaps = (day / 1_460).saturating_add(day / 146_096);
    let year_of_era = day.saturating_add(day / 36_524).saturating_sub(leaps) / 365;
    let before = 365 * year_of_era + year_of_era / 4 - year_of_era / 100;
    let day_of_year = day.saturating_sub(before);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year.saturating_sub((153 * month + 2) / 5) + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era.saturating_mul(400).saturating_add(year_of_era + next);
    let (hour, minute, second) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    format!("{year:04}-{month:02}-{day_of_month:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_utc() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (1_756_721_527, "2025-09-01T10:12:07Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
        ] {
            assert_eq!(utc(seconds), text);
        }
    }
}
