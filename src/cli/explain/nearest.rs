//! The names that are nearest to what was typed.

/// How many are offered.
const OFFERED: usize = 5;

/// By the number of characters that must change, whatever their case; the longer of two texts bounds the work.
pub(super) fn to<'n>(typed: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let typed: Vec<char> = typed.to_ascii_lowercase().chars().take(128).collect();
    let mut ranked: Vec<(usize, &str)> =
        names.map(|name| (distance(&typed, &name.to_ascii_lowercase()), name)).collect();
    ranked.sort_by_key(|(distance, _)| *distance);
    ranked.into_iter().take(OFFERED).map(|(_, name)| name).collect()
}

/// Levenshtein's distance, a row at a time.
fn distance(typed: &[char], name: &str) -> usize {
    let mut row: Vec<usize> = (0..=typed.len()).collect();
    for (line, character) in name.chars().enumerate() {
        let mut above_left = line;
        let mut left = line.saturating_add(1);
        let mut next = vec![left];
        for (other, above) in typed.iter().zip(row.iter().skip(1)) {
            let changed = above_left.saturating_add(usize::from(*other != character));
            left = changed.min(left.saturating_add(1)).min(above.saturating_add(1));
            next.push(left);
            above_left = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_what_must_change() {
        let of = |one: &str, other: &str| distance(&one.chars().collect::<Vec<_>>(), other);
        assert_eq!((of("", ""), of("", "abc"), of("abc", "")), (0, 3, 3));
        assert_eq!((of("kitten", "sitting"), of("flaw", "lawn"), of("same", "same")), (3, 2, 0));
    }
}
