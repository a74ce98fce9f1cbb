use redis::{Client, ClientTlsConfig, ConnectionInfo, RedisError, TlsCertificates};
use rustls::crypto::{CryptoProvider, aws_lc_rs};

use crate::settings::Tls;

pub(super) fn client(info: ConnectionInfo, tls: &Tls) -> Result<Client, RedisError> {
    // Where several back-ends of rustls are compiled in, `redis` panics unless one has been chosen. Who chose first is obeyed.
    if CryptoProvider::get_default().is_none() {
        let _chosen_meanwhile = aws_lc_rs::default_provider().install_default().is_err();
    }
    let ours = tls.certificate.clone().zip(tls.key.clone());
    Client::build_with_tls(
        info,
        TlsCertificates {
            client_tls: ours.map(|(client_cert, client_key)| ClientTlsConfig { client_cert, client_key }),
            root_cert: tls.authorities.clone(),
        },
    )
}
