//! Every state that a few requests at once can bring a store into, and every step there is from it.

use std::{collections::BTreeSet, fmt};

use stateright::{Model, Property};

use crate::{
    programs::{Outcome, Program},
    properties::{self, Fact},
    script::{Defect, Turn},
    store::{Answer, Body, Call, Data, Id, Owner, Pages, Record, Session, Store, Unique},
    told::Told,
};

/// Who sends a request, and with which cookie at first.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Browser {
    /// Ada is logged in there.
    Ada(u8),
    /// It has a session that is nobody's.
    Nobody,
    /// Whoever planted the id of that session.
    Planter,
    /// It has a cookie that leads nowhere.
    New(u8),
}

/// A few requests at once.
#[derive(Clone)]
pub struct Scenario {
    pub requests: Vec<(Browser, Program)>,
    /// How many answers may be lost.
    pub losses: u8,
    /// At most so many sessions, once all logins are done.
    pub at_most: Option<usize>,
    pub defect: Option<Defect>,
    pub pages: Pages,
    /// What holds in every state of this one, besides.
    pub keeps: Vec<Fact>,
    /// What must happen in some order, or the scenario shows nothing.
    pub reaches: Vec<Fact>,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct World {
    pub store: Store,
    /// Calls whose answer was lost before they took effect.
    late: Vec<Call>,
    losses: u8,
    pub requests: Vec<Progress>,
    pub told: Told,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Progress {
    NotBegun,
    /// With the id it bears, the answers it was given, and Ada's sessions when it began.
    Running(Id, Vec<Answer>, BTreeSet<Id>),
    Over(Outcome),
}

#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub enum Step {
    /// A request is received, bearing an id.
    Begin(usize, Id),
    Go(usize),
    /// It makes a call, and is never told the answer.
    Lose(usize),
    /// A call whose answer was lost takes effect after all.
    Arrive(usize),
}

impl Browser {
    pub const fn first_id(self) -> Id {
        let at = match self {
            Self::Ada(number) => number,
            Self::Nobody | Self::Planter => 100,
            Self::New(number) => 200 + number,
        };
        Unique { by: 0, at }
    }

    fn first_record(self) -> Option<Record> {
        let owner = match self {
            Self::Ada(_) => Owner::Ada,
            Self::Nobody | Self::Planter => Owner::Nobody,
            Self::New(_) => return None,
        };
        let id = self.first_id();
        let body = Body::Live(Session { handle: id, data: Data::default() });
        Some(Record { id, version: id, owner, epoch: 0, body })
    }
}

impl Scenario {
    pub fn of(requests: impl IntoIterator<Item = (Browser, Program)>) -> Self {
        let requests = requests.into_iter().collect();
        Self {
            requests,
            losses: 0,
            at_most: None,
            defect: None,
            pages: Pages::Whole,
            keeps: Vec::new(),
            reaches: Vec::new(),
        }
    }

    pub fn losing(self, losses: u8) -> Self {
        Self { losses, ..self }
    }

    pub fn with(self, defect: Defect) -> Self {
        Self { defect: Some(defect), ..self }
    }

    pub fn by_pages(self) -> Self {
        Self { pages: Pages::OfOne, ..self }
    }

    pub fn at_most(self, sessions: usize) -> Self {
        Self { at_most: Some(sessions), ..self }
    }

    pub fn keeping(self, keeps: impl IntoIterator<Item = Fact>) -> Self {
        Self { keeps: keeps.into_iter().collect(), ..self }
    }

    pub fn reaching(self, reaches: impl IntoIterator<Item = Fact>) -> Self {
        Self { reaches: reaches.into_iter().collect(), ..self }
    }

    /// How many browsers take part.
    pub fn browsers(&self) -> usize {
        let ids: BTreeSet<Id> = self.requests.iter().map(|(browser, _)| browser.first_id()).collect();
        ids.len()
    }

    /// The ids that a request may bear: answers are slow, so any that its browser was ever told of.
    fn ids(&self, world: &World, browser: Browser) -> Vec<Id> {
        let of = |id: &Id| match id.by.checked_sub(1) {
            None => *id == browser.first_id(),
            Some(request) => self.requests[usize::from(request)].0 == browser,
        };
        let mut ids: Vec<Id> = world.told.ids.iter().copied().filter(of).collect();
        if ids.is_empty() {
            ids.push(browser.first_id());
        }
        ids
    }

    fn turn(&self, world: &World, request: usize) -> Option<Turn<Outcome>> {
        let Progress::Running(bears, answers, _) = &world.requests[request] else { return None };
        let (_, program) = self.requests[request];
        Some(program.turn(number(request), self.defect, *bears, answers))
    }

