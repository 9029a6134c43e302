//! The rules of the memory, a crash at every write, and random schedules against a model.

mod amend;
mod amend_crash;
mod crash;
mod rules;
mod schedules;
