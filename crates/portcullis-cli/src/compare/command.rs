use std::{
    io::{self, IsTerminal},
    path::PathBuf,
};

use portcullis_compare::{Claims, Questions, Settings};

use super::{answers::Answered, ask::ask, page::Page, report, run};
use crate::{
    failure::Failure,
    input::Source,
    output::{Report, Style},
};

/// Compare a session, JWT and PASETO on this machine, and say which to choose
///
/// Each credential goes through the layer that a service would have, with the same claims. Each is proved first: accepted as it is, and refused with any letter changed.
/// Then all are measured in turns; a figure is the median of its rounds, and ± says how far it may be off.
#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// Put the claims of this JSON object into each credential; a token's payload will do; `-` is standard input
    #[arg(long, value_name = "FILE")]
    claims: Option<Source>,
    /// Grant so many scopes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=i64::from(Claims::MOST_SCOPES)))]
    scopes: Option<u16>,
    /// Compare a session in this store too, such as `memory:`; may come more than once
    #[arg(long, value_name = "URL")]
    store: Vec<String>,
    /// Measure everything so many times
    #[arg(long, value_name = "N", default_value = "21", value_parser = clap::value_parser!(u16).range(i64::from(Settings::FEWEST_ROUNDS)..=i64::from(Settings::MOST_ROUNDS)))]
    rounds: u16,
    /// Write a page with plots to this file, in place of what is there; it needs no network to be read
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    answered: Answered,
}

impl Compare {
    pub(crate) fn run(self, style: Style) -> Result<Report, Failure> {
        let settings = Settings::default().with_claims(self.claims()?).with_rounds(self.rounds);
        let page = self.html.as_deref().map(Page::at).transpose()?;
        let questions = self.questions(style)?;
        let comparison = run::compare(settings, &self.store)?;
        if let Some(page) = page {
            page.write(&comparison.to_html(questions))?;
        }
        Ok(Report::fine(match style {
            Style::Plain => report::show(&comparison, questions),
            Style::Json => comparison.to_json(questions),
        }))
    }

    fn claims(&self) -> Result<Claims, Failure> {
        let mut claims = Claims::default();
        if let Some(source) = &self.claims {
            let bytes = source.read("the claims", Claims::MOST_BYTES)?;
            let wrong = |error: &dyn std::error::Error| {
                Failure::because(format!("--claims: {}", source.name()), error)
            };
            let text = std::str::from_utf8(&bytes).map_err(|error| wrong(&error))?;
            claims = Claims::from_json(text).map_err(|error| wrong(&error))?;
        }
        match self.scopes {
            Some(scopes) => claims.with_scopes(scopes).map_err(|error| Failure::because("--scopes", &error)),
            None => Ok(claims),
        }
    }

    /// Somebody is there to answer if all three are a terminal, and standard input is not the claims.
    fn questions(&self, style: Style) -> Result<Questions, Failure> {
        let questions = self.answered.questions();
        let is_attended =
            io::stdin().is_terminal() && io::stdout().is_terminal() && io::stderr().is_terminal();
        if style == Style::Json || !is_attended || self.claims == Some(Source::Stdin) {
            return Ok(questions);
        }
        ask(questions, &mut io::stdin().lock(), &mut io::stderr().lock())
            .map_err(|error| Failure::because("the terminal cannot be read from", &error))
    }
}
