use std::collections::BTreeMap;

use portcullis::{
    claims::ClaimsPolicy,
    store::{Clock, Timestamp},
};
use serde::Serialize;

use super::{
    decoded::{Claims, Decoded, Footer, Undecodable},
    format,
    note::Note,
    text::TokenText,
    times::Time,
};
use crate::{
    at::At,
    failure::Failure,
    input::Source,
    json::{Json, show},
    output::{Report, Style},
    spelling::{name, quoted},
};

/// Show what a token says, without a key: nothing of it is verified
///
/// It reads the token from standard input. Times are explained, and what is odd is named.
#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// Read the token from this file, instead of standard input
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    token: Source,
    #[command(flatten)]
    at: At,
}

impl Inspect {
    pub(crate) fn run(self, style: Style) -> Result<Report, Failure> {
        let now = self.at.clock().now();
        let decoded = TokenText::read(&self.token)?.and_then(|token| format::decode(token.as_str()));
        match decoded {
            Ok(decoded) => {
                let inspection = Inspection::of(decoded, now);
                Ok(Report::fine(match style {
                    Style::Plain => inspection.to_plain(now),
                    Style::Json => inspection.to_json(now)?,
                }))
            }
            Err(undecodable) => Ok(Report::refused(refusal(&undecodable, style)?)),
        }
    }
}

/// A token, and all that would be held against it if its signature were right.
struct Inspection {
    decoded: Decoded,
    notes: Vec<Note>,
}

impl Inspection {
    fn of(mut decoded: Decoded, now: Timestamp) -> Self {
        let mut notes = std::mem::take(&mut decoded.notes);
        if let Some(claims) = &decoded.claims {
            if let Some(repeated) = claims.json.repeated() {
                notes.push(Note::new(
                    "claims",
                    format!("its claims have two members called {}", quoted(repeated)),
                ));
            }
            notes.extend(objections(claims, &decoded, now));
        }
        Self { decoded, notes }
    }

    fn to_plain(&self, now: Timestamp) -> String {
        let decoded = &self.decoded;
        let mut out = format!("{}, not verified: anybody could have written this\n", title(decoded));
        if let Some(header) = &decoded.header {
            out.push_str("\nheader\n");
            show(header, 2, &|_, _| None, &mut out);
        }
        out.push_str("\nclaims\n");
        match &decoded.claims {
            Some(claims) => {
                let format = decoded.format;
                let remark =
                    |name: &str, value: &Json| Some(Time::of(name, value, format, now)?.remark(format));
                show(&claims.json, 2, &remark, &mut out);
            }
            None => out.push_str(
                "  (not to be read without the key)
",
            ),
        }
        match &decoded.footer {
            Some(Footer::Object(footer)) => {
                out.push_str("\nfooter\n");
                show(footer, 2, &|_, _| None, &mut out);
            }
            Some(Footer::Text(text)) => out.push_str(&format!("\nfooter\n  {}\n", quoted(text))),
            Some(Footer::Hidden) => out.push_str("\nfooter\n  (not shown)\n"),
            None => {}
        }
        if !self.notes.is_empty() {
            out.push_str("\nnotes\n");
            for note in &self.notes {
                out.push_str(&format!("  {}\n", note.explanation()));
            }
        }
        out
    }

    fn to_json(&self, now: Timestamp) -> Result<String, Failure> {
        let decoded = &self.decoded;
        let claims = decoded.claims.as_ref().map(|claims| &claims.json);
        let times = claims.map(Json::members).unwrap_or_default().iter();
        let times = times
            .filter_map(|(name, value)| Some((name.as_str(), Time::of(name, value, decoded.format, now)?)));
        to_json(&Shown {
            verified: false,
            format: decoded.format.as_str(),
            algorithm: &decoded.algorithm,
            key_id: decoded.key.as_deref(),
            header: decoded.header.as_ref(),
            claims,
            footer: match &decoded.footer {
                Some(Footer::Object(footer)) => Some(footer.clone()),
                Some(Footer::Text(text)) => Some(Json::String(text.clone())),
                Some(Footer::Hidden) | None => None,
            },
            times: times.collect(),
            notes: &self.notes,
        })
    }
}

