use portcullis_core::Timestamp;
use portcullis_testkit::TestClock;

/// 2026-01-01T00:00:00Z, when every seed is good.
pub(super) const NOW: Timestamp = Timestamp::from_unix_seconds(1_767_225_600);

pub(super) fn clock() -> TestClock {
    let clock = TestClock::new();
    clock.set(NOW);
    clock
}

/// The key of RFC 7515 §A.1.
pub(super) const SHARED: &str = r#"{"kty":"oct","alg":"HS256","kid":"shared","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
/// The public key of RFC 7515 §A.3.
pub(super) const CURVE: &str = r#"{"kty":"EC","crv":"P-256","alg":"ES256","kid":"curve","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
/// The public key of RFC 8037 §A.2.
pub(super) const EDWARDS: &str = r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"edwards","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// Of the test vectors of PASETO.
pub(super) const PASETO_LOCAL: &str = "k4.local.cHFyc3R1dnd4eXp7fH1-f4CBgoOEhYaHiImKi4yNjo8";
