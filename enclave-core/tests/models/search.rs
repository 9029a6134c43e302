//! Breadth-first search of all states of a model, with the shortest way to a state that breaks a property.
//!
//! What always holds: every state is looked at once; a model is finite by its own bounds; the search gives up (and the test
//! fails) rather than leave a state out.

use core::fmt::Debug;
use core::hash::Hash;
use std::collections::HashMap;

/// More states than any model here has.
const STATE_LIMIT: usize = 4_000_000;

/// A finite system of states and steps.
pub(crate) trait Model {
    type State: Clone + Eq + Hash + Debug;
    type Step: Clone + Debug;

    fn start(&self) -> Self::State;

    /// Every step that anyone may take, and where it leads.
    fn steps(&self, state: &Self::State) -> Vec<(Self::Step, Self::State)>;

    /// The property that a state breaks.
    fn broken(&self, state: &Self::State) -> Option<&'static str>;

    /// What must stay possible from every state: `true` where it is done. `None` where nothing must.
    fn done(&self, _state: &Self::State) -> Option<bool> {
        None
    }
}

/// What a search found.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Every state holds.
    Holds { states: usize },
    /// One does not, and the steps that lead there.
    Broken { property: &'static str, trace: Vec<String> },
}

/// The way to each state: the state before it and the step.
struct Reached<M: Model> {
    states: Vec<M::State>,
    came_from: Vec<Option<(usize, M::Step)>>,
    edges: Vec<(usize, usize)>,
}

/// Looks at all states of `model`.
pub(crate) fn search<M: Model>(model: &M) -> Outcome {
    let start = model.start();
    let mut known = HashMap::from([(start.clone(), 0)]);
    let mut reached: Reached<M> = Reached { states: vec![start], came_from: vec![None], edges: Vec::new() };
    let mut next = 0;
    while next < reached.states.len() {
        let state = reached.states[next].clone();
        if let Some(property) = model.broken(&state) {
            return Outcome::Broken { property, trace: reached.trace(next) };
        }
        let watched = model.done(&state).is_some();
        for (step, successor) in model.steps(&state) {
            let place = *known.entry(successor).or_insert_with_key(|successor| {
                reached.states.push(successor.clone());
                reached.came_from.push(Some((next, step)));
                reached.states.len() - 1
            });
            if watched {
                reached.edges.push((place, next));
            }
        }
        assert!(reached.states.len() < STATE_LIMIT, "a model here is smaller than that");
        next += 1;
    }
    match reached.stuck(model) {
        Some(place) => Outcome::Broken { property: "locked out for ever", trace: reached.trace(place) },
        None => Outcome::Holds { states: reached.states.len() },
    }
}

impl<M: Model> Reached<M> {
    /// The first state from which nothing leads to one that is done.
    fn stuck(&self, model: &M) -> Option<usize> {
        let mut leads = vec![false; self.states.len()];
        let mut backwards: Vec<Vec<usize>> = vec![Vec::new(); self.states.len()];
        self.edges.iter().for_each(|(to, from)| backwards[*to].push(*from));
        let done = |place: &usize| model.done(&self.states[*place]) != Some(false);
        let mut open: Vec<usize> = (0..self.states.len()).filter(done).collect();
        open.iter().for_each(|place| leads[*place] = true);
        while let Some(place) = open.pop() {
            for from in core::mem::take(&mut backwards[place]) {
                if !core::mem::replace(&mut leads[from], true) {
                    open.push(from);
                }
            }
        }
        leads.iter().position(|leads| !leads)
    }

    fn trace(&self, mut place: usize) -> Vec<String> {
        let mut trace = Vec::new();
        while let Some((before, step)) = &self.came_from[place] {
            trace.push(format!("{step:?}"));
            place = *before;
        }
        trace.reverse();
        trace
    }
}

/// That a model holds, and how many states it has: at least so many, or it says nothing.
pub(crate) fn holds<M: Model>(model: &M, at_least: usize) {
    match search(model) {
        Outcome::Holds { states } => assert!(states >= at_least, "{states} states, expected at least {at_least}"),
        Outcome::Broken { property, trace } => panic!("{property}:\n  {}", trace.join("\n  ")),
    }
}

/// That a model with a planted fault breaks this property. Gives the shortest way there.
pub(crate) fn breaks<M: Model>(model: &M, expected: &'static str) -> Vec<String> {
    match search(model) {
        Outcome::Holds { states } => panic!("the planted fault was not found in {states} states"),
        Outcome::Broken { property, trace } => {
            assert_eq!(property, expected, "\n  {}", trace.join("\n  "));
            trace
        }
    }
}

/// Counts to three by ones; may fall into a hole at two; a property forbids three or nothing.
struct Counter {
    forbidden: u8,
    hole: bool,
}

impl Model for Counter {
    type State = u8;
    type Step = &'static str;

    fn start(&self) -> u8 {
        0
    }

    fn steps(&self, state: &u8) -> Vec<(&'static str, u8)> {
        match state {
            2 if self.hole => vec![("count", 3), ("fall", 9)],
            0..=2 => vec![("count", state + 1)],
            _ => Vec::new(),
        }
    }

    fn broken(&self, state: &u8) -> Option<&'static str> {
        (*state == self.forbidden).then_some("reached what is forbidden")
    }

    fn done(&self, state: &u8) -> Option<bool> {
        Some(*state == 3)
    }
}

#[test]
fn the_search_finds_the_shortest_way_to_a_broken_state_and_the_first_one_that_leads_nowhere() {
    holds(&Counter { forbidden: 7, hole: false }, 4);
    let way = breaks(&Counter { forbidden: 3, hole: false }, "reached what is forbidden");
    assert_eq!(way, [r#""count""#; 3]);
    let way = breaks(&Counter { forbidden: 7, hole: true }, "locked out for ever");
    assert_eq!(way, [r#""count""#, r#""count""#, r#""fall""#]);
}
