use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use portcullis::{
    identity::{IssuerId, Principal},
    require::{LocalPathError, Require, RequireLogin, RequireRecent},
    session::SessionLayer,
    store::SharedStore,
};

use crate::{
    account, admin, assets, balancer, cart, devices,
    frame::ADMIN,
    headers, health, home, login, logs,
    origin::Origin,
    password::{HashError, Passwords},
    problem, slow, theme,
    users::{User, Users},
};

/// What the handlers share: a cheap clone.
#[derive(Clone, Debug)]
pub struct Site(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    issuer: IssuerId,
    passwords: Arc<Passwords>,
    store: SharedStore,
    users: Arc<Users>,
}

impl Site {
    /// A site whose users are known as `issuer`'s, and which is ready when `store` is.
    ///
    /// The users' passwords are hashed here, which takes a moment.
    ///
    /// # Errors
    ///
    /// A password cannot be hashed: the operating system has no randomness to give.
    pub fn new(store: impl Into<SharedStore>, issuer: IssuerId) -> Result<Self, HashError> {
        Ok(Self(Arc::new(Shared {
            issuer,
            passwords: Arc::new(Passwords::new()?),
            store: store.into(),
            users: Arc::new(Users::demonstration()?),
        })))
    }

    /// The same site on another store: the same users, and no more logins at once.
    #[must_use]
    pub fn on(&self, store: impl Into<SharedStore>) -> Self {
        let Shared { issuer, passwords, users, .. } = &*self.0;
        Self(Arc::new(Shared {
            issuer: issuer.clone(),
            passwords: Arc::clone(passwords),
            store: store.into(),
            users: Arc::clone(users),
        }))
    }

    pub(crate) fn issuer(&self) -> &IssuerId {
        &self.0.issuer
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn store(&self) -> &SharedStore {
        &self.0.store
    }

    pub(crate) fn users(&self) -> &Users {
        &self.0.users
    }

    /// How `user` is known to the gate.
    pub(crate) fn principal(&self, user: &User) -> Principal {
        Principal::new(self.issuer().clone(), user.name)
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
/// The login is not at a path of this site: a mistake in here.
pub fn app(site: Site, sessions: SessionLayer) -> Result<Router, LocalPathError> {
    let administration = Router::new()
        .route("/admin", get(admin::page))
        .route("/admin/{name}/devices/{handle}/revoke", post(admin::revoke))
        .route("/admin/{name}/logout-everywhere", post(admin::log_out_everywhere))
        .layer(Extension(sessions.sessions()))
        .layer(RequireRecent::within(RECENTLY).redirect_to(LOGIN)?)
        .layer(Require::that(|caller| caller.has_role(ADMIN)).redirect_to(LOGIN)?);

    let of_somebody = Router::new()
        .route("/devices", get(devices::page))
        .route("/devices/{handle}/revoke", post(devices::revoke))
        .route("/logout-everywhere", post(devices::log_out_everywhere))
        .route("/logout-others", post(devices::log_out_others))
        .layer(RequireLogin::new().redirect_to(LOGIN)?);

    let with_session = Router::new()
        .route("/", get(home::page))
        .route("/account", get(account::page))
        .route("/api/cart", get(cart::json))
        .route("/api/me", get(account::json))
        .route("/cart/{item}", post(cart::add))
        .route("/login", get(login::page).post(login::log_in))
        .route("/logout", post(login::log_out))
        .route("/nodes", get(balancer::alone))
        .route("/slow", get(slow::page))
        .route("/theme", post(theme::choose))
        .merge(of_somebody)
        .merge(administration)
        // This is all it takes.
        .layer(sessions);

    let without = Router::new()
        .route("/assets/{name}", get(assets::serve))
        .route("/favicon.ico", get(assets::icon))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(problem::not_found);

    let all = with_session
        .merge(without)
        .layer(DefaultBodyLimit::max(LARGEST_BODY_BYTES))
        .layer(middleware::from_fn(problem::as_page))
        .layer(middleware::from_fn(headers::add))
        .layer(middleware::from_fn(logs::request))
        .with_state(site);
    Ok(all)
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
