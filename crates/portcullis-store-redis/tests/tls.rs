//! Servers that are spoken to under TLS.

use std::{error::Error, fs, net::TcpListener, process::ExitCode};

use libtest_mimic::Failed;
use portcullis_core::Store;
use portcullis_store_redis::RedisStore;
use portcullis_testkit::servers::{self, RedisNode, on_a_runtime};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;

fn main() -> ExitCode {
    servers::run([(
        "a_server_is_trusted_by_who_signed_its_certificate_and_trusts_ours",
        a_server_is_trusted_by_who_signed_its_certificate_and_trusts_ours,
    )])
}

fn a_server_is_trusted_by_who_signed_its_certificate_and_trusts_ours() -> Result<(), Failed> {
    on_a_runtime(async {
        let files = Files::make()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let [authority, certificate, key] = ["ca.pem", "cert.pem", "key.pem"].map(|name| files.path(name));
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

/// A certificate for `localhost`, its key, and who signed it.
struct Files(TempDir);

impl Files {
    fn make() -> Result<Self, Failed> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Another name than the certificate's, which would otherwise look as if it had signed itself.
        params.distinguished_name.push(DnType::CommonName, "an authority");
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &authority)?;
        let files = Self(TempDir::new()?);
        fs::write(files.path("ca.pem"), authority.pem())?;
        fs::write(files.path("cert.pem"), certificate.pem())?;
        fs::write(files.path("key.pem"), key.serialize_pem())?;
        Ok(files)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }
}
