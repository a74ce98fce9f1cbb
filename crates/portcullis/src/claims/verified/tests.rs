use serde::Deserialize;

use super::*;

const NOW: u64 = 1_767_323_045;

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(NOW)
}

/// What becomes of `members` beside those that the policy wants.
fn admitted(members: &str) -> VerifiedToken {
    let payload = format!(
        " {{ \"iss\":\"https:\\/\\/id.example\" , {members} \"aud\":[\"api\"], \"exp\":{} }} ",
        NOW + 600
    );
    let policy = ClaimsPolicy::new("https://id.example", "api");
    VerifiedToken::admit(&policy, Form::Jwt, KeyId::new("key-1"), payload, now()).unwrap()
}

#[test]
fn what_is_asked_for_is_what_the_claims_mean() {
    let token = admitted(
        r#""sub":"\u0061d\"a\ud83d\ude00", "jti":"\u0031\/2", "iat":1767323000.5, "auth_time":1767322000, "client_id":"\u0063li","#,
    );
    assert_eq!(token.subject(), Some("ad\"a\u{1f600}"));
    assert_eq!(token.shared_subject().as_deref(), token.subject());
    assert_eq!(token.token_id(), Some("1/2"));
    assert_eq!(token.client_id().as_deref(), Some("cli"));
    assert_eq!(token.issuer().as_str(), "https://id.example");
    assert_eq!(token.key_id().as_str(), "key-1");
    assert_eq!(token.credential(), CredentialKind::Jwt);
    assert_eq!(token.expires_at(), Some(Timestamp::from_unix_seconds(NOW + 600)));
    assert_eq!(token.issued_at(), Some(Timestamp::from_unix_seconds(1_767_323_000)));
    assert_eq!(token.authenticated_at(), Some(Timestamp::from_unix_seconds(1_767_322_000)));
    assert!(token.claims_json().starts_with(" { \"iss\":\"https:\\/\\/id.example\""));

    let bare = admitted("");
    assert_eq!((bare.subject(), bare.token_id(), bare.shared_subject()), (None, None, None));
    assert_eq!(admitted("\"sub\":\"\",").subject(), None, "an empty one names nobody");
    assert_eq!(bare.client_id(), None);
    assert_eq!((bare.issued_at(), bare.authenticated_at()), (None, None));
    assert_eq!(bare.scopes(), [""; 0]);
    assert!(bare.amr().is_empty() && bare.roles().is_empty());
}

#[test]
fn nobody_was_authenticated_in_the_future() {
    for (at, expected) in
        [(NOW, Some(NOW)), (NOW + 30, Some(NOW + 30)), (NOW + 31, None), (253_402_300_799, None)]
    {
        let token = admitted(&format!("\"auth_time\":{at},"));
        assert_eq!(token.authenticated_at(), expected.map(Timestamp::from_unix_seconds), "{at}");
    }
}

#[test]
fn a_paseto_is_told_from_a_jwt() {
    let payload =
        r#"{"iss":"i","aud":"a","exp":"2026-01-02T03:05:05+00:00","auth_time":"2026-01-02T03:04:00.9Z"}"#;
    let policy = ClaimsPolicy::new("i", "a");
    let admit = |form| VerifiedToken::admit(&policy, form, KeyId::new("k"), payload.to_owned(), now());
    let token = admit(Form::Paseto).unwrap();
    assert_eq!(token.credential(), CredentialKind::Paseto);
    assert_eq!(token.expires_at(), Some(Timestamp::from_unix_seconds(NOW + 60)));
    assert_eq!(token.authenticated_at(), Some(Timestamp::from_unix_seconds(NOW - 5)));
    assert_eq!(admit(Form::Jwt).unwrap_err().claim(), Some("exp"));
}

