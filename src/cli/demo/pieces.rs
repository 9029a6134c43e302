//! What the demo needs besides this program: the measured image and the simulated platform, which `enclave/build` builds.

use crate::cli::exit::Failure;
use crate::cli::measure;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The image that is measured and the program that starts it.
#[derive(Debug, Clone)]
pub(super) struct Pieces {
    pub(super) image: PathBuf,
    pub(super) platform: PathBuf,
    /// `sha384:…` of the image.
    pub(super) measurement: String,
}

impl Pieces {
    /// As given, else where `enclave/build` puts them.
    pub(super) fn find(image: Option<&Path>, platform: Option<&Path>) -> Result<Self, Failure> {
        let image = found("image", "--image", image, |built| {
            let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
            built.join(triple).join("measured/sealroom-enclave")
        })?;
        let platform = found("simulated platform", "--platform", platform, |built| {
            built.join("release/sealroom-simulated-platform")
        })?;
        let measurement = measure::measure(&image)?;
        Ok(Self { image, platform, measurement })
    }

    /// The fingerprint of the platform's root in this state folder, which is made at first use.
    pub(super) fn anchor(&self, state: &Path) -> Result<String, Failure> {
        let of = |what: String| Failure::local(format!("{}: {what}", self.platform.display()));
        let output = Command::new(&self.platform).arg("anchor").arg("--state").arg(state).output();
        let output = output.map_err(|source| of(source.to_string()))?;
        if !output.status.success() {
            return Err(of(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

fn found(what: &str, flag: &str, given: Option<&Path>, place: impl Fn(&Path) -> PathBuf) -> Result<PathBuf, Failure> {
    let tried: Vec<PathBuf> = match given {
        Some(path) => vec![path.to_owned()],
        None => folders().iter().map(|folder| place(folder)).collect(),
    };
    let there = tried.iter().find(|path| path.is_file()).and_then(|path| path.canonicalize().ok());
    there.ok_or_else(|| {
        let places: Vec<String> = tried.iter().map(|path| path.display().to_string()).collect();
        Failure::local(format!("the {what} is not at {}", places.join(" nor at ")))
            .hint(format!("run enclave/build in the repository first, or say with {flag} where it is"))
    })
}

/// Where `enclave/build` may have built: as its variable says, else `target/enclave` of the repository around this program
/// or around the current folder.
fn folders() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os("SEALROOM_ENCLAVE_TARGET_DIR") {
        return vec![named.into()];
    }
    let program = std::env::current_exe().ok();
    let starts = program.iter().map(PathBuf::as_path).chain([Path::new(".")]);
    let mut folders = Vec::new();
    for start in starts {
        let Ok(start) = start.canonicalize() else { continue };
        let around = start.ancestors().map(|folder| folder.join("target/enclave")).find(|folder| folder.is_dir());
        folders.extend(around.filter(|folder| !folders.contains(folder)));
    }
    if folders.is_empty() { vec![PathBuf::from("target/enclave")] } else { folders }
}
