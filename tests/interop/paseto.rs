use libtest_mimic::Trial;
use portcullis::{
    bearer::{TokenErrorKind, VerifyToken},
    issue::TokenIssuer,
    paseto::{Kind, PasetoKey, PasetoKeys, PasetoSigner, PasetoVerifier},
    store::{Clock, SystemClock},
};
use serde_json::{Value, json};

use crate::{
    claims::{self, AUDIENCE, ISSUER},
    library::{PYSETO, text},
    tampered::tampered,
};

pub(crate) fn trials() -> Vec<Trial> {
    let names = PYSETO.trial("paseto::t61_pyseto_names_keys_as_we_do", t61_pyseto_names_keys_as_we_do);
    let mut trials = vec![names];
    for (kind, purpose) in PURPOSES {
        let theirs = format!("paseto::what_pyseto_makes_of_v4_{purpose}_is_accepted");
        trials.push(PYSETO.trial(theirs, move || they_sign(kind, purpose)));
        let ours = format!("paseto::what_we_make_of_v4_{purpose}_pyseto_accepts");
        trials.push(PYSETO.trial(ours, move || we_sign(kind, purpose)));
    }
    trials
}

async fn they_sign(kind: Kind, purpose: &str) {
    let (theirs, ours) = (generate(purpose).await, PasetoKey::generate(kind).unwrap());
    let expected = claims::with_times_as_strings();
    let (mut rows, mut requests) = (Vec::new(), Vec::new());
    for (whose, signing, verifying) in
        [("theirs", text(&theirs["secret"]), verifying(&theirs)), ("ours", secret(&ours), public_of(&ours))]
    {
        for (form, footer, assertion) in FORMS {
            rows.push((format!("{whose}, {form}"), verifying.clone(), assertion));
            let footer = match footer {
                Footer::None => Value::Null,
                Footer::NamesKey => json!({ "kid": verifying.id().as_str() }),
            };
            requests.push(json!({
                "do": "sign", "key": signing, "claims": expected, "footer": footer, "implicit": assertion,
            }));
        }
    }
    for ((row, key, assertion), answer) in rows.into_iter().zip(PYSETO.ask(requests).await) {
        let token = text(&answer["token"]);
        let verifier = PasetoVerifier::new(key.clone(), claims::policy()).with_implicit_assertion(assertion);
        let verified = verifier.verify(&token).done().await.unwrap_or_else(|why| panic!("{row}: {why}"));
        claims::assert_same(verified.claims_json(), &expected, &row);
        assert_eq!((verified.subject(), verified.key_id()), (Some("ada"), key.id()), "{row}");
        for changed in tampered(&token) {
            assert!(verifier.verify(&changed).done().await.is_err(), "{row}: {changed}");
        }
        let elsewhere = verifier.verify_with_assertion(&token, b"another").unwrap_err();
        assert_eq!(elsewhere.kind(), TokenErrorKind::Signature, "{row}, under another assertion");
    }
}

async fn we_sign(kind: Kind, purpose: &str) {
    let (theirs, ours) = (generate(purpose).await, PasetoKey::generate(kind).unwrap());
    let imported = PasetoKey::from_paserk(&text(&theirs["secret"])).unwrap();
    let their_verifying = text(theirs.get("public").unwrap_or(&theirs["secret"]));
    for (whose, signing, verifying) in
        [("theirs", imported, their_verifying), ("ours", ours.clone(), exported(&ours))]
    {
        let issuer = TokenIssuer::paseto(PasetoKeys::from(signing.clone()), ISSUER, AUDIENCE).unwrap();
        let issued = issuer.issue(claims::request()).await.unwrap();
        assert_accepted(&verifying, issued.token(), "", &signing, whose).await;

        let signer = PasetoSigner::new(signing.clone()).with_implicit_assertion("tenant");
        let claims = claims::with_times_as_strings().to_string();
        let signed = signer.sign_claims(&claims, SystemClock.now()).unwrap();
        assert_accepted(&verifying, &signed, "tenant", &signing, &format!("{whose}, under an assertion"))
            .await;
    }
}

/// pyseto accepts it under `assertion`, and not if it was changed or under another.
async fn assert_accepted(verifying: &str, token: &str, assertion: &str, key: &PasetoKey, row: &str) {
    let verify = |token: &str, assertion: &str| json!({ "do": "verify", "key": verifying, "token": token, "implicit": assertion, "audience": AUDIENCE });
    let mut requests = vec![verify(token, assertion), verify(token, "another")];
    requests.extend(tampered(token).iter().map(|changed| verify(changed, assertion)));
    let mut answers = PYSETO.ask(requests).await.into_iter();

    let accepted = answers.next().unwrap();
    let ours = PasetoVerifier::new(key.clone(), claims::policy()).with_implicit_assertion(assertion);
    let verified = ours.verify(token).done().await.unwrap();
    claims::assert_same(verified.claims_json(), &accepted["claims"], row);
    assert_eq!(accepted["claims"]["sub"], "ada", "{row}: {accepted}");
    assert_eq!(accepted["footer"], json!({ "kid": key.id().as_str() }), "{row}");
    for refused in answers {
        assert!(refused["refused"].is_string(), "{row}: {refused}");
    }
}

async fn t61_pyseto_names_keys_as_we_do() {
    for (kind, purpose) in PURPOSES {
        let (theirs, ours) = (generate(purpose).await, PasetoKey::generate(kind).unwrap());
        assert_eq!(verifying(&theirs).id().as_str(), theirs["id"], "{purpose}");
        for key in [PasetoKey::from_paserk(&text(&theirs["secret"])).unwrap(), ours] {
            // Of a shared key the two are one.
            let secret_id = key.sid().unwrap_or_else(|| key.id().clone());
            for (paserk, id) in [(exported(&key), key.id()), (secret(&key), &secret_id)] {
                let answer = PYSETO.ask_one(json!({ "do": "identify", "key": paserk })).await;
                assert_eq!(answer["id"], id.as_str(), "{purpose}");
            }
        }
    }
}

async fn generate(purpose: &str) -> Value {
    PYSETO.ask_one(json!({ "do": "generate", "purpose": purpose })).await
}

/// The key with which we verify what they sign.
fn verifying(theirs: &Value) -> PasetoKey {
    PasetoKey::from_paserk(&text(theirs.get("public").unwrap_or(&theirs["secret"]))).unwrap()
}

/// A shared key has no public one.
fn public_of(key: &PasetoKey) -> PasetoKey {
    key.public().unwrap_or_else(|| key.clone())
}

/// What whoever verifies is given.
fn exported(key: &PasetoKey) -> String {
    key.to_public_paserk().unwrap_or_else(|| secret(key))
}

fn secret(key: &PasetoKey) -> String {
    key.expose_secret_paserk().unwrap()
}

#[derive(Clone, Copy, Debug)]
enum Footer {
    None,
    NamesKey,
}

/// Each with its implicit assertion.
const FORMS: [(&str, Footer, &str); 4] = [
    ("plain", Footer::None, ""),
    ("with a footer", Footer::NamesKey, ""),
    ("under an assertion", Footer::None, "tenant"),
    ("with a footer and under an assertion", Footer::NamesKey, "tenant"),
];
const PURPOSES: [(Kind, &str); 2] = [(Kind::V4Local, "local"), (Kind::V4Public, "public")];
