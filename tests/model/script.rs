//! How a request's program is run one store call at a time: it is an `async fn` that is begun anew at every step with the answers so
//! far, and stops at the first call that has none. So a request's state is what it was answered, and nothing else.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::pin,
    task::{Context, Poll, Waker},
};

use crate::store::{Answer, Body, Call, Epoch, Expected, Id, Order, Owner, Record, Unique, Version, Why};

/// What a program sees of the world.
pub struct Script<'a> {
    /// The request's number, from 1; also the key it writes.
    pub number: u8,
    pub defect: Option<Defect>,
    answers: &'a [Answer],
    next: Cell<usize>,
    asks: RefCell<Option<Call>>,
    minted: Cell<u8>,
}

/// One step of a program done otherwise, to see that the model tells.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Defect {
    /// Only the old record's absence would stop a renewal then.
    RenewalWithoutFence,
    /// When another one came first.
    RenewalThatLeavesItsCopy,
    /// Although it is handed over.
    RenewalThatTakesItsCopyBack,
    RemovalWithoutTombstone,
    UpdateThatCreates,
    BurialOfAnyVersion,
    /// Whoever planted an id could end what its victim logged in to.
    TombstoneThatLeadsOnFromNobody,
    OthersWithoutBurial,
    /// The caller's session is spared under the id that the request bears, and by no name.
    OthersThatSpareAnId,
    LimitThatSparesTheNewcomer,
    /// The session that the login is about to end, too.
    LimitThatCountsTheOld,
    /// A session that is being renewed counts twice.
    LimitThatCountsRecords,
    /// Each login ranks itself the newest among those that began at the same instant.
    LimitThatPrefersTheNewcomer,
    /// A login is refused if it ranks beyond, not if there are too many.
    RefusalByRank,
    /// What a login made of the evicted session is evicted too.
    EvictionThatFollowsLogins,
    /// A tombstone is removed before what it leads to.
    TombstonesGoFirst,
    /// What is found to be renewed counts as ended.
    EndThatStopsAtATombstone,
    /// After one conflict, whatever is there is removed: what comes of it after eight, as with the others, so much sooner.
    EndThatLooksOnce,
    /// Pages in another order than that of creation, as of nodes whose clocks differ.
    ListingNewestFirst,
}

/// Where a program stands.
#[derive(Debug)]
pub enum Turn<T> {
    Asks(Call),
    Done(T),
}

/// The store failed, and whether the call takes effect is not known.
#[derive(Clone, Copy, Debug)]
pub struct Outage;

impl<'a> Script<'a> {
    pub fn run<T>(
        number: u8,
        defect: Option<Defect>,
        answers: &'a [Answer],
        program: impl AsyncFnOnce(&Self) -> T,
    ) -> Turn<T> {
        let script = Self {
            number,
            defect,
            answers,
            next: Cell::new(0),
            asks: RefCell::new(None),
            minted: Cell::new(0),
        };
        let polled = pin!(program(&script)).poll(&mut Context::from_waker(Waker::noop()));
        match polled {
            Poll::Ready(done) => Turn::Done(done),
            Poll::Pending => Turn::Asks(script.asks.take().expect("it waits for the store only")),
        }
    }

    pub fn has(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    /// An id or a version that nobody else makes.
    pub fn unique(&self) -> Unique {
        let at = self.minted.get();
        self.minted.set(at + 1);
        Unique { by: self.number, at }
    }

    pub async fn load(&self, id: Id) -> Result<Option<Record>, Outage> {
        match self.ask(Call::Load(id)).await {
            Answer::Found(found) => Ok(found),
            Answer::Lost => Err(Outage),
            other => unreachable!("{other:?}"),
        }
    }

    pub async fn create(&self, id: Id, owner: Owner, body: Body, fence: Option<Epoch>) -> Answer {
        self.create_as(id, self.unique(), owner, body, fence).await
    }

    pub async fn create_as(
        &self,
        id: Id,
        version: Version,
        owner: Owner,
        body: Body,
        fence: Option<Epoch>,
    ) -> Answer {
        let draft = Record { id, version, owner, epoch: 0, body };
        self.ask(Call::Create { draft, fence }).await
    }

    pub async fn replace(&self, id: Id, expected: Expected, version: Version, body: Body) -> Answer {
        self.ask(Call::Replace { id, expected, version, body }).await
    }

    pub async fn remove(&self, id: Id, expected: Option<Version>, why: Why) -> Answer {
        self.ask(Call::Remove { id, expected, why }).await
    }

    /// All pages.
    pub async fn list(&self) -> Result<Vec<Record>, Outage> {
        let order =
            if self.has(Defect::ListingNewestFirst) { Order::NewestFirst } else { Order::OldestFirst };
        let (mut records, mut after) = (Vec::new(), None);
        loop {
            match self.ask(Call::List { after, order }).await {
                Answer::Listed(page, next) => {
                    records.extend(page);
                    after = next;
                }
                Answer::Lost => return Err(Outage),
                other => unreachable!("{other:?}"),
            }
            if after.is_none() {
                return Ok(records);
            }
        }
    }

    pub async fn remove_others(&self, id: Id, expected: Version, version: Version) -> Answer {
        self.ask(Call::RemoveOthers { id, expected, version }).await
    }

    pub async fn remove_all(&self, but: Option<Id>) -> Answer {
        self.ask(Call::RemoveAll { but }).await
    }

    async fn ask(&self, call: Call) -> Answer {
        let mut call = Some(call);
        poll_fn(|_| {
            let at = self.next.get();
            match self.answers.get(at) {
                Some(answer) => {
                    self.next.set(at + 1);
                    Poll::Ready(answer.clone())
                }
                None => {
                    self.asks.replace(call.take());
                    Poll::Pending
                }
            }
        })
        .await
    }
}
