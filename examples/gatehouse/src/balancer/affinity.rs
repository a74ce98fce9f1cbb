//! The balancer's own cookie, by which it knows where it sent a browser before.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::node::NodeNumber;

/// Where the browser that sent `headers` was last, if it says so in a way that can be understood.
///
/// Anybody can write what they like into it. That is harmless: it chooses a node, and nothing else.
pub(super) fn of(headers: &HeaderMap) -> Option<NodeNumber> {
    let fields = headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
    let mut pairs = fields.flat_map(|field| field.split(';'));
    let value = pairs.find_map(|pair| pair.trim_start().strip_prefix(NAME)?.strip_prefix('='))?;
    value.trim_end().parse().ok()
}

/// The field that sends a browser's next requests to the same node.
pub(super) fn set(node: NodeNumber, is_https: bool) -> Option<(HeaderName, HeaderValue)> {
    let secure = if is_https { "; Secure" } else { "" };
    let cookie = format!("{NAME}={node}; HttpOnly; SameSite=Lax{secure}; Path=/");
    Some((header::SET_COOKIE, HeaderValue::try_from(cookie).ok()?))
}

const NAME: &str = "gatehouse-node";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_named_by_a_small_number() {
        let rows = [
            ("gatehouse-node=2", Some(1)),
            ("sid=abc; gatehouse-node=1", Some(0)),
            ("gatehouse-node=1;sid=abc", Some(0)),
            ("gatehouse-node=0", None),
            ("gatehouse-node=-1", None),
            ("gatehouse-node=99999999999999999999", None),
            ("gatehouse-node=", None),
            ("gatehouse-nodes=2", None),
            ("sid=gatehouse-node=2", None),
            ("", None),
        ];
        for (cookie, expected) in rows {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))]);
            assert_eq!(of(&headers).map(NodeNumber::place), expected, "{cookie}");
        }
    }

    #[test]
    fn the_cookie_is_for_the_balancer_alone() {
        let (_, plain) = set(NodeNumber::at(1), false).unwrap();
        assert_eq!(plain, "gatehouse-node=2; HttpOnly; SameSite=Lax; Path=/");
        let (_, secure) = set(NodeNumber::at(0), true).unwrap();
        assert_eq!(secure, "gatehouse-node=1; HttpOnly; SameSite=Lax; Secure; Path=/");
    }
}
