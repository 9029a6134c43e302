//! The rules of the memory, stops, a crash at every write, and random schedules against a model.

mod amend;
mod amend_crash;
mod crash;
mod late;
mod lines;
mod rules;
mod schedules;
mod shown_stops;
mod stops;
