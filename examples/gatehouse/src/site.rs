use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use portcullis::{
    bearer::{BearerLayer, ConfigError},
    identity::{Amr, CredentialKind, IssuerId, Principal, Subjects},
    require::{LocalPathError, Require, RequireRecent, RequireScope},
    revocation::Revocations,
    session::SessionLayer,
    store::{Clock, SharedStore},
};

use crate::{
    account, admin, assets,
    balancer::{self, StartError},
    cart,
    compare::{self, Measuring},
    cors, devices,
    frame::ADMIN,
    headers, health, home, login, logs, orders,
    origin::Origin,
    password::{HashError, Passwords},
    problem, slow, theme,
    token::{self, Tokens},
    users::{User, Users},
};

/// What the handlers share: a cheap clone.
#[derive(Clone, Debug)]
pub struct Site(Arc<Shared>);

#[derive(Clone, Debug)]
struct Shared {
    allowed_origins: Vec<Origin>,
    measuring: Measuring,
    passwords: Arc<Passwords>,
    revocations: Revocations,
    store: SharedStore,
    tokens: Tokens,
    users: Arc<Users>,
}

impl Site {
    /// A site whose users are known as those of the issuer of `tokens`, by a session too, and which is ready when `store` is.
    ///
    /// The users' passwords are hashed here, which takes a moment.
    ///
    /// # Errors
    ///
    /// A password cannot be hashed: the operating system has no randomness to give.
    pub fn new(store: impl Into<SharedStore>, tokens: Tokens) -> Result<Self, HashError> {
        let store = store.into();
        let revocations = Revocations::new(store.clone());
        Ok(Self(Arc::new(Shared {
            allowed_origins: Vec::new(),
            measuring: Measuring::new(),
            passwords: Arc::new(Passwords::new()?),
            tokens: tokens.knowing(&revocations),
            revocations,
            store,
            users: Arc::new(Users::demonstration()?),
        })))
    }

    /// The same site on another store: the same users and keys, no more logins at once, and one comparison. What was revoked on one is not on the other.
    #[must_use]
    pub fn on(&self, store: impl Into<SharedStore>) -> Self {
        let store = store.into();
        let revocations = Revocations::new(store.clone());
        let tokens = self.tokens().knowing(&revocations);
        Self(Arc::new(Shared { revocations, store, tokens, ..Shared::clone(&self.0) }))
    }

    /// Lets scripts of `origins` call the interface with tokens.
    #[must_use]
    pub fn with_allowed_origins(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        Arc::make_mut(&mut self.0).allowed_origins = origins.into_iter().collect();
        self
    }

    /// Has `/compare` measure everything once in each of `rounds` rounds.
    ///
    /// # Default
    ///
    /// 9, some seconds.
    #[must_use]
    pub fn with_comparison_rounds(mut self, rounds: u16) -> Self {
        let shared = Arc::make_mut(&mut self.0);
        shared.measuring = shared.measuring.clone().with_rounds(rounds);
        self
    }

    /// Has `/compare` tell by `clock` when the machine has rested enough for another measurement.
    ///
    /// # Default
    ///
    /// The operating system's.
    #[must_use]
    pub fn with_comparison_clock(mut self, clock: impl Clock) -> Self {
        let shared = Arc::make_mut(&mut self.0);
        shared.measuring = shared.measuring.clone().with_clock(clock);
        self
    }

    /// The layer that knows tokens, for whatever serves beside the site.
    pub(crate) fn bearer(&self) -> BearerLayer {
        self.tokens().layer(self.revocations())
    }

    pub(crate) fn issuer(&self) -> &IssuerId {
        self.tokens().issuer()
    }

