//! Where commands that ask somebody else wait for the answer.

use super::exit::Failure;

/// Runs what talks to a host or to a maker's service.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|source| Failure::local(format!("the runtime: {source}")))?.block_on(future)
}
