use serde_json::{Value, to_value};

use super::STYLE;
use crate::{Answers, Comparison, Facts, Kind, Questions, Row};

const HOSTILE: &str =
    r##"session in </tr><script>alert("1")</script><img src=x onerror='a()'> & fill="#010200""##;
const LONG: &str = "session in redis+cluster://a.example:6379,b.example:6379";

fn row(name: &str, kind: Kind, seed: u64) -> Row {
    let facts = match kind {
        Kind::Session => Facts::of_session_in_store(),
        Kind::Jwt => Facts::of_jwt(portcullis::jwt::Algorithm::EdDsa),
        Kind::Paseto => Facts::of_paseto(portcullis::paseto::Kind::V4Local),
    };
    Row {
        name: name.to_owned(),
        kind,
        bytes: 101 + usize::try_from(seed).unwrap(),
        issue_ns: 2_003 * seed,
        issue_spread: 37 * seed,
        verify_ns: 1_000_003 * seed,
        spread: 1_009 * seed,
        verify_per_second: 45_432 * seed,
        verify_per_second_spread: 1_213 * seed,
        repeats: 21,
        store_trips: u32::from(kind == Kind::Session),
        facts,
    }
}

fn comparison() -> Comparison {
    let rows = vec![
        row("HS256", Kind::Jwt, 1),
        row("EdDSA", Kind::Jwt, 2),
        row("v4.local", Kind::Paseto, 3),
        row("v4.public", Kind::Paseto, 5),
        row("session in memory", Kind::Session, 7),
        row(LONG, Kind::Session, 11),
        row(HOSTILE, Kind::Session, 13),
    ];
    Comparison::new(2, rows)
}

/// What is between the first `before` and the `after` that follows it.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before}"));
    rest.split_once(after).unwrap_or_else(|| panic!("no {after} behind {before}")).0
}

