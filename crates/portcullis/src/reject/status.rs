use std::sync::Arc;

use http::HeaderMap;
use tonic::{Code, Status, metadata::MetadataMap};

use super::Rejection;

/// What the layer would have answered itself, so a client need not care who refused it. The status' source is the rejection, for
/// whoever logs it; clients are not told of a source.
impl From<Rejection> for Status {
    fn from(rejection: Rejection) -> Self {
        let code = Code::from_bytes(rejection.grpc_status().as_bytes());
        let mut fields = HeaderMap::new();
        rejection.add_fields(&mut fields);
        let mut status = Self::with_metadata(code, rejection.to_string(), MetadataMap::from_headers(fields));
        status.set_source(Arc::new(rejection));
        status
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use http::{Response, header::CONTENT_TYPE};

    use super::*;
    use crate::reject::{Protocol, RejectionKind};

    #[test]
    fn s90_each_kind_has_its_code_as_a_status() {
        let rows = [
            (RejectionKind::Unauthenticated, Code::Unauthenticated, None),
            (RejectionKind::Gone, Code::Aborted, None),
            (RejectionKind::Unavailable, Code::Unavailable, Some("1")),
            (RejectionKind::Internal, Code::Internal, None),
        ];
        for (kind, code, retry_after) in rows {
            let rejection = Rejection::new(kind, "why");
            let status = Status::from(rejection.clone());
            assert_eq!((status.code(), status.message()), (code, "why"), "{kind:?}");
            let field = status.metadata().get("retry-after").map(|field| field.to_str().unwrap());
            assert_eq!(field, retry_after, "{kind:?}");
            assert_eq!(status.source().unwrap().downcast_ref(), Some(&rejection), "{kind:?}");
        }
    }

    #[test]
    fn a_status_says_what_the_layers_own_answer_says() {
        for kind in [
            RejectionKind::Unauthenticated,
            RejectionKind::Gone,
            RejectionKind::Unavailable,
            RejectionKind::Internal,
        ] {
            let rejection = Rejection::new(kind, "100 % é");
            let mut answer: Response<()> = rejection.clone().answer(Protocol::Grpc);
            answer.headers_mut().remove(CONTENT_TYPE);
            let answered = Status::from_header_map(answer.headers()).unwrap();
            let status = Status::from(rejection);
            assert_eq!((status.code(), status.message()), (answered.code(), answered.message()), "{kind:?}");
            let fields = |status: &Status| status.metadata().clone().into_headers();
            assert_eq!(fields(&status), fields(&answered), "{kind:?}");
        }
    }
}
