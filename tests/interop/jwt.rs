use libtest_mimic::Trial;
use portcullis::{
    bearer::VerifyToken,
    issue::TokenIssuer,
    jwt::{Algorithm, JwtKey, JwtKeys, JwtVerifier},
    store::{Clock, SystemClock},
};
use serde_json::{Value, json};

use crate::{
    claims::{self, AUDIENCE, ISSUER},
    library::{JOSE, Library, PYJWT, text},
    tampered::tampered,
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![JOSE.trial("jwt::jose_names_keys_as_we_do", they_name)];
    for library in [&JOSE, &PYJWT] {
        for algorithm in ALGORITHMS {
            let peer = Peer { library, algorithm };
            let (name, id) = (library.name, algorithm.as_str().to_lowercase());
            let theirs = format!("jwt::what_{name}_signs_with_{id}_is_accepted");
            trials.push(library.trial(theirs, move || they_sign(peer)));
            let ours = format!("jwt::what_we_sign_with_{id}_{name}_accepts");
            trials.push(library.trial(ours, move || we_sign(peer)));
        }
    }
    trials
}

async fn they_sign(peer: Peer) {
    let (theirs, ours) = (peer.generate().await, JwtKey::generate(peer.algorithm).unwrap());
    let expected = claims::with_times_as_numbers();
    // A key that signs there, and the one that verifies here.
    let mut pairs = vec![("our JWK", json!({ "jwk": ours.expose_secret_jwk() }), public_of(&ours))];
    for (form, verifying) in peer.import(theirs.get("public").unwrap_or(&theirs["secret"])) {
        pairs.push((form, json!({ "jwk": theirs["secret"]["jwk"] }), verifying));
    }
    let (mut rows, mut requests) = (Vec::new(), Vec::new());
    for (form, signing, verifying) in &pairs {
        for id in [Some(verifying.id().as_str()), None] {
            rows.push((format!("{form}, {id:?}"), verifying));
            requests.push(peer.request("sign", json!({ "key": signing, "kid": id, "claims": expected })));
        }
    }
    for ((row, key), answer) in rows.into_iter().zip(peer.library.ask(requests).await) {
        let token = text(&answer["token"]);
        let verifier = JwtVerifier::new(key.clone(), claims::policy());
        let verified = verifier.verify(&token).done().await.unwrap_or_else(|why| panic!("{row}: {why}"));
        claims::assert_same(verified.claims_json(), &expected, &row);
        assert_eq!((verified.subject(), verified.key_id()), (Some("ada"), key.id()), "{row}");
        assert!(verified.has_scope("orders:read"), "{row}");
        for changed in tampered(&token) {
            assert!(verifier.verify(&changed).done().await.is_err(), "{row}: {changed}");
        }
    }
}

async fn we_sign(peer: Peer) {
    let (theirs, ours) = (peer.generate().await, JwtKey::generate(peer.algorithm).unwrap());
    // A key that signs here, and the one that verifies there.
    let mut pairs = Vec::new();
    for (form, signing) in peer.import(&theirs["secret"]) {
        pairs.push((form, signing, theirs.get("public").unwrap_or(&theirs["secret"]).clone()));
    }
    if let Some(public) = ours.to_public_jwk() {
        let set = JwtKeys::from(ours.clone()).public_jwks(SystemClock.now());
        pairs.push(("our JWK", ours.clone(), json!({ "jwk": public })));
        pairs.push(("our set of JWKs", ours, json!({ "jwks": set })));
    } else {
        pairs.push(("our shared JWK", ours.clone(), json!({ "jwk": ours.expose_secret_jwk() })));
    }
    for (form, signing, verifying) in pairs {
        let issuer = TokenIssuer::jwt(JwtKeys::from(signing.clone()), ISSUER, AUDIENCE).unwrap();
        let token = issuer.issue(claims::request()).await.unwrap();
        let tokens = [vec![token.token().to_owned()], tampered(token.token())].concat();
        let verify = |token: &String| {
            let expected =
                json!({ "key": verifying, "token": token, "issuer": ISSUER, "audience": AUDIENCE });
            peer.request("verify", expected)
        };
        let mut answers = peer.library.ask(tokens.iter().map(verify).collect()).await.into_iter();

        let accepted = answers.next().unwrap();
        let header = json!({ "alg": peer.algorithm.as_str(), "typ": "JWT", "kid": signing.id().as_str() });
        assert_eq!(accepted["header"], header, "{form}: {accepted}");
        let who = [&accepted["claims"]["sub"], &accepted["claims"]["jti"]];
        assert_eq!(who, ["ada", token.token_id()], "{form}: {accepted}");
        let verifier = JwtVerifier::new(public_of(&signing), claims::policy());
        let verified = verifier.verify(token.token()).done().await.unwrap();
        claims::assert_same(verified.claims_json(), &accepted["claims"], form);
        for (refused, changed) in answers.zip(&tokens[1..]) {
            assert!(refused["refused"].is_string(), "{form}: {changed}: {refused}");
        }
    }
}

async fn they_name() {
    for algorithm in ALGORITHMS {
        let peer = Peer { library: &JOSE, algorithm };
        let theirs = JwtKey::from_jwk(&text(&peer.generate().await["secret"]["jwk"])).unwrap();
        assert_eq!(theirs.id().as_str(), theirs.thumbprint(), "{algorithm}: theirs says so itself");
        let ours = JwtKey::generate(algorithm).unwrap();
        let jwk = ours.to_public_jwk().or_else(|| ours.expose_secret_jwk());
        let answer = JOSE.ask_one(peer.request("thumbprint", json!({ "key": { "jwk": jwk } }))).await;
        assert_eq!(text(&answer["thumbprint"]), ours.thumbprint(), "{algorithm}: ours");
    }
}

/// A library, and the algorithm that it is asked for.
#[derive(Clone, Copy, Debug)]
struct Peer {
    library: &'static Library,
    algorithm: Algorithm,
}

impl Peer {
    /// A new key in every form that the library writes, each as text.
    async fn generate(self) -> Value {
        self.library.ask_one(self.request("generate", json!({}))).await
    }

    fn request(self, action: &str, mut members: Value) -> Value {
        members["do"] = json!(action);
        members["algorithm"] = json!(self.algorithm.as_str());
        members
    }

    /// Their key, as each of its forms reads here.
    fn import(self, theirs: &Value) -> Vec<(&'static str, JwtKey)> {
        let mut imported = vec![("their JWK", JwtKey::from_jwk(&text(&theirs["jwk"])).unwrap())];
        if let Some(pem) = theirs["pem"].as_str() {
            imported.push(("their PEM", JwtKey::from_pem(pem, self.algorithm).unwrap()));
        }
        imported
    }
}

/// A shared key has no public one.
fn public_of(key: &JwtKey) -> JwtKey {
    key.public().unwrap_or_else(|| key.clone())
}

const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::Rs256,
    Algorithm::Ps256,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::EdDsa,
    Algorithm::Hs256,
];
