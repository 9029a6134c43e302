//! The picture in `docs/`. `SEALROOM_WRITE_DOCS=1 cargo test -p sealroom-verify-page --test browser` takes it anew: letters look
//! different on every machine, so bytes are not compared.

use std::path::Path;

use crate::opened;
use crate::worlds::world;

#[test]
fn the_picture_in_the_documentation_is_one_of_the_page() {
    let Some(mut page) = opened("the_picture_in_the_documentation_is_one_of_the_page") else { return };
    let mut request = world("tdx-4");
    let policy = request.policy.as_mut().unwrap();
    let (measurement, other) = ("3e".repeat(48), "3f".repeat(48));
    for (written, instead) in [
        (measurement.as_str(), other.as_str()),
        ("name = \"\"", "name = \"production\""),
        ("name = \"test\"", "name = \"release 7\""),
    ] {
        *policy = policy.replace(written, instead);
    }
    page.give(&request);
    assert_eq!(page.text("verdict"), "REFUSED");
    let picture = page.picture();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify.png");
    if std::env::var_os("SEALROOM_WRITE_DOCS").is_some() {
        std::fs::write(&kept, &picture).unwrap();
    }
    let kept = std::fs::read(&kept).expect("SEALROOM_WRITE_DOCS=1 writes docs/verify.png");
    assert_eq!(size(&kept), size(&picture));
    page.was_quiet();
}

/// Width and height, which stand where every PNG has them.
fn size(png: &[u8]) -> &[u8] {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    &png[16..24]
}
