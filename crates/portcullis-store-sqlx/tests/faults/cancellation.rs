use std::{future::poll_fn, pin::pin, task::Poll};

use portcullis_core::{Freshness, ReplaceOutcome, Version};
use portcullis_testkit::{
    Proxy,
    servers::{SqlEngine, SqlServer, on_a_runtime},
};

use super::support::{Verdict, connect_with, created, draft, is_there};

/// Who hangs up again and again makes no connections, and spoils none.
pub(crate) fn dropped_calls_are_brought_to_their_end_on_one_connection(engine: SqlEngine) -> Verdict {
    on_a_runtime(async {
        let server = SqlServer::start(engine, &[])?;
        let proxy = Proxy::start(server.address()).await?;
        let url = server.url_by(proxy.address());
        let store = connect_with(&url, |settings| settings.with_connections(1)).await?;
        let connections = proxy.connections();
        let (key, other) = (created(&store).await?, created(&store).await?);
        let mut last = store.load(&key, Freshness::Strong).await?.expect("made").version;
        for count in 0..100 {
            let next = draft(&count.to_string());
            let written = next.version;
            let is_done = {
                let mut call = pin!(store.replace(&key, last, next));
                poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await
            };
            assert!(!is_done, "it takes a trip");
            assert_eq!(store.load(&other, Freshness::Strong).await?.map(|record| record.key), Some(other));
            let there = store.load(&key, Freshness::Strong).await?.expect("nobody removed it");
            assert_eq!(there.version, written, "what was begun is done before what is asked later");
            last = written;
        }
        assert!(matches!(
            store.replace(&key, Version::unique(), draft("x")).await?,
            ReplaceOutcome::Conflict(_)
        ));
        assert!(is_there(&store, &key).await?);
        assert_eq!(proxy.connections(), connections);
        Ok(())
    })
}
