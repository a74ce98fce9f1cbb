//! Starts the demonstration server; what it is made of is in the library beside it.

use std::{
    error::Error,
    io::{self, Write},
    net::{SocketAddr, TcpListener},
    process::ExitCode,
};

use clap::Parser;
use gatehouse::{
    Options, Site, app, attacker, balanced, greeting, logs, self_signed, serve, session_layer, stop_signal,
};
use portcullis::{cross_origin::CrossOrigin, identity::IssuerId, store::SharedStore};

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

async fn run(options: &Options) -> Result<(), Box<dyn Error + Send + Sync>> {
    options.check()?;
    let timeouts = options.timeouts()?;
    let store = options.store.open();

    let listener = listen(options.listen)?;
    let listening = options.origin_of(listener.local_addr()?);
    let origin = options.public_origin.as_ref().unwrap_or(&listening);
    let certificate =
        if options.tls { Some(self_signed([listening.host(), origin.host()]).await?) } else { None };

    let site = Site::new(store.clone(), IssuerId::new(origin.as_str()))?;
    let sessions = {
        // Behind a proxy the request's host may not be what the browser asked for.
        let public = options.public_origin.as_ref().map(|public| public.as_str().parse()).transpose()?;
        let (origin, limit) = (origin.clone(), options.session_limit());
        move |store: SharedStore| {
            let mut layer = session_layer(store, &origin).with_timeouts(timeouts);
            if let Some(public) = public.clone() {
                layer = layer.with_cross_origin(CrossOrigin::new().with_public_origin(public));
            }
            match limit {
                Some(limit) => layer.with_session_limit(limit),
                None => layer.with_devices(),
            }
        }
    };
    let mut besides = Vec::new();
    let app = if options.nodes > 1 {
        besides.push(format!("There are {} nodes: /nodes shows and stops them.", options.nodes));
        balanced(options, origin, store, move |store| Ok((site.on(store.clone()), sessions(store)?)))?
    } else {
        app(site, sessions(store)?)?
    };
    let shop = serve(listener, certificate.clone(), app, stop_signal()?);
    let Some(address) = options.attacker else {
        say(&greeting(&listening, origin, timeouts, &besides));
        return Ok(shop.await?);
    };
    let listener = listen(address)?;
    let at = options.origin_of(listener.local_addr()?);
    besides.push(format!("A hostile page is at {at}: log in here, then see what it can do."));
    let hostile = serve(listener, certificate, attacker(origin, &at), stop_signal()?);
    say(&greeting(&listening, origin, timeouts, &besides));
    tokio::try_join!(shop, hostile)?;
    Ok(())
}

fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).map_err(|error| format!("cannot listen on {address}: {error}"))
}

/// Unlike `println!` it does not end the program when whoever started it has read enough.
fn say(greeting: &str) {
    let _heard = writeln!(io::stdout(), "{greeting}").is_ok();
}
