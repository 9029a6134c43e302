//! An S3-compatible server for tests.

use core::time::Duration;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

/// An S3-compatible server on this machine: the Python package `moto`, where it is installed.
pub(crate) struct S3 {
    server: Child,
    pub(crate) endpoint: String,
}

impl Drop for S3 {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

impl S3 {
    pub(crate) fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("moto_server");
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut server = Self { server: command.spawn().ok()?, endpoint: format!("http://127.0.0.1:{port}") };
        for _ in 0..300 {
            if make_bucket(port).is_some() {
                return Some(server);
            }
            assert!(server.server.try_wait().unwrap().is_none(), "moto_server ended");
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("moto_server does not answer")
    }
}

fn make_bucket(port: u16) -> Option<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream
        .write_all(b"PUT /bucket HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.starts_with("HTTP/1.1 200").then_some(())
}
