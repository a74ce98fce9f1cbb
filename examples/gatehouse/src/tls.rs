use std::io;

use axum_server::tls_rustls::RustlsConfig;
use rcgen::CertifiedKey;

/// A certificate for this machine and for `hosts`, made now and trusted by nobody.
///
/// # Errors
///
/// A host is not a name that a certificate can bear, or there is no randomness.
pub async fn self_signed<'a>(hosts: impl IntoIterator<Item = &'a str>) -> io::Result<RustlsConfig> {
    let own = ["localhost", "127.0.0.1", "::1"];
    // A certificate has IPv6 addresses without the brackets of a URL.
    let hosts = hosts.into_iter().map(|host| host.trim_matches(['[', ']']));
    let mut names: Vec<_> = own.into_iter().chain(hosts).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
    RustlsConfig::from_der(vec![cert.der().to_vec()], signing_key.serialize_der()).await
}
