use std::time::Duration;

use portcullis_testkit::servers::{Load, RedisCluster, on_a_runtime};
use tokio::{task::spawn_blocking, time::sleep};

use super::support::{Verdict, connect_with};

pub(crate) fn slots_move_under_load_and_nothing_is_lost() -> Verdict {
    on_a_runtime(async {
        let cluster = RedisCluster::start(&[])?;
        let store = connect_with(&cluster.url(), |settings| settings.with_deadline(DEADLINE)).await?;
        let load = Load::of(&store, 8, DEADLINE);
        sleep(Duration::from_millis(300)).await;
        let to = cluster.master_of(16_383, None).ok_or("no master")?;
        let moved = spawn_blocking(move || cluster.move_slots(0..=300, to).map(|()| cluster)).await?;
        let cluster = moved?;
        sleep(Duration::from_millis(300)).await;
        let (told, removed) = load.end().await;
        assert_eq!(cluster.master_of(0, None), Some(to));
        assert_eq!((told.errors, told.late, told.lost), (vec![], vec![], vec![]), "nobody is to notice");
        assert!(told.answers > 100 && !removed.is_empty());
        Ok(())
    })
}

const DEADLINE: Duration = Duration::from_secs(1);
