//! What more than one file of this module decides.

use portcullis_core::Timestamp;

use super::{ClaimsPolicy, Form, verified::VerifiedToken};
use crate::{identity::CredentialKind, keyring::KeyId};

/// As their manuals show them, in their shapes: what is refused of them nobody could use.
#[test]
fn the_access_tokens_of_common_providers_are_accepted() {
    let auth0 = r#"{"iss":"https://t.eu.auth0.com/","sub":"auth0|5f7c8ec7","aud":["https://api.example","https://t.eu.auth0.com/userinfo"],
        "iat":1767323000,"exp":1767409400,"scope":"openid profile read:orders","azp":"my_client","permissions":["read:orders"]}"#;
    let okta = r#"{"ver":1,"jti":"AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE","iss":"https://t.okta.com/oauth2/default","aud":"api://default",
        "iat":1767323000,"exp":1767326600,"cid":"nmdP1fcyvdVO11AL7ECm","uid":"00ujmukNTFz7nNT0u0g3","scp":["openid","read:orders"],"auth_time":1767322000,
        "sub":"ada@id.example"}"#;
    let entra_v1 = r#"{"aud":"api://orders","iss":"https://sts.windows.net/72f988bf/","iat":1767322700,"nbf":1767322700,"exp":1767326600,"acr":"1",
        "aio":"AXQAi/8TAAAA","amr":["pwd","mfa"],"appid":"75dbe77f","appidacr":"1","ipaddr":"192.0.2.1","oid":"690222be","scp":"read:orders user_impersonation",
        "roles":["Admin"],"sub":"l3_roISQU222bULS9yi2k0XpqpOiMz5H3ZACo1GeXA","tid":"72f988bf","ver":"1.0","xms_st":{"sub":"x"}}"#;
    let entra_v2 = r#"{"aud":"6e74172b","iss":"https://login.microsoftonline.com/72f988bf/v2.0","iat":1767322700,"nbf":1767322700,"exp":1767326600,
        "azp":"6e74172b","azpacr":"0","name":"Ada","oid":"690222be","rh":"I","scp":"read:orders","sub":"HKZpfaHyWadeOouYlitjrI","tid":"72f988bf","ver":"2.0"}"#;
    let cognito = r#"{"sub":"aaaaaaaa","cognito:groups":["admin"],"iss":"https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_x","version":2,
        "client_id":"xxxxxxxxxxxx","event_id":"64f513be","token_use":"access","scope":"openid read:orders","auth_time":1767322000,"exp":1767326600,
        "iat":1767323000,"jti":"e7c2a1ff","username":"ada"}"#;
    let keycloak = r#"{"exp":1767323300,"iat":1767323000,"auth_time":1767322000,"jti":"onrtac:2f9b","iss":"https://id.example/realms/shop","aud":["orders","account"],
        "sub":"0a1b","typ":"Bearer","azp":"web","sid":"d5","acr":"1","allowed-origins":["*"],"realm_access":{"roles":["user"]},
        "resource_access":{"account":{"roles":["view-profile"]}},"scope":"openid read:orders","email_verified":false}"#;
    let keycloak_old = r#"{"jti":"2f9b","exp":1767323300,"nbf":0,"iat":1767323000,"iss":"https://id.example/auth/realms/shop","aud":"orders",
        "sub":"0a1b","typ":"Bearer","azp":"web","auth_time":0,"session_state":"d5","acr":"1","scope":"read:orders"}"#;
    let google = r#"{"iss":"https://accounts.google.com","azp":"1.apps.googleusercontent.com","aud":"1.apps.googleusercontent.com","sub":"110169484474386276334",
        "email":"ada@id.example","email_verified":true,"at_hash":"HK6E_P6Dh8Y93mRNtsDB1Q","nbf":1767322700,"iat":1767323000,"exp":1767326600,"jti":"f0"}"#;
    let identity_server = r#"{"iss":"https://id.example","nbf":1767323000,"iat":1767323000,"exp":1767326600,"aud":"orders","scope":["read:orders"],
        "amr":["pwd"],"client_id":"web","sub":"1","auth_time":1767322000,"idp":"local","jti":"2F"}"#;
    let adfs = r#"{"aud":"microsoft:identityserver:orders","iss":"http://fs.example/adfs/services/trust","iat":1767323000,"nbf":1767323000,"exp":1767326600,
        "apptype":"Public","appid":"web","authmethod":"urn:oasis:names:tc:SAML:2.0:ac:classes:Password","auth_time":"2026-01-02T03:00:00.881Z","ver":"1.0","scp":"read:orders"}"#;
    for (name, issuer, audience, claims) in [
        ("Auth0", "https://t.eu.auth0.com/", Some("https://api.example"), auth0),
        ("Okta", "https://t.okta.com/oauth2/default", Some("api://default"), okta),
        ("Entra, v1", "https://sts.windows.net/72f988bf/", Some("api://orders"), entra_v1),
        ("Entra, v2", "https://login.microsoftonline.com/72f988bf/v2.0", Some("6e74172b"), entra_v2),
        ("Cognito", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_x", None, cognito),
        ("Keycloak", "https://id.example/realms/shop", Some("orders"), keycloak),
        ("Keycloak before 9", "https://id.example/auth/realms/shop", Some("orders"), keycloak_old),
        ("Google", "https://accounts.google.com", Some("1.apps.googleusercontent.com"), google),
        ("IdentityServer", "https://id.example", Some("orders"), identity_server),
        ("AD FS", "http://fs.example/adfs/services/trust", Some("microsoft:identityserver:orders"), adfs),
    ] {
        let policy = match audience {
            Some(audience) => ClaimsPolicy::new(issuer, audience),
            None => ClaimsPolicy::insecure_without_audience(issuer),
        };
        let now = Timestamp::from_unix_seconds(1_767_323_045);
        assert_eq!(policy.objections(claims, CredentialKind::Jwt, now), [], "{name}");
        let token =
            VerifiedToken::admit(&policy, Form::Jwt, KeyId::new("a"), claims.to_owned(), now).unwrap();
        assert_eq!(token.has_scope("read:orders"), name != "Google", "{name}");
        assert_eq!(token.claims::<serde_json::Value>().unwrap()["iss"], issuer, "{name}");
    }
}
