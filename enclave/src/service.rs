//! The process's one loop: a frame comes in by the first door, the room decides, what the second door made goes out.

use crate::engine;
use crate::inputs::RunInputs;
use crate::platform::{Connections, Platform, PlatformError, Simulated};
use crate::sandbox::{self, SandboxError};
use crate::transport::{Transport, TransportError};
use getrandom::SysRng;
use rand_core::{CryptoRng, UnwrapErr};
use sealroom_enclave_core::{Programs, Room, Run, Step, entry, release};
use sealroom_protocol::provider::{self, AeadProvider};

/// Why the process ends with an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// It could not be confined.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// Its launcher gave it no connections.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// The connection to the host.
    #[error("{0}")]
    Host(String),
}

/// Confines the process, says to `log` what it gave up, and serves one room until it ends or the host closes the
/// connection.
///
/// Randomness is the kernel's, asked anew for every draw; if the kernel refused, the process would end with a panic,
/// since an enclave without randomness must not go on.
///
/// # Errors
/// [`ServiceError`].
pub fn serve(log: &mut dyn FnMut(&str)) -> Result<(), ServiceError> {
    let statement = sandbox::enter()?;
    statement.to_string().lines().for_each(&mut *log);
    let Connections { host, platform } = Connections::take(&statement)?;
    let mut service = Service {
        platform: &mut Simulated::new(platform),
        programs: engine::programs(),
        provider: provider::fastest(),
        rng: &mut UnwrapErr(SysRng),
    };
    service.serve(&mut Transport::new(host)).map_err(|error| ServiceError::Host(error.to_string()))
}

/// What a room is made of, passed as values.
struct Service<'a> {
    platform: &'a mut dyn Platform,
    programs: Programs,
    provider: &'static dyn AeadProvider,
    rng: &'a mut dyn CryptoRng,
}

impl Service<'_> {
    /// Serves one room until it ends or the host closes the connection.
    fn serve(&mut self, transport: &mut Transport) -> Result<(), TransportError> {
        let mut room = Room::new(self.programs, self.provider, self.rng);
        loop {
            let body = match transport.receive() {
                Ok(body) => body,
                Err(TransportError::Closed) => return Ok(()),
                Err(error) => return Err(error),
            };
            let message = match entry::message(body) {
                Ok(message) => message,
                Err(refusal) => {
                    transport.send(&release::refused(&refusal))?;
                    continue;
                }
            };
            let step = match room.handle(message, self.rng) {
                Step::Run(accepted, run) => {
                    transport.send(&accepted)?;
                    let run = self.run(*run, transport)?;
                    room.end_run(run, self.rng)
                }
                other => other,
            };
            match step {
                Step::Answer(messages) => {
                    for message in &messages {
                        transport.send(message)?;
                    }
                }
                Step::Attest { report_data, challenges } => {
                    let bundle = self.platform.evidence(&report_data).ok();
                    let bundle = bundle.map(|bundle| (bundle.evidence, bundle.endorsements));
                    transport.send(&room.evidence(challenges, bundle))?;
                }
                Step::End(messages) => {
                    for message in &messages {
                        transport.send(message)?;
                    }
                    return Ok(());
                }
                // `handle` gives a run at most once, and it was carried out above.
                Step::Run(accepted, _) => transport.send(&accepted)?,
            }
        }
    }

    /// Carries a run out. Only a lost connection ends it without a receipt.
    fn run(&mut self, mut run: Run, transport: &mut Transport) -> Result<Run, TransportError> {
        let mut inputs = RunInputs::new(&mut run, transport, self.provider);
        let outcome = inputs.carry_out(&self.programs, self.rng);
        if let Some(lost) = inputs.into_lost() {
            return Err(lost);
        }
        run.set_outcome(outcome);
        Ok(run)
    }
}
