//! What a program sees of the world during a run: the datasets that were granted, and nothing else.
//!
//! What always holds: a few groups are asked for ahead, answers are taken only in the order they were asked, and each is
//! checked and decrypted in memory of this process's own, where it came in, which is wiped after the last. A stop that
//! arrives in between ends the run.

use crate::transport::{Transport, TransportError};
use rand_core::CryptoRng;
use sealroom_enclave_core::entry::{self, ObjectStream, REQUEST_LIMIT};
use sealroom_enclave_core::program::{Inputs, Meter, Outputs, ProgramFailure};
use sealroom_enclave_core::{Programs, Refusal, Run, release};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::message::HostMessage;
use sealroom_protocol::provider::AeadProvider;
use sealroom_protocol::table::{Batch, CsvDecoder, CsvError};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// Groups asked for before the first is answered: about 4 MiB on the way.
const AHEAD: u64 = 4;

/// The inputs of one run.
pub(crate) struct RunInputs<'a> {
    run: &'a mut Run,
    transport: &'a mut Transport,
    provider: &'static dyn AeadProvider,
    /// Names of datasets that were read.
    read: BTreeSet<String>,
    /// Set when the connection to the host is lost, since programs only ever see a [`ProgramFailure`].
    lost: Option<TransportError>,
}

impl<'a> RunInputs<'a> {
    pub(crate) const fn new(
        run: &'a mut Run,
        transport: &'a mut Transport,
        provider: &'static dyn AeadProvider,
    ) -> Self {
        Self { run, transport, provider, read: BTreeSet::new(), lost: None }
    }

    /// Reads the request, where there is one, plans, and runs the program.
    pub(crate) fn carry_out(
        &mut self,
        programs: &Programs,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outputs, ProgramFailure> {
        let request = self.request()?;
        let plan = self.run.plan(programs, request.as_ref().map(|content| content.as_slice()))?;
        let mut meter = Meter::new(&self.run.terms().limits, rng);
        let outcome = plan.run(self, &mut meter);
        match outcome {
            Err(ProgramFailure::Stopped) => outcome,
            // The host counts reads: which datasets a program or its arguments need must not show, nor where it failed.
            _ => self.read_the_rest().and(outcome),
        }
    }

    /// Reads every dataset that was not read, in the contract's order, and drops it.
    fn read_the_rest(&mut self) -> Result<(), ProgramFailure> {
        let names: Vec<String> = self.run.terms().datasets.iter().map(|dataset| dataset.name.clone()).collect();
        for name in names.iter().filter(|name| !self.read.contains(*name)).cloned().collect::<Vec<_>>() {
            let (_, mut stream) = self.run.open_dataset(&name, self.provider)?;
            self.stream(&mut stream, &mut |_| Ok(()))?;
        }
        Ok(())
    }

    /// Why the connection was lost, if it was.
    pub(crate) fn into_lost(self) -> Option<TransportError> {
        self.lost
    }

    fn request(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, ProgramFailure> {
        let Some(mut stream) = self.run.open_request(self.provider)? else {
            return Ok(None);
        };
        if stream.plaintext_length() > REQUEST_LIMIT {
            return Err(ProgramFailure::Input);
        }
        let mut content = Zeroizing::new(Vec::new());
        self.stream(&mut stream, &mut |plaintext| {
            content.extend_from_slice(plaintext);
            Ok(())
        })?;
        Ok(Some(content))
    }

    /// Reads all groups of an object in order.
    fn stream(
        &mut self,
        stream: &mut ObjectStream,
        visit: &mut dyn FnMut(&[u8]) -> Result<(), ProgramFailure>,
    ) -> Result<(), ProgramFailure> {
        let outcome = self.groups(stream, visit);
        self.transport.wipe();
        outcome
    }

    fn groups(
        &mut self,
        stream: &mut ObjectStream,
        visit: &mut dyn FnMut(&[u8]) -> Result<(), ProgramFailure>,
    ) -> Result<(), ProgramFailure> {
        let (object, count) = (stream.object(), stream.group_count());
        let mut asked = 0;
        let mut failure = None;
        for index in 0..count {
            while asked < count.min(index.saturating_add(AHEAD)) {
                let sent = self.transport.send(&release::read(object, asked));
                sent.map_err(|error| self.lose(error))?;
                asked = asked.saturating_add(1);
            }
            // After a failure all that is left is read and dropped: how many reads there were would tell about the
            // rows. The time between them still does.
            self.answer(object, index, |group| {
                if failure.is_none() {
                    failure = stream.next_group(group, visit).err();
                }
            })?;
        }
        failure.map_or(Ok(()), Err)
    }

    /// Waits for one group and shows it to `take`. A stop may come instead; anything else is refused.
    fn answer(&mut self, object: ObjectId, index: u64, take: impl FnOnce(&mut [u8])) -> Result<(), ProgramFailure> {
        loop {
            let body = match self.transport.receive() {
                Ok(body) => body,
                Err(error) => return Err(self.lose(error)),
            };
            if let Some(group) = entry::group(body) {
                if (group.object, group.index) == (object, index) {
                    take(group.bytes);
                    return Ok(());
                }
                let refusal = Refusal::UnaskedGroup { object: group.object, index: group.index };
                self.refuse(&refusal)?;
                return Err(ProgramFailure::Input);
            }
            let refusal = match entry::message(body) {
                Ok(HostMessage::Stop { stop, .. }) => match self.run.take_stop(&stop) {
                    Ok(()) => return Err(ProgramFailure::Stopped),
                    Err(refusal) => refusal,
                },
                Ok(other) => Run::not_while_running(&other),
                Err(refusal) => refusal,
            };
            self.refuse(&refusal)?;
        }
    }

    fn refuse(&mut self, refusal: &Refusal) -> Result<(), ProgramFailure> {
        let sent = self.transport.send(&release::refused(refusal));
        sent.map_err(|error| self.lose(error))
    }

    fn lose(&mut self, error: TransportError) -> ProgramFailure {
        self.lost.get_or_insert(error);
        ProgramFailure::Stopped
    }
}

impl Inputs for RunInputs<'_> {
    fn scan(
        &mut self,
        dataset: &str,
        columns: &[usize],
        visit: &mut dyn FnMut(&Batch) -> Result<(), ProgramFailure>,
    ) -> Result<(), ProgramFailure> {
        let (terms, mut stream) = self.run.open_dataset(dataset, self.provider)?;
        self.read.insert(dataset.to_owned());
        let mut decoder = CsvDecoder::with_projection(&terms.columns, terms.maximum_rows, columns);
        self.stream(&mut stream, &mut |plaintext| {
            decoder.decode(plaintext, |batch| visit(batch).map_err(Stop)).map_err(|Stop(failure)| failure)
        })?;
        decoder.finish(|batch| visit(batch).map_err(Stop)).map_err(|Stop(failure)| failure)?;
        Ok(())
    }
}

/// A row that breaks its schema is an input failure; which row is not told.
struct Stop(ProgramFailure);

impl From<CsvError> for Stop {
    fn from(_: CsvError) -> Self {
        Self(ProgramFailure::Input)
    }
}