/// What `--json` shows. Every name is always there.
#[derive(Serialize)]
struct Shown<'a> {
    verified: bool,
    format: &'a str,
    algorithm: &'a str,
    key_id: Option<&'a str>,
    header: Option<&'a Json>,
    claims: Option<&'a Json>,
    footer: Option<Json>,
    times: BTreeMap<&'a str, Time>,
    notes: &'a [Note],
}

/// The same for what is no token.
#[derive(Serialize)]
struct Refused<'a> {
    verified: bool,
    reason: &'a str,
    explanation: &'a str,
}

fn refusal(undecodable: &Undecodable, style: Style) -> Result<String, Failure> {
    let (reason, explanation) = (undecodable.kind.name(), &*undecodable.explanation);
    match style {
        Style::Plain => Ok(format!("refused: {reason}\n  {explanation}\n")),
        Style::Json => to_json(&Refused { verified: false, reason, explanation }),
    }
}

/// `JWT, HS256 (HMAC with SHA-256, a shared key)`.
fn title(decoded: &Decoded) -> String {
    let format = decoded.format.as_str().to_ascii_uppercase();
    match &*decoded.algorithm {
        "" => format!("{format}, {}", decoded.meaning),
        algorithm => format!("{format}, {} ({})", name(algorithm), decoded.meaning),
    }
}

/// What a verifier for that very issuer, who asks for no audience, would say.
fn objections(claims: &Claims, decoded: &Decoded, now: Timestamp) -> Vec<Note> {
    let issuer = claims.json.member("iss").and_then(Json::text).unwrap_or_default();
    let policy = ClaimsPolicy::insecure_without_audience(issuer);
    policy.objections(&claims.text, decoded.format, now).iter().map(Note::from).collect()
}

fn to_json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map_err(|error| Failure::because("the result cannot be written as JSON", &error))
}

#[cfg(test)]
mod tests {
    use base64_simd::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    use super::*;

    /// Shows whatever `token` is, in both styles.
    fn shown(token: &str) -> Result<[String; 2], Undecodable> {
        let inspection = Inspection::of(format::decode(token)?, Timestamp::default());
        let now = Timestamp::from_unix_seconds(1_767_225_600);
        Ok([inspection.to_plain(now), inspection.to_json(now).unwrap()])
    }

    fn is_safe(plain: &str) -> bool {
        plain.contains("not verified")
            && !plain.contains(|letter: char| letter != '\n' && letter.is_control())
    }

    fn json() -> impl Strategy<Value = String> {
        let name = prop_oneof![Just(String::from("exp")), Just(String::from("aud")), any::<String>()];
        let value = prop_oneof![
            any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
            any::<f64>().prop_map(|number| format!("{number:e}")),
            Just(String::from(r#"[{"a":1,"a":2}]"#)),
            Just(String::from("1e999")),
        ];
        let member = (name, value).prop_map(|(name, value)| format!("{}:{value}", serde_json::json!(name)));
        prop::collection::vec(member, 0..8).prop_map(|members| format!("{{{}}}", members.join(",")))
    }

    proptest! {
        #[test]
        fn any_text_is_shown_or_refused(text in any::<String>(), kind in "(v[1-9x]\\.(local|public)\\.)?") {
            for token in [format!("{kind}{text}"), format!("{kind}{}", URL_SAFE_NO_PAD.encode_to_string(&text))] {
                if let Ok([plain, json]) = shown(&token) {
                    prop_assert!(is_safe(&plain), "{plain:?}");
                    prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
                }
            }
        }

        #[test]
        fn whatever_a_token_says_is_shown_safely(header in json(), claims in json(), footer in json()) {
            let part = |text: &str| URL_SAFE_NO_PAD.encode_to_string(text);
            let body = part(&format!("{claims}{}", "x".repeat(64)));
            for token in [
                format!("{}.{}.AAAA", part(&header), part(&claims)),
                format!("v4.public.{body}.{}", part(&footer)),
            ] {
                if let Ok([plain, json]) = shown(&token) {
                    prop_assert!(is_safe(&plain), "{plain:?}");
                    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
                    prop_assert_eq!(&json["verified"], false);
                }
            }
        }
    }
}
