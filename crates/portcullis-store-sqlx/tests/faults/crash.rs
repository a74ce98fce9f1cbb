use std::{
    collections::HashSet,
    io::{BufRead, BufReader, Write, stdout},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    time::Duration,
};

use libtest_mimic::Failed;
use portcullis_core::{
    Freshness, Partition, RecordId, RecordKey, RemoveOutcome, ReplaceOutcome, SharedStore, Space,
    StoreErrorKind,
};
use portcullis_testkit::servers::on_a_runtime;

use super::{
    files,
    support::{Kept, Verdict, any_key, connect, draft, is_there},
};

/// What this program does in place of trials, where it was started by one of them.
pub(crate) const TASK: &str = "PORTCULLIS_TRIAL_TASK";
/// Where its file is.
pub(crate) const FOLDER: &str = "PORTCULLIS_TRIAL_FOLDER";

#[expect(clippy::disallowed_methods, reason = "a process of one's own is told so what to do")]
pub(crate) fn as_another_process() -> Option<ExitCode> {
    let task = std::env::var(TASK).ok()?;
    let folder = PathBuf::from(std::env::var_os(FOLDER)?);
    let done = match &*task {
        "write" => write(&folder),
        "count" => count(&folder),
        _ => files::fill(&folder),
    };
    Some(match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            let _unheard = writeln!(std::io::stderr(), "{}", failed.message().unwrap_or("failed")).is_err();
            ExitCode::FAILURE
        }
    })
}

fn another_process(task: &str, folder: &Path) -> Result<Child, Failed> {
    let mut process = Command::new(std::env::current_exe()?);
    process.env(TASK, task).env(FOLDER, folder).stdin(Stdio::null()).stdout(Stdio::piped());
    Ok(process.spawn()?)
}

/// Killed at times that no two rounds share; what it was told before that is so afterwards.
pub(crate) fn s48_a_process_killed_amid_group_commits_loses_nothing_that_it_acknowledged() -> Verdict {
    let folder = tempfile::tempdir()?;
    let (mut made, mut gone) = (HashSet::new(), HashSet::new());
    for round in 0..4 {
        let mut writer = another_process("write", folder.path())?;
        let said = writer.stdout.take().ok_or("it says nothing")?;
        let enough = 500 + 700 * round + fastrand::usize(0..500);
        for (number, line) in BufReader::new(said).lines().enumerate() {
            if number == enough {
                writer.kill()?;
            }
            // The last line may have been cut short.
            match line?.split_once(' ') {
                Some(("made", key)) if key.len() == 68 => made.insert(key.to_owned()),
                Some(("gone", key)) if key.len() == 68 => gone.insert(key.to_owned()),
                _ => false,
            };
        }
        assert!(!writer.wait()?.success(), "it ended by itself");
        on_a_runtime(async {
            let store = connect(&Kept::File.url(folder.path())?).await?;
            for key in &made {
                // A removal that was not told of may have been done.
                let is_there = is_there(&store, &parsed(key)?).await?;
                assert!(is_there || gone.contains(key) || key.ends_with('1'), "{key} was lost");
                assert!(!is_there || !gone.contains(key), "{key} is back");
            }
            Ok(())
        })?;
    }
    assert!(made.len() > 1_000 && gone.len() > 100, "{} were made, {} removed", made.len(), gone.len());
    Ok(())
}

/// Creates records for ever, removes those whose ids end in 1, and says so as soon as it was told.
fn write(folder: &Path) -> Verdict {
    on_a_runtime(async {
        let store = connect(&Kept::File.url(folder)?).await?;
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let store = store.clone();
            writers.spawn(async move {
                loop {
                    let key = any_key();
                    store.create(&key, draft("kept")).await?;
                    writeln!(stdout(), "made {}", shown(&key))?;
                    if shown(&key).ends_with('1') {
                        let removed = store.remove(&key, None).await?;
                        assert!(matches!(removed, RemoveOutcome::Removed(_)));
                        writeln!(stdout(), "gone {}", shown(&key))?;
                    }
                }
                #[expect(unreachable_code, reason = "says what the task's errors are")]
                Ok::<(), Failed>(())
            });
        }
        writers.join_next().await.ok_or("no writers")??
    })
}

pub(crate) fn two_processes_write_to_one_file() -> Verdict {
    let folder = tempfile::tempdir()?;
    let key = counter();
    on_a_runtime(async {
        let store = connect(&Kept::File.url(folder.path())?).await?;
        store.create(&key, draft("0")).await?;
        Ok(())
    })?;
    let mut other = another_process("count", folder.path())?;
    count(folder.path())?;
    assert!(other.wait()?.success());
    on_a_runtime(async {
        let store = connect(&Kept::File.url(folder.path())?).await?;
        let there = store.load(&key, Freshness::Strong).await?.ok_or("it is gone")?;
        assert_eq!(&there.payload[..], (2 * COUNTS).to_string().as_bytes());
        Ok(())
    })
}

/// Adds to a counter, again and again.
fn count(folder: &Path) -> Verdict {
    on_a_runtime(async {
        let store = connect(&Kept::File.url(folder)?).await?;
        for _ in 0..COUNTS {
            while !added(&store).await? {}
        }
        Ok(())
    })
}

async fn added(store: &SharedStore) -> Result<bool, Failed> {
    let there = store.load(&counter(), Freshness::Strong).await?.ok_or("it is gone")?;
    let count: usize = std::str::from_utf8(&there.payload)?.parse()?;
    match store.replace(&counter(), there.version, draft(&(count + 1).to_string())).await {
        Ok(outcome) => Ok(outcome == ReplaceOutcome::Replaced),
        Err(busy) if busy.kind() == StoreErrorKind::Timeout => {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

fn counter() -> RecordKey {
    RecordKey::unowned(Space::Session, RecordId::from_bytes([7; 32]))
}

fn shown(key: &RecordKey) -> String {
    let id = key.id().bytes().map(|byte| format!("{byte:02x}")).concat();
    format!("{:04x}{id}", key.partition().number())
}

fn parsed(text: &str) -> Result<RecordKey, Failed> {
    let (partition, id) = text.split_at_checked(4).ok_or("no key")?;
    let partition = Partition::new(u16::from_str_radix(partition, 16)?).ok_or("no partition")?;
    let mut bytes = [0; RecordId::LENGTH_BYTES];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(id.get(2 * at..2 * at + 2).ok_or("no id")?, 16)?;
    }
    Ok(RecordKey::new(Space::Session, partition, RecordId::from_bytes(bytes)))
}

const COUNTS: usize = 200;
