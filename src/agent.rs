//! A party's agent: the same client as a service at the party's own site, which appraises and grants unattended within the
//! limits it was given. `docs/agent.md` says how to run one, `docs/design/0009-agents.md` why it is as it is.
//!
//! What always holds: it grants nothing that `grant` would not, and less where its configuration is stricter; a grant is on disk
//! before it is sent, so it may be killed at any point; an agent that does not run grants nothing.

mod admit;
mod config;
mod decisions;
mod desk;
mod error;
mod evaluate;
mod ledger;
mod listen;
mod metrics;
mod own_policy;
mod page;
mod plan;
mod renew;
mod running;
mod settle;
mod site;
mod turn;
mod worker;

pub use config::{AGENT_CONTRACTS_LIMIT, AgentConfig, AgentConfigError, AgentContract, AgentWitness, Approve};
pub use error::AgentError;
pub use plan::AgentPlan;
pub use running::{Agent, agent_token};
