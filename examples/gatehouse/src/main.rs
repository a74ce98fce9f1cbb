//! Starts the demonstration server; what it is made of is in the library beside it.

use std::{
    error::Error,
    io::{self, Write},
    net::TcpListener,
    process::ExitCode,
};

use clap::Parser;
use gatehouse::{Options, Site, app, greeting, logs, self_signed, serve, session_layer, stop_signal};
use portcullis::identity::IssuerId;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    logs::start(options.log_format);
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gatehouse: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    options.check()?;
    let timeouts = options.timeouts()?;
    let store = options.store.open();

    let listener = TcpListener::bind(options.listen)
        .map_err(|error| format!("cannot listen on {}: {error}", options.listen))?;
    let listening = options.origin_of(listener.local_addr()?);
    let origin = options.public_origin.as_ref().unwrap_or(&listening);
    let certificate =
        if options.tls { Some(self_signed([listening.host(), origin.host()]).await?) } else { None };

    let sessions = session_layer(store.clone(), origin).with_timeouts(timeouts);
    let site = Site::new(store, IssuerId::new(origin.as_str()))?;
    let stop = stop_signal()?;
    say(&greeting(&listening, origin, timeouts));
    serve(listener, certificate, app(site, sessions), stop).await?;
    Ok(())
}

/// Unlike `println!` it does not end the program when whoever started it has read enough.
fn say(greeting: &str) {
    let _heard = writeln!(io::stdout(), "{greeting}").is_ok();
}
