use std::process::ExitCode;

use clap::{
    Parser, Subcommand,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::{
    compare,
    failure::{Failure, USAGE},
    key,
    output::{Report, Style, complain},
    spelling::is_secret_like,
    token,
};

/// Makes keys, issues, verifies and explains JWT and PASETO tokens, and compares them with sessions.
///
/// Tokens and keys come from standard input or from files, never from arguments, where other users of the machine can see them.
///
/// It ends with 0 if all is well, with 1 if the token or the key was refused, and with 2 if the arguments or the files cannot be used.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version)]
pub(crate) struct Cli {
    /// Show the result as one JSON object, for programs
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make keys and look at them
    #[command(subcommand)]
    Key(KeyCommand),
    /// Issue, verify and explain tokens
    #[command(subcommand)]
    Token(TokenCommand),
    Compare(compare::Compare),
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    Generate(key::Generate),
    Public(key::Public),
    Id(key::Id),
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    Inspect(token::Inspect),
    Verify(token::Verify),
    Issue(token::Issue),
}

impl Cli {
    /// Reads the arguments of this process. Where there is nothing to run, the answer was given, and the code is what to end with.
    pub(crate) fn read() -> Result<Self, ExitCode> {
        Self::try_parse_from(std::env::args_os()).map_err(|error| answer(&error))
    }

    /// Carries out what was asked for.
    pub(crate) fn run(self) -> Result<Report, Failure> {
        let style = if self.json { Style::Json } else { Style::Plain };
        match self.command {
            Command::Compare(compare) => compare.run(style),
            Command::Key(KeyCommand::Generate(generate)) => generate.run(style),
            Command::Key(KeyCommand::Public(public)) => public.run(style),
            Command::Key(KeyCommand::Id(id)) => id.run(style),
            Command::Token(TokenCommand::Inspect(inspect)) => inspect.run(style),
            Command::Token(TokenCommand::Verify(verify)) => verify.run(style),
            Command::Token(TokenCommand::Issue(issue)) => issue.run(style),
        }
    }
}

/// Tells of help, of the version or of a mistake, as clap does; but it repeats no token.
fn answer(error: &clap::Error) -> ExitCode {
    if mentions_secret(error) {
        complain(
            "tokens and keys are no arguments, which every user of this machine can see; write them to standard input",
        );
        return ExitCode::from(USAGE);
    }
    // There is nowhere to say that this failed.
    error.print().ok();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(USAGE),
    }
}

fn mentions_secret(error: &clap::Error) -> bool {
    error.context().any(|(kind, value)| match (kind, value) {
        (
            ContextKind::InvalidArg | ContextKind::InvalidValue | ContextKind::InvalidSubcommand,
            ContextValue::String(text),
        ) => is_secret_like(text),
        _ => false,
    })
}
