use super::*;

#[test]
fn every_algorithm_signs_what_it_verifies() {
    for algorithm in Algorithm::ALL {
        let key = JwtKey::generate(algorithm).unwrap();
        let token = issue(&key, CLAIMS);
        let ours = verify(&verifier(key.clone()), &token).unwrap();
        assert_eq!(ours.subject(), Some("ada"), "{algorithm}");
        assert_eq!(ours.key_id(), key.id());
        if let Some(public) = key.public() {
            verify(&verifier(public), &token).unwrap();
        }
        let other = JwtKey::generate(algorithm).unwrap().with_id(key.id().as_str()).unwrap();
        assert_eq!(refusal(&verifier(other), &token), TokenErrorKind::Signature, "{algorithm}");
        let saved = JwtKey::from_jwk(&key.expose_secret_jwk().unwrap()).unwrap();
        verify(&verifier(key), &issue(&saved, CLAIMS)).unwrap();
    }
}
