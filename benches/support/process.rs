//! What the kernel says of other processes (proc(5)).

use std::fs;

/// Processes that any thread of this one started.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let texts = tasks.map(|task| fs::read_to_string(task.unwrap().path().join("children")).unwrap());
    texts.flat_map(|text| text.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<u32>>()).collect()
}

/// Peak resident memory.
pub(crate) fn peak_mib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib.div_ceil(1024)
}

/// Seconds that all threads of a process were on a CPU, user and system time together. `schedstat` counts nanoseconds,
/// `stat` only hundredths of a second.
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let nanoseconds = tasks.filter_map(|task| {
        // A thread may end while its folder is read.
        let text = fs::read_to_string(task.unwrap().path().join("schedstat")).ok()?;
        Some(text.split_whitespace().next().unwrap().parse::<f64>().unwrap())
    });
    nanoseconds.sum::<f64>() * 1e-9
}