/// As a browser reads a text or an attribute.
fn read(html: &str) -> String {
    let mut read = html.to_owned();
    for (written, meant) in [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
    {
        read = read.replace(written, meant);
    }
    read
}

#[test]
fn every_row_and_every_number_is_the_one_of_json() {
    let comparison = comparison();
    for html in [comparison.to_html(Questions::default()), comparison.to_html_section()] {
        let table = between(&html, r#"<table class="costs">"#, "</table>");
        let rows: Vec<&str> = table.split("<tr data-row=\"").skip(1).collect();
        assert_eq!(rows.len(), comparison.rows.len());
        for (shown, row) in rows.into_iter().zip(&comparison.rows) {
            let Value::Object(json) = to_value(row).unwrap() else {
                panic!("a row is an object");
            };
            assert_eq!(read(shown.split_once("\">").unwrap().0), row.name);
            assert_eq!(read(between(shown, r#"data-column="name">"#, "</th>")), row.name);
            assert_eq!(between(shown, r#"data-column="kind" class="kind "#, "\""), json["kind"]);
            let mut numbers = 0;
            for (column, value) in json.iter().filter(|(_, value)| value.is_number()) {
                let cell = between(shown, &format!("data-column=\"{column}\">"), "</td>");
                assert_eq!(between(cell, "<data value=\"", "\">"), value.to_string(), "{column}");
                numbers += 1;
            }
            assert_eq!(shown.matches("<data ").count(), numbers);
        }
    }
}

#[test]
fn every_fact_is_the_one_of_json() {
    let comparison = comparison();
    let html = comparison.to_html_section();
    let table = between(&html, r#"<table class="facts">"#, "</table>");
    let rows: Vec<&str> = table.split("<tr data-facts=\"").skip(1).collect();
    assert_eq!(rows.len(), comparison.rows.len());
    for (shown, row) in rows.into_iter().zip(&comparison.rows) {
        let json = to_value(row).unwrap();
        for column in ["eavesdropper", "configure", "keys", "revocation", "implementation"] {
            let cell = between(shown, &format!("data-column=\"{column}\">"), "</td>");
            let fact = json[column].as_str().unwrap();
            // What is between backticks is set as code.
            let text = read(&cell.replace("<code>", "`").replace("</code>", "`"));
            assert_eq!(text, fact);
        }
    }
}

#[test]
fn a_hostile_name_is_a_text_wherever_it_is_shown() {
    let comparison = comparison();
    let html = comparison.to_html(Questions::default());
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("onerror='"), "{html}");
    // In both tables as an attribute and as a heading, and in each of four plots, where it is shortened.
    let escaped = "session in &#60;/tr&#62;&#60;script&#62;alert(&#34;1&#34;)";
    assert_eq!(html.matches(&format!("\"{escaped}")).count(), 2);
    assert_eq!(html.matches(&format!(">{escaped}")).count(), 2);
    assert_eq!(html.matches("session in &lt;/tr&gt;&lt;script&gt;alert").count(), 4);
}

#[test]
fn all_recommendations_are_in_the_page_and_the_one_that_was_asked_for_is_first() {
    let comparison = comparison();
    for first in Answers::all().map(Some).chain([None]) {
        let html = comparison.to_html(Questions {
            callers: first.map(|answers: Answers| answers.callers),
            logout: first.map(|answers| answers.logout),
            verifiers: first.map(|answers| answers.verifiers),
        });
        let articles: Vec<&str> = html.split("<article ").skip(1).collect();
        assert_eq!(articles.len(), 12);
        for answers in Answers::all() {
            let recommendation = answers.recommendation();
            let of = format!(
                r#"class="recommendation" data-callers="{}" data-logout="{}" data-verifiers="{}">"#,
                answers.callers.as_str(),
                answers.logout.as_str(),
                answers.verifiers.as_str()
            );
            let at = articles.iter().position(|article| article.starts_with(&of)).unwrap();
            if let Some(first) = first {
                assert_eq!(at == 0, first == answers);
            }
            let article = read(articles[at].split_once("</article>").unwrap().0);
            let title = format!("<h3>Use {}</h3>", recommendation.title);
            let code = format!("<code>{}</code>", recommendation.layer);
            assert!(article.contains(&title) && article.contains(&code), "{article}");
            for reason in recommendation.because.into_iter().chain(recommendation.except) {
                assert!(article.contains(reason), "{reason}\n{article}");
            }
            for name in recommendation.choice.rows() {
                let figures = format!("<dt>{name}</dt><dd>{}</dd>", comparison.row(name).unwrap().in_short());
                assert!(article.contains(&figures), "{figures}\n{article}");
            }
        }
        assert_eq!(html.matches(" checked>").count(), if first.is_some() { 3 } else { 0 });
    }
}

/// The style sheet decides by these what is shown.
#[test]
fn the_style_sheet_has_a_rule_for_each_answer() {
    let html = comparison().to_html(Questions::default());
    for answers in Answers::all() {
        for (question, answer) in [
            ("callers", answers.callers.as_str()),
            ("logout", answers.logout.as_str()),
            ("verifiers", answers.verifiers.as_str()),
        ] {
            let rule = format!(
                r#".choose:has([value="{answer}"]:checked) .recommendation:not([data-{question}="{answer}"])"#
            );
            assert_eq!(html.matches(&rule).count(), 1, "{rule}");
        }
    }
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    let comparison = comparison();
    for html in [comparison.to_html(Questions::default()), comparison.to_html_section(), STYLE.to_owned()] {
        for forbidden in [
            "http://",
            "https://",
            "url(",
            "<script",
            "<img",
            "<iframe",
            "<object",
            "@import",
            "xmlns",
            "javascript:",
        ] {
            assert!(!html.replace(HOSTILE, "").contains(forbidden), "{forbidden}");
        }
    }
    let html = comparison.to_html(Questions::default());
    assert_eq!(html.matches(" href=").count(), 1);
    assert!(html.contains(r#"<link rel="icon" href="data:,">"#));
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn a_section_needs_no_leave_from_a_sites_policy() {
    let section = comparison().to_html_section();
    for forbidden in ["<style", " style=", "<html", "<body", "<link", "<meta", " id="] {
        assert!(!section.contains(forbidden), "{forbidden}");
    }
    assert!(section.starts_with(r#"<div class="comparison">"#) && section.trim_end().ends_with("</div>"));
}

#[test]
fn a_style_sheets_rules_are_for_the_section_alone() {
    let rules = STYLE.split("*/").map(|part| part.split("/*").next().unwrap_or_default()).collect::<String>();
    let selectors = rules.split('}').filter_map(|rule| Some(rule.rsplit_once('{')?.0));
    // In a rule of media the selector is behind its brace.
    let selectors = selectors.map(|selector| selector.rsplit('{').next().unwrap_or_default().trim());
    let mut seen = 0;
    for selector in selectors {
        assert!(selector.starts_with(".comparison"), "{selector}");
        seen += 1;
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn the_colours_of_a_plot_are_the_style_sheets() {
    let html = comparison().to_html_section();
    let plots: Vec<&str> = html.split(r#"<svg class="chart""#).skip(1).collect();
    assert_eq!(plots.len(), 4);
    for plot in plots {
        let plot = plot.split_once("</svg>").unwrap().0;
        assert!(!plot.contains("=\"#") && !plot.contains("<svg"), "{plot}");
        for paint in ["ink", "muted", "line", "jwt", "paseto", "session"] {
            assert!(plot.contains(&format!("=\"var(--comparison-{paint})\"")), "{paint}");
        }
        assert!(plot.contains(LONG));
    }
}

#[test]
fn a_build_that_is_not_optimised_says_so() {
    let mut comparison = comparison();
    comparison.optimised = false;
    assert!(comparison.to_html(Questions::default()).contains("Not optimised."));
    assert!(comparison.to_html_section().contains("Not optimised."));
    comparison.optimised = true;
    assert!(!comparison.to_html(Questions::default()).contains("Not optimised."));
}

#[test]
fn no_rows_are_a_page_too() {
    let html = Comparison::new(1, Vec::new()).to_html(Questions::default());
    assert_eq!(html.matches("<article ").count(), 12);
    assert!(!html.contains("could not be drawn"));
}
