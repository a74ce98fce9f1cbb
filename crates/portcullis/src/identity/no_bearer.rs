//! What stands for a bearer layer's part of an identity in a build without one: nothing that could ever be.

use http::HeaderValue;
use portcullis_core::Timestamp;

use super::Principal;
use crate::reject::Challenge;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum BearerSlot {}

impl BearerSlot {
    pub(crate) fn has_a_token(&self) -> bool {
        match *self {}
    }

    pub(crate) fn principal(&self) -> Option<Principal> {
        match *self {}
    }

    pub(crate) fn names_somebody(&self) -> bool {
        match *self {}
    }

    pub(crate) fn issued_at(&self) -> Option<Timestamp> {
        match *self {}
    }

    pub(crate) fn challenge(&self, _: Challenge) -> HeaderValue {
        match *self {}
    }

    pub(crate) fn now(&self) -> Timestamp {
        match *self {}
    }

    pub(crate) async fn ended(self) {
        match self {}
    }
}
