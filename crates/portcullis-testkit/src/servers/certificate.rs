use std::{error::Error, fs};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;

use crate::laws::Missing;

/// A certificate for `localhost`, its key, and that of who signed it, in files of PEM that are gone with this.
///
/// # Example
///
/// ```no_run
/// use portcullis_testkit::servers::Certificate;
///
/// let certificate = Certificate::for_localhost()?;
/// assert!(certificate.key().ends_with("key.pem"));
/// # Ok::<(), portcullis_testkit::laws::Missing>(())
/// ```
#[derive(Debug)]
pub struct Certificate(TempDir);

impl Certificate {
    /// Another one at each call.
    ///
    /// # Errors
    ///
    /// No files can be made.
    pub fn for_localhost() -> Result<Self, Missing> {
        make().map_err(|error| Missing::new(format!("no certificate: {error}")))
    }

    /// Where the certificate of who signed it is.
    #[must_use]
    pub fn authority(&self) -> String {
        self.path("ca.pem")
    }

    /// Where the certificate is.
    #[must_use]
    pub fn certificate(&self) -> String {
        self.path("cert.pem")
    }

    /// Where its key is.
    #[must_use]
    pub fn key(&self) -> String {
        self.path("key.pem")
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }
}

fn make() -> Result<Certificate, Box<dyn Error>> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Another name than the certificate's, which would otherwise look as if it had signed itself.
    params.distinguished_name.push(DnType::CommonName, "an authority");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &authority)?;
    let files = Certificate(TempDir::new()?);
    fs::write(files.authority(), authority.pem())?;
    fs::write(files.certificate(), certificate.pem())?;
    fs::write(files.key(), key.serialize_pem())?;
    Ok(files)
}
