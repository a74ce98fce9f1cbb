use http::Response;

use crate::reject::Protocol;

/// After which answers of the handler a request's pending changes are dropped.
///
/// `insert`, `remove`, `log_in` and `renew` are pending until the response; what took effect at once (`update`, `log_out`, an
/// explicit `commit`) stays whatever the answer.
///
/// # Default
///
/// [`UnlessServerError`](Self::UnlessServerError): a handler that failed half-way did not mean what it had done until then.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CommitPolicy {
    /// Dropped after a 5xx, or an answer to a gRPC call with a `grpc-status` other than 0 among its headers.
    #[default]
    UnlessServerError,
    /// Dropped after a 4xx too.
    UnlessError,
    /// Never dropped.
    Always,
}

impl CommitPolicy {
    /// How the handler fared, as far as its changes go.
    pub(super) fn outcome<R>(self, protocol: Protocol, response: &Response<R>) -> Outcome {
        let failed_call = || {
            protocol != Protocol::Http
                && response.headers().get("grpc-status").is_some_and(|status| status != "0")
        };
        let status = response.status();
        let failed = match self {
            Self::UnlessServerError => status.is_server_error() || failed_call(),
            Self::UnlessError => status.is_client_error() || status.is_server_error() || failed_call(),
            Self::Always => false,
        };
        if failed { Outcome::Failure } else { Outcome::Success }
    }
}

/// How the handler fared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    Success,
    Failure,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s52_the_policy_says_after_which_answers_changes_are_dropped() {
        let rows = [
            (Protocol::Http, 200, None, [true, true, true]),
            (Protocol::Http, 303, None, [true, true, true]),
            (Protocol::Http, 404, None, [true, false, true]),
            (Protocol::Http, 500, None, [false, false, true]),
            // Not a call, so the field is the handler's own.
            (Protocol::Http, 200, Some("13"), [true, true, true]),
            (Protocol::Grpc, 200, Some("0"), [true, true, true]),
            (Protocol::Grpc, 200, Some("13"), [false, false, true]),
            (Protocol::GrpcWeb, 200, Some("5"), [false, false, true]),
        ];
        let policies = [CommitPolicy::UnlessServerError, CommitPolicy::UnlessError, CommitPolicy::Always];
        for (protocol, status, grpc_status, kept) in rows {
            let mut response = Response::builder().status(status);
            if let Some(grpc_status) = grpc_status {
                response = response.header("grpc-status", grpc_status);
            }
            let response = response.body(()).unwrap();
            for (policy, kept) in policies.into_iter().zip(kept) {
                let outcome = policy.outcome(protocol, &response);
                assert_eq!(
                    outcome == Outcome::Success,
                    kept,
                    "{policy:?} {protocol:?} {status} {grpc_status:?}"
                );
            }
        }
    }
}
