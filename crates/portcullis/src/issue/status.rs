use std::sync::Arc;

use tonic::Status;

use super::IssueError;
use crate::reject::Rejection;

/// The status of what it is answered with; its source is the error, for whoever logs it.
impl From<IssueError> for Status {
    fn from(error: IssueError) -> Self {
        let mut status = Self::from(Rejection::from(&error));
        status.set_source(Arc::new(error));
        status
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use tonic::Code;

    use super::*;
    use crate::issue::IssueErrorKind;

    #[test]
    fn t71_each_error_has_its_code_as_a_status() {
        let rows = [
            (IssueErrorKind::NoSigningKey, Code::Internal),
            (IssueErrorKind::Claims, Code::Internal),
            (IssueErrorKind::ReservedClaim, Code::Internal),
            (IssueErrorKind::Scope, Code::InvalidArgument),
            (IssueErrorKind::ForeignPrincipal, Code::Internal),
            (IssueErrorKind::TooLarge, Code::Internal),
            (IssueErrorKind::Unavailable, Code::Unavailable),
        ];
        for (kind, code) in rows {
            let error = IssueError::new(kind);
            let sentence = error.to_string();
            let status = Status::from(error);
            assert_eq!((status.code(), status.message()), (code, &*sentence), "{kind:?}");
            let source: &IssueError = status.source().unwrap().downcast_ref().unwrap();
            assert_eq!(source.kind(), kind);
        }
    }
}
