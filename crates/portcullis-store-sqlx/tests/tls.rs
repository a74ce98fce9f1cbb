//! Servers that are spoken to under TLS.

use std::{error::Error, process::ExitCode};

use libtest_mimic::Failed;
use portcullis_core::Store;
use portcullis_store_sqlx::{Engine, SqlStore};
use portcullis_testkit::servers::{self, Certificate, ServerTrial, SqlEngine, SqlServer, on_a_runtime};

fn main() -> ExitCode {
    let are_there = SqlEngine::ALL.into_iter().try_for_each(SqlEngine::is_there);
    servers::run_where(
        are_there,
        [
            (
                "a_postgres_is_trusted_by_who_signed_its_certificate",
                a_postgres_is_trusted_by_who_signed_its_certificate as ServerTrial,
            ),
            (
                "a_mariadb_is_trusted_by_who_signed_its_certificate",
                a_mariadb_is_trusted_by_who_signed_its_certificate,
            ),
        ],
    )
}

fn a_postgres_is_trusted_by_who_signed_its_certificate() -> Result<(), Failed> {
    judged::<sqlx::Postgres>(SqlEngine::Postgres, "sslmode=verify-full", "sslrootcert")
}

fn a_mariadb_is_trusted_by_who_signed_its_certificate() -> Result<(), Failed> {
    judged::<sqlx::MySql>(SqlEngine::MariaDb, "ssl-mode=verify_identity", "ssl-ca")
}

fn judged<DB: Engine>(engine: SqlEngine, strict: &str, authority: &str) -> Result<(), Failed> {
    on_a_runtime(async {
        let (ours, anothers) = (Certificate::for_localhost()?, Certificate::for_localhost()?);
        let server = SqlServer::start_under_tls(engine, &ours)?;
        let (address, name) = (server.url(), server.url().replacen("127.0.0.1", "localhost", 1));
        let ours = format!("{authority}={}", ours.authority());
        open::<DB>(&format!("{name}?{strict}&{ours}")).await?.check().await?;
        for (wrong, url) in [
            ("nobody is named to be trusted", format!("{name}?{strict}")),
            ("another is", format!("{name}?{strict}&{authority}={}", anothers.authority())),
            ("it bears another name", format!("{address}?{strict}&{ours}")),
        ] {
            assert!(open::<DB>(&url).await.is_err(), "{wrong}");
        }
        // Who asks for less is given less, and is let in.
        open::<DB>(&address).await?.check().await?;
        Ok(())
    })
}

async fn open<DB: Engine>(url: &str) -> Result<SqlStore<DB>, Failed> {
    let opened = SqlStore::<DB>::open(url).await;
    opened.map_err(|error| format!("{error}: {:?}", error.source().map(ToString::to_string)).into())
}
