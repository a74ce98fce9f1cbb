use std::sync::Arc;

use tonic::Status;

use super::error::SessionError;
use crate::reject::Rejection;

/// The status of what it is answered with; its source is the error, for whoever logs it.
impl From<SessionError> for Status {
    fn from(error: SessionError) -> Self {
        let mut status = Self::from(Rejection::from(&error));
        status.set_source(Arc::new(error));
        status
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use portcullis_core::StoreError;
    use tonic::Code;

    use super::*;

    #[test]
    fn s90_each_error_has_its_code_as_a_status() {
        let rows = [
            (StoreError::unavailable("refused").into(), Code::Unavailable),
            (SessionError::contended(), Code::Unavailable),
            (SessionError::gone(), Code::Aborted),
            (SessionError::authentication_too_old(), Code::Unauthenticated),
            (SessionError::committed(), Code::Internal),
            (SessionError::value(&serde_json::from_str::<u8>("-").unwrap_err()), Code::Internal),
        ];
        for (error, code) in rows {
            let (kind, sentence) = (error.kind(), error.to_string());
            let status = Status::from(error);
            assert_eq!((status.code(), status.message()), (code, sentence.as_str()), "{kind:?}");
            let source: &SessionError = status.source().unwrap().downcast_ref().unwrap();
            assert_eq!(source.kind(), kind);
        }
    }
}