    pub(crate) fn measuring(&self) -> &Measuring {
        &self.0.measuring
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn revocations(&self) -> &Revocations {
        &self.0.revocations
    }

    pub(crate) fn store(&self) -> &SharedStore {
        &self.0.store
    }

    /// What ends everything that somebody is logged in by.
    pub(crate) fn subjects(&self) -> Subjects {
        Subjects::new(self.store().clone()).with_revocations(self.revocations().clone())
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    pub(crate) fn users(&self) -> &Users {
        &self.0.users
    }

    /// How `user` is known to the gate.
    pub(crate) fn principal(&self, user: &User) -> Principal {
        Principal::new(self.issuer().clone(), user.name)
    }

    /// The same for a user whose password was right just now.
    pub(crate) fn authenticated(&self, user: &User) -> Principal {
        self.principal(user).with_amr([Amr::PASSWORD]).with_roles([user.role.to_string()])
    }

    /// Which of our users `principal` is. The same subject of another issuer is somebody else.
    pub(crate) fn user(&self, principal: &Principal) -> Option<&User> {
        if principal.issuer() != self.issuer() {
            return None;
        }
        self.users().find(principal.subject())
    }
}

/// All of the site. Layers are listed from the innermost to the outermost.
///
/// # Errors
///
/// The login is not at a path of this site, or a scope is none: mistakes in here.
pub fn app(site: Site, sessions: SessionLayer) -> Result<Router, StartError> {
    let bearer = site.bearer();
    let interface = interface()?.layer(sessions.clone()).layer(bearer.clone());
    // It asks for nothing that a request bears, so nothing of it is refused for that.
    let interface = interface.route("/login/token", post(token::issue));
    let interface = match &*site.0.allowed_origins {
        [] => interface,
        origins => interface.layer(cors::layer(origins)),
    };

    let without = Router::new()
        .route("/.well-known/jwks.json", get(token::jwks))
        .route("/assets/{name}", get(assets::serve))
        .route("/compare.json", get(compare::json))
        .route("/favicon.ico", get(assets::icon))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(problem::not_found);

    let all = pages(&sessions)?
        // This is all it takes.
        .layer(sessions)
        .layer(bearer)
        .merge(interface)
        .merge(without)
        .layer(DefaultBodyLimit::max(LARGEST_BODY_BYTES))
        .layer(middleware::from_fn(problem::as_page))
        .layer(middleware::from_fn(headers::add))
        .layer(middleware::from_fn(logs::request))
        .with_state(site);
    Ok(all)
}

/// What people see and press. Where somebody must be logged in, a token will not do: whoever was given one was not given the account.
fn pages(sessions: &SessionLayer) -> Result<Router<Site>, LocalPathError> {
    let administration = Router::new()
        .route("/admin", get(admin::page))
        .route("/admin/{name}/devices/{handle}/revoke", post(admin::revoke))
        .route("/admin/{name}/logout-everywhere", post(admin::log_out_everywhere))
        .layer(Extension(sessions.sessions()))
        .layer(RequireRecent::within(RECENTLY).redirect_to(LOGIN)?)
        .layer(Require::that(|caller| is_by_session(caller) && caller.has_role(ADMIN)).redirect_to(LOGIN)?);

    let of_somebody = Router::new()
        .route("/devices", get(devices::page))
        .route("/devices/{handle}/revoke", post(devices::revoke))
        .route("/logout-everywhere", post(devices::log_out_everywhere))
        .route("/logout-others", post(devices::log_out_others))
        .layer(Require::that(is_by_session).redirect_to(LOGIN)?);

    let of_everybody = Router::new()
        .route("/", get(home::page))
        .route("/account", get(account::page))
        .route("/cart/{item}", post(cart::add))
        .route("/compare", get(compare::page).post(compare::measure))
        .route("/login", get(login::page).post(login::log_in))
        .route("/logout", post(login::log_out))
        .route("/nodes", get(balancer::alone))
        .route("/slow", get(slow::page))
        .route("/theme", post(theme::choose))
        .route("/token", get(token::page));
    Ok(of_everybody.merge(of_somebody).merge(administration))
}

/// What programs call, by a session or a token.
fn interface() -> Result<Router<Site>, ConfigError> {
    let orders = get(orders::mine).layer(RequireScope::new(token::ORDERS_READ)?.or_session());
    let all_orders = get(orders::all).layer(RequireScope::new(token::ORDERS_READ_ALL)?);
    Ok(Router::new()
        .route("/api/cart", get(cart::json))
        .route("/api/logout-everywhere", post(token::log_out_everywhere))
        .route("/api/me", get(account::json))
        .route("/api/orders", orders)
        .route("/api/orders/all", all_orders)
        .route("/api/token/revoke", post(token::revoke)))
}

fn is_by_session(caller: &Principal) -> bool {
    caller.credential() == CredentialKind::Session
}

/// The sessions of a site that browsers reach at `origin`.
///
/// Over https that is [`SessionLayer::new`] with its `__Host-Http-` cookie, and so it should be anywhere else than on one's own
/// machine. Without a certificate some browsers would drop that cookie, hence the other constructor, which says what it is.
pub fn session_layer(store: SharedStore, origin: &Origin) -> SessionLayer {
    if origin.is_https() { SessionLayer::new(store) } else { SessionLayer::insecure_for_localhost(store) }
}

const LOGIN: &str = "/login";
/// Who ends other people's sessions has shown a moment ago who they are.
const RECENTLY: Duration = Duration::from_secs(10 * 60);
/// Our largest form is a login.
const LARGEST_BODY_BYTES: usize = 16 * 1024;