    /// The call that a request makes next.
    fn call(&self, world: &World, request: usize) -> Call {
        match self.turn(world, request) {
            Some(Turn::Asks(call)) => call,
            other => unreachable!("{other:?}"),
        }
    }

    fn answer(&self, world: &mut World, request: usize, answer: Answer) {
        if let Progress::Running(_, answers, _) = &mut world.requests[request] {
            answers.push(answer);
        }
        let Some(Turn::Done(outcome)) = self.turn(world, request) else { return };
        let over = Progress::Over(outcome.clone());
        let progress = std::mem::replace(&mut world.requests[request], over);
        if let (Progress::Running(_, _, before), Ok(done)) = (progress, outcome) {
            world.told.heard(&done, before, &world.store);
        }
    }
}

impl World {
    pub fn is_quiet(&self) -> bool {
        self.requests.iter().all(|request| matches!(request, Progress::Over(_)))
    }

    fn take(&mut self, call: &Call) -> Answer {
        let answer = self.store.apply(call);
        self.told.saw(call, &answer);
        answer
    }
}

impl Model for Scenario {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        let mut world = World {
            store: Store::new(self.pages),
            late: Vec::new(),
            losses: self.losses,
            requests: vec![Progress::NotBegun; self.requests.len()],
            told: Told::default(),
        };
        let browsers = self.requests.iter().map(|(browser, _)| *browser);
        for record in browsers.filter_map(Browser::first_record) {
            if world.told.ids.insert(record.id) {
                world.told.there_is(record.id, record.id, record.owner);
                world.store.apply(&Call::Create { draft: record, fence: None });
            }
        }
        vec![world]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        for (request, progress) in world.requests.iter().enumerate() {
            match progress {
                Progress::NotBegun => {
                    let ids = self.ids(world, self.requests[request].0);
                    steps.extend(ids.into_iter().map(|id| Step::Begin(request, id)));
                }
                Progress::Running(..) => {
                    steps.push(Step::Go(request));
                    if world.losses > 0 {
                        steps.push(Step::Lose(request));
                    }
                }
                Progress::Over(_) => {}
            }
        }
        steps.extend((0..world.late.len()).map(Step::Arrive));
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        let mut world = world.clone();
        match step {
            Step::Begin(request, id) => {
                let before = world.told.handles(Owner::Ada);
                world.requests[request] = Progress::Running(id, Vec::new(), before);
            }
            Step::Go(request) => {
                let answer = world.take(&self.call(&world, request));
                self.answer(&mut world, request, answer);
            }
            Step::Lose(request) => {
                world.losses -= 1;
                let call = self.call(&world, request);
                if !matches!(call, Call::Load(_) | Call::List { .. }) {
                    world.late.push(call);
                }
                self.answer(&mut world, request, Answer::Lost);
            }
            Step::Arrive(late) => {
                let call = world.late.remove(late);
                world.take(&call);
            }
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of(self)
    }

    fn format_step(&self, world: &World, step: Step) -> Option<String> {
        let after = self.next_state(world, step)?;
        let (request, call) = match step {
            Step::Begin(..) => return Some(format!("{step:?}")),
            Step::Go(request) | Step::Lose(request) => (Some(request), self.call(world, request)),
            Step::Arrive(late) => (None, world.late[late].clone()),
        };
        let who = request.map_or_else(
            || "late".to_owned(),
            |request| format!("{} {:?}", number(request), self.requests[request].1),
        );
        let told = request.and_then(|request| match &after.requests[request] {
            Progress::Running(_, answers, _) => answers.last().map(|answer| format!("{answer:?}")),
            Progress::Over(outcome) => Some(format!("and is over: {outcome:?}")),
            Progress::NotBegun => None,
        });
        Some(format!("{who}: {call:?} -> {}", told.unwrap_or_default()))
    }
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.requests)?;
        match self.losses {
            0 => {}
            losses => write!(f, ", {losses} answers lost")?,
        }
        if self.pages == Pages::OfOne {
            write!(f, ", listed by pages of one")?;
        }
        if let Some(defect) = self.defect { write!(f, ", {defect:?}") } else { Ok(()) }
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin(request, id) => write!(f, "{} begins with {id:?}", number(*request)),
            Self::Go(request) => write!(f, "{} goes on", number(*request)),
            Self::Lose(request) => write!(f, "{} loses an answer", number(*request)),
            Self::Arrive(_) => write!(f, "a late call arrives"),
        }
    }
}

/// Requests are counted from 1: what is by 0 was there before.
fn number(request: usize) -> u8 {
    u8::try_from(request + 1).expect("a handful of requests")
}
