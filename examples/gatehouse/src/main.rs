//! Starts the demonstration server; what it is made of is in the library beside it.

use std::{
    error::Error,
    io::{self, Write},
    net::{SocketAddr, TcpListener},
    process::ExitCode,
};

use clap::Parser;
use gatehouse::{
    Options, Origin, Site, StoreChoice, TokenKeys, Tokens, app, attacker, balanced, greeting, grpc, logs,
    self_signed, serve, session_layer, stop_signal,
};
use portcullis::{cross_origin::CrossOrigin, store::SharedStore};
use portcullis_stores::OpenError;
use tokio::task::JoinSet;

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
    let store = options.store.open().await.map_err(|error| unopened(&options.store, &error))?;

    let (listener, listening) = listen(options, options.listen)?;
    let grpc_listener = options.grpc_listen.map(|address| listen(options, address)).transpose()?;
    let origin = options.public_origin.as_ref().unwrap_or(&listening);
    let certificate = if options.tls {
        let grpc_at = grpc_listener.as_ref().map(|(_, at)| at);
        let origins = [&listening, origin].into_iter().chain(grpc_at);
        Some(self_signed(origins.map(Origin::host)).await?)
    } else {
        None
    };

    let (keys, about_keys) = keys(options)?;
    let tokens = Tokens::new(origin.as_str(), &keys, options.access_lifetime())?;
    let site = Site::new(store.clone(), tokens)?.with_allowed_origins(options.allow_origin.iter().cloned());
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
    let mut besides = vec![about_keys];
    let mut servers = JoinSet::new();
    if let Some((listener, at)) = grpc_listener {
        besides.push(format!(
            "gRPC is at {at}: gatehouse.v1.Gate, with a token or a login's cookie as metadata."
        ));
        let app = grpc(&site, sessions(store.clone())?);
        servers.spawn(serve(listener, certificate.clone(), app, stop_signal()?));
    }
    if let Some(address) = options.attacker {
        let (listener, at) = listen(options, address)?;
        besides.push(format!("A hostile page is at {at}: log in here, then see what it can do."));
        servers.spawn(serve(listener, certificate.clone(), attacker(origin, &at), stop_signal()?));
    }
    let app = if options.nodes > 1 {
        besides.push(format!("There are {} nodes: /nodes shows and stops them.", options.nodes));
        balanced(options, origin, store, move |store| Ok((site.on(store.clone()), sessions(store)?)))?
    } else {
        app(site, sessions(store)?)?
    };
    servers.spawn(serve(listener, certificate, app, stop_signal()?));
    say(&greeting(&listening, origin, timeouts, &besides));
    while let Some(served) = servers.join_next().await {
        served??;
    }
    Ok(())
}

/// Takes `address`, and says where that is found.
fn listen(options: &Options, address: SocketAddr) -> Result<(TcpListener, Origin), String> {
    let listener = TcpListener::bind(address).and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = listener.map_err(|error| format!("cannot listen on {address}: {error}"))?;
    Ok((listener, options.origin_of(address)))
}

/// What keeps the store from being opened, with all of its reasons in one line.
fn unopened(store: &StoreChoice, error: &OpenError) -> String {
    let mut line = format!("{store} cannot be opened: {error}");
    let mut reason = error.source();
    while let Some(error) = reason {
        line.push_str(&format!(": {error}"));
        reason = error.source();
    }
    line
}

/// The keys of tokens, and what becomes of them.
fn keys(options: &Options) -> Result<(TokenKeys, String), Box<dyn Error + Send + Sync>> {
    Ok(match &options.keys {
        Some(file) => {
            let about = format!("Tokens are signed with the keys in {}.", file.display());
            (TokenKeys::in_file(file)?, about)
        }
        None => {
            let about = "Tokens are signed with keys made just now, and end with this program; --keys FILE keeps them.";
            (TokenKeys::generate()?, about.to_owned())
        }
    })
}

/// Unlike `println!` it does not end the program when whoever started it has read enough.
fn say(greeting: &str) {
    let _heard = writeln!(io::stdout(), "{greeting}").is_ok();
}
