use std::{sync::Arc, time::Duration};

use portcullis_core::{Effect, Profile, StoreError};
use tokio::time::{Instant, timeout_at};

use crate::{
    SqlSettings,
    connections::Connections,
    engine::Engine,
    failure::{Failure, Verdict},
    lanes::Lanes,
    migrate,
    names::Names,
    question::Check,
};

/// What the store promises, once its tables are what they have to be.
pub(crate) async fn profile<DB: Engine>(
    lanes: &Arc<Lanes<DB>>,
    settings: &SqlSettings,
) -> Result<Profile, StoreError> {
    let deadline = Instant::now() + settings.deadline.max(MIGRATING);
    let mut lent = lanes.connections.wait(deadline).await?;
    let missing = migrate::last(&DB::migrations(&settings.names));
    let taken = DB::answer(&mut lent, &lanes.statements, &Check, settings.clock.now()).await;
    if !taken.as_ref().is_ok_and(|taken| *taken >= missing) {
        if !settings.migrates {
            return Err(StoreError::misconfigured(format!(
                "the tables of {} are not there, or not those of this release: have `SqlStore::schema` run, or leave `without_migrations` away",
                settings.names.records('"')
            )));
        }
        // A new connection: a statement may have failed in this one.
        lent.close();
        migrate(&lanes.connections, settings).await?;
        lent = lanes.connections.wait(deadline).await?;
    }
    let profile = answered::<DB, _>(DB::profile(&mut lent).await)?;
    lent.give_back();
    Ok(profile)
}

pub(crate) async fn migrate<DB: Engine>(
    connections: &Connections<DB>,
    settings: &SqlSettings,
) -> Result<(), StoreError> {
    let deadline = Instant::now() + settings.deadline.max(MIGRATING);
    let mut lent = connections.wait(deadline).await?;
    let migrated = timeout_at(deadline, DB::migrate(&mut lent, &settings.names)).await;
    answered::<DB, _>(migrated.map_err(|_elapsed| StoreError::timeout())?)?;
    lent.give_back();
    Ok(())
}

/// All steps, each marked as taken.
pub(crate) fn schema<DB: Engine>(names: &Names) -> String {
    let mut schema = DB::first(names);
    for (version, step) in migrate::missing(DB::migrations(names), 0) {
        schema.push_str(&format!(
            "{step}\nINSERT INTO {} (version) VALUES ({version});\n",
            names.migrations(DB::QUOTE)
        ));
    }
    schema
}

fn answered<DB: Engine, T>(answer: Result<T, Failure>) -> Result<T, StoreError> {
    answer.map_err(|failure| match DB::verdict(failure) {
        Verdict::Again => StoreError::overloaded().with_effect(Effect::NotApplied),
        Verdict::Failed { error, .. } => error,
    })
}

/// So long a process waits for another that makes the tables.
const MIGRATING: Duration = Duration::from_secs(30);
