use std::sync::Arc;

use http::{Request, header::AUTHORIZATION};

use super::{
    VerifiedToken,
    config::{Config, Forwarding},
    slot::BearerSlot,
};
use crate::identity::Identity;

/// The request as what is inside sees it.
pub(super) fn admit<B>(
    config: &Arc<Config>,
    mut request: Request<B>,
    token: Option<VerifiedToken>,
) -> Request<B> {
    let bears_one = token.is_some();
    // The identity notes how the caller is known, so it is made while the field is there.
    Identity::with_bearer(&mut request, BearerSlot::new(Arc::clone(config), token));
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
    request
}