#[test]
fn t54_scopes_are_those_of_both_claims_in_each_form() {
    let rows: [(&str, &[&str]); 18] = [
        (r#""scp":["","read",""],"#, &["read"]),
        (r#""scope":"read write","#, &["read", "write"]),
        (r#""scope":"  read   write ","#, &["read", "write"]),
        (r#""scope":"read","#, &["read"]),
        (r#""scope":"","#, &[]),
        (r#""scope":" ","#, &[]),
        (r#""scope":"re\u0061d\u0020wr\u0069te","#, &["read", "write"]),
        (r#""scp":["read","wr\u0069te"],"#, &["read", "write"]),
        (r#""scp":"read write","#, &["read", "write"]),
        (r#""scope":["read","write"],"#, &["read", "write"]),
        (r#""scope":"read","scp":["write"],"#, &["read", "write"]),
        (r#""scp":["write"],"scope":"read","#, &["read", "write"]),
        // An element is one scope, whatever is in it, and what is no string is none.
        (r#""scp":["read write"],"#, &["read write"]),
        (r#""scp":["read",1,null,["write"],{"admin":1},true],"#, &["read"]),
        (r#""scp":[],"scope":null,"#, &[]),
        (r#""scope":5,"scp":{"admin":true},"#, &[]),
        // Only a space parts.
        (r#""scope":"read,write\tadmin","#, &["read,write\tadmin"]),
        (r#""permissions":["read"],"scopes":"write","#, &[]),
    ];
    for (members, scopes) in rows {
        let token = admitted(members);
        assert_eq!(token.scopes(), scopes, "{members}");
        for scope in ["read", "write", "read write", "admin", "", "rea", "Read", "read,write\tadmin", " "] {
            assert_eq!(token.has_scope(scope), scopes.contains(&scope), "{members} {scope:?}");
        }
    }
}

#[test]
fn means_and_roles_are_the_strings_of_an_array() {
    let rows: [(&str, &[&str]); 9] = [
        (r#"["pwd","otp"]"#, &["pwd", "otp"]),
        (r#"[ "p\u0077d" , "a\"b" ]"#, &["pwd", "a\"b"]),
        (r#"["pwd",1,null,["otp"]]"#, &["pwd"]),
        ("[]", &[]),
        (r#""pwd""#, &[]),
        (r#""[\"pwd\"]""#, &[]),
        (r#"{"pwd":"otp"}"#, &[]),
        ("null", &[]),
        ("1", &[]),
    ];
    for (value, strings) in rows {
        let token = admitted(&format!("\"amr\":{value}, \"x\":[\"no\"], \"roles\" : {value},"));
        assert_eq!(token.amr(), strings, "{value}");
        assert_eq!(token.roles(), strings, "{value}");
    }
    let token = admitted(r#""roles":["admin"],"amr":["pwd"],"scope":"r","scp":["w"],"#);
    assert_eq!((token.amr(), token.roles()), (vec!["pwd".into()], vec!["admin".into()]));
    assert_eq!(token.scopes(), ["r", "w"]);
}

#[test]
fn t52_claims_of_another_shape_are_an_error_that_quotes_nothing() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Tenant {
        tenant: String,
        seats: Option<u32>,
    }
    let tenant = |members| admitted(members).claims::<Tenant>();
    let tenanted = Tenant { tenant: "blue".to_owned(), seats: None };
    assert_eq!(tenant(r#""t\u0065nant":"bl\u0075e","#).unwrap(), tenanted);
    // A number that nobody reads is in nobody's way.
    assert_eq!(tenant(r#""tenant":"blue","x":1e400,"#).unwrap(), tenanted);
    for wrong in ["", r#""tenant":7,"#, r#""tenant":null,"#, r#""tenant":"s3cret","seats":"s3cret","#] {
        let error = tenant(wrong).unwrap_err();
        assert_eq!(error.kind(), TokenErrorKind::Claims, "{wrong}");
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }
}

#[test]
fn no_claim_is_in_what_is_shown() {
    let token = admitted(
        r#""sub":"s3cret","jti":"s3cret","scope":"s3cret","amr":["s3cret"],"roles":["s3cret"],"s3cret":"s3cret","#,
    );
    let shown = format!("{token:?} {token:#?}");
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(shown.contains("key-1") && shown.contains("https://id.example"), "{shown}");
}
