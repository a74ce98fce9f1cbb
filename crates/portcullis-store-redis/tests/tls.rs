//! Servers that are spoken to under TLS.

use std::{error::Error, fs, net::TcpListener, process::ExitCode};

use libtest_mimic::Failed;
use portcullis_core::Store;
use portcullis_store_redis::RedisStore;
use portcullis_testkit::servers::{self, Certificate, RedisNode, on_a_runtime};

fn main() -> ExitCode {
    servers::run([(
        "a_server_is_trusted_by_who_signed_its_certificate_and_trusts_ours",
        a_server_is_trusted_by_who_signed_its_certificate_and_trusts_ours,
    )])
}

fn a_server_is_trusted_by_who_signed_its_certificate_and_trusts_ours() -> Result<(), Failed> {
    on_a_runtime(async {
        let files = Certificate::for_localhost()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let [authority, certificate, key] = [files.authority(), files.certificate(), files.key()];
        // It asks for a certificate of ours unless it is told not to.
        let _node = RedisNode::start(
            &[
                &["--tls-port", &port.to_string(), "--tls-ca-cert-file", &authority][..],
                &["--tls-cert-file", &certificate, "--tls-key-file", &key],
            ]
            .concat(),
        )?;

        let ours = format!("cert_file={certificate}&key_file={key}");
        let store = open(&format!("rediss://localhost:{port}?ca_file={authority}&{ours}")).await?;
        store.check().await?;
        for (missing, url) in [
            ("whom to trust", format!("rediss://localhost:{port}?{ours}")),
            ("our certificate", format!("rediss://localhost:{port}?ca_file={authority}")),
            ("the name that it bears", format!("rediss://127.0.0.1:{port}?ca_file={authority}&{ours}")),
            ("TLS", format!("redis://localhost:{port}")),
        ] {
            assert!(open(&url).await.is_err(), "without {missing}");
        }
        let swapped =
            format!("rediss://localhost:{port}?ca_file={authority}&cert_file={key}&key_file={certificate}");
        let refused = open(&swapped).await.err().ok_or("a certificate is no key")?;
        let said = refused.message().unwrap_or_default();
        assert!(fs::read_to_string(&key)?.lines().all(|line| !said.contains(line)), "{said}");
        Ok(())
    })
}

async fn open(url: &str) -> Result<RedisStore, Failed> {
    let opened = RedisStore::open(url).await;
    opened.map_err(|error| format!("{error}: {:?}", error.source().map(ToString::to_string)).into())
}
