use std::sync::Arc;

use http::{Request, header::AUTHORIZATION};

use super::{
    VerifiedToken,
    config::{Config, Forwarding},
    slot::BearerSlot,
};
use crate::{identity::Identity, reject::Rejection};

/// The request as what is inside sees it. A request that shares its identity with another may find that the other was admitted while this one's
/// token was looked at, and must not go on as the other's caller.
pub(super) fn admit<B>(
    config: &Arc<Config>,
    mut request: Request<B>,
    token: Option<VerifiedToken>,
) -> Result<Request<B>, Rejection> {
    let bears_one = token.is_some();
    // The identity notes how the caller is known, so it is made while the field is there.
    Identity::with_bearer(&mut request, BearerSlot::new(Arc::clone(config), token))
        .map_err(|_taken| config.layered_twice())?;
    let headers = request.headers_mut();
    match config.forwarding {
        Forwarding::Removed if bears_one => {
            headers.remove(AUTHORIZATION);
        }
        Forwarding::Kept | Forwarding::Removed => {
            if let Some(field) = headers.get_mut(AUTHORIZATION) {
                field.set_sensitive(true);
            }
        }
    }
    Ok(request)
}
