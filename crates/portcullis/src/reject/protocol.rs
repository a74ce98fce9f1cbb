use http::{HeaderMap, HeaderValue, Method, Request, header::CONTENT_TYPE};

/// What a request speaks, and so how it is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Protocol {
    Http,
    Grpc,
    GrpcWeb,
    GrpcWebText,
}

impl Protocol {
    /// gRPC is always a POST, so nothing is looked up for other methods.
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        if request.method() == Method::POST { Self::of_content(request.headers()) } else { Self::Http }
    }

    /// The content type of a refusal; `None` for plain HTTP, whose refusals have no content.
    pub(crate) const fn content_type(self) -> Option<HeaderValue> {
        match self {
            Self::Http => None,
            Self::Grpc => Some(HeaderValue::from_static("application/grpc")),
            Self::GrpcWeb => Some(HeaderValue::from_static("application/grpc-web")),
            Self::GrpcWebText => Some(HeaderValue::from_static("application/grpc-web-text")),
        }
    }

    fn of_content(headers: &HeaderMap) -> Self {
        let Some(rest) =
            headers.get(CONTENT_TYPE).and_then(|value| value.as_bytes().strip_prefix(b"application/grpc"))
        else {
            return Self::Http;
        };
        match rest {
            [] | [b'+' | b';', ..] => Self::Grpc,
            [b'-', b'w', b'e', b'b', b'-', b't', b'e', b'x', b't', ..] => Self::GrpcWebText,
            [b'-', b'w', b'e', b'b', ..] => Self::GrpcWeb,
            _ => Self::Http,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s90_the_protocol_is_told_by_method_and_content_type() {
        let rows = [
            (Method::POST, "application/grpc", Protocol::Grpc),
            (Method::POST, "application/grpc+proto", Protocol::Grpc),
            (Method::POST, "application/grpc;x=y", Protocol::Grpc),
            (Method::POST, "application/grpc-web", Protocol::GrpcWeb),
            (Method::POST, "application/grpc-web+proto", Protocol::GrpcWeb),
            (Method::POST, "application/grpc-web-text", Protocol::GrpcWebText),
            (Method::POST, "application/grpcx", Protocol::Http),
            (Method::POST, "application/json", Protocol::Http),
            (Method::GET, "application/grpc", Protocol::Http),
        ];
        for (method, content_type, expected) in rows {
            let request =
                Request::builder().method(&method).header(CONTENT_TYPE, content_type).body(()).unwrap();
            assert_eq!(Protocol::of(&request), expected, "{method} {content_type}");
        }
    }
}
