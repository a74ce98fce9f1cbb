use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command, time::Duration};

use libtest_mimic::Failed;
use portcullis_core::{Effect, StoreErrorKind};
use portcullis_store_sqlx::SqliteStore;
use portcullis_testkit::servers::on_a_runtime;
use sqlx::{Connection, SqliteConnection, raw_sql};
use tokio::{task::JoinSet, time::Instant};

use super::{
    crash,
    support::{
        DEADLINE, Kept, SLACK, Verdict, any_key, connect, connect_with, created, draft, is_there, told,
    },
};

pub(crate) fn a_file_is_its_owners_alone() -> Verdict {
    on_a_runtime(async {
        let folder = tempfile::tempdir()?;
        let store = connect(&Kept::File.url(folder.path())?).await?;
        created(&store).await?;
        let mut files = 0;
        for file in fs::read_dir(folder.path())? {
            let file = file?;
            assert_eq!(file.metadata()?.permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
            files += 1;
        }
        assert_eq!(files, 3, "the file, its log, and the index of that");
        Ok(())
    })
}

pub(crate) fn a_file_held_by_another_is_a_timeout_and_served_afterwards() -> Verdict {
    on_a_runtime(async {
        let folder = tempfile::tempdir()?;
        let url = Kept::File.url(folder.path())?;
        let store = connect_with(&url, |settings| settings.with_deadline(DEADLINE)).await?;
        let key = created(&store).await?;
        let (options, _) = SqliteStore::parse(&url)?;
        let mut other = SqliteConnection::connect_with(&options).await?;
        raw_sql("BEGIN IMMEDIATE").execute(&mut other).await?;
        let began = Instant::now();
        let refused = store.create(&any_key(), draft("x")).await.expect_err("another writes");
        assert_eq!(refused.kind(), StoreErrorKind::Timeout, "{}", told(&refused));
        assert!(began.elapsed() < DEADLINE + SLACK, "{:?}", began.elapsed());
        assert!(is_there(&store, &key).await?, "readers wait for nobody");
        raw_sql("ROLLBACK").execute(&mut other).await?;
        tokio::time::sleep(DEADLINE).await;
        created(&store).await?;
        Ok(())
    })
}

pub(crate) fn many_writers_share_a_commit() -> Verdict {
    on_a_runtime(async {
        let folder = tempfile::tempdir()?;
        let store = connect(&Kept::File.url(folder.path())?).await?;
        let before = commits(folder.path())?;
        let mut writers = JoinSet::new();
        for _ in 0..200 {
            let store = store.clone();
            writers.spawn(async move { created(&store).await.map_err(|error| told(&error)) });
        }
        for key in writers.join_all().await {
            assert!(is_there(&store, &key?).await?);
        }
        let commits = commits(folder.path())? - before;
        assert!((1..=40).contains(&commits), "{commits} commits for 200 writers");
        Ok(())
    })
}

/// How many commits the log holds: [the format](https://sqlite.org/fileformat2.html#walformat) says which frames end one.
fn commits(folder: &Path) -> Result<usize, Failed> {
    let log = fs::read(folder.join("store.db-wal"))?;
    let page_bytes = u32::from_be_bytes(log.get(8..12).ok_or("no log")?.try_into()?);
    let frame_bytes = 24 + usize::try_from(page_bytes)?;
    let frames = log.get(32..).unwrap_or_default().chunks_exact(frame_bytes);
    Ok(frames.filter(|frame| frame.get(4..8) != Some(&[0; 4][..])).count())
}

/// On a real file system of two megabytes, which a process of its own has for itself.
pub(crate) fn a_full_disk_refuses_what_is_new_and_loses_nothing() -> Verdict {
    let folder = tempfile::tempdir()?;
    let script = "mount -t tmpfs -o size=2m,mode=700 tmpfs \"$1\" && exec \"$2\"";
    let ended = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(folder.path())
        .arg(std::env::current_exe()?)
        .env(crash::TASK, "fill")
        .env(crash::FOLDER, folder.path())
        .output()?;
    if ended.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&ended.stderr).into_owned().into())
    }
}

/// What that process does.
pub(crate) fn fill(folder: &Path) -> Verdict {
    on_a_runtime(async {
        let ballast = folder.join("ballast");
        fs::write(&ballast, vec![1; 512 << 10])?;
        let url = Kept::File.url(folder)?;
        let store = connect_with(&url, |settings| settings.with_deadline(Duration::from_secs(5))).await?;
        let mut kept = Vec::new();
        let refused = loop {
            let key = any_key();
            match store.create(&key, draft(&"x".repeat(10_000))).await {
                Ok(_) => kept.push(key),
                Err(error) => break error,
            }
            assert!(kept.len() < 1_000, "two megabytes hold no ten");
        };
        assert_eq!(
            (refused.kind(), refused.effect()),
            (StoreErrorKind::Overloaded, Effect::NotApplied),
            "{}",
            told(&refused)
        );
        for key in &kept {
            assert!(is_there(&store, key).await?, "what was acknowledged is there");
        }
        fs::remove_file(ballast)?;
        created(&store).await?;
        let first = kept.first().ok_or("nothing was kept")?;
        store.remove(first, None).await?;
        assert!(!is_there(&store, first).await?);
        drop(store);
        let store = connect(&url).await?;
        for key in kept.iter().skip(1) {
            assert!(is_there(&store, key).await?, "and after it was opened anew");
        }
        assert!(!is_there(&store, first).await?);
        Ok(())
    })
}
