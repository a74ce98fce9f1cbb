use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bytes::{BufMut, Bytes, BytesMut};
use http::HeaderValue;

/// What a login told of the program it came from, as the record keeps it.
///
/// `address length:1 | address:0, 4 or 16 | user agent:0 to 256`
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Client {
    pub(super) address: Option<IpAddr>,
    pub(super) user_agent: Option<String>,
}

impl Client {
    pub(super) fn encode(address: Option<IpAddr>, user_agent: Option<&HeaderValue>) -> Bytes {
        let user_agent = user_agent.map_or(&[][..], HeaderValue::as_bytes);
        let user_agent = user_agent.get(..LONGEST_USER_AGENT_BYTES).unwrap_or(user_agent);
        if address.is_none() && user_agent.is_empty() {
            return Bytes::new();
        }
        let mut bytes = BytesMut::with_capacity(1 + 16 + user_agent.len());
        match address {
            None => bytes.put_u8(0),
            Some(IpAddr::V4(address)) => {
                bytes.put_u8(4);
                bytes.put_slice(&address.octets());
            }
            Some(IpAddr::V6(address)) => {
                bytes.put_u8(16);
                bytes.put_slice(&address.octets());
            }
        }
        bytes.put_slice(user_agent);
        bytes.freeze()
    }

    /// What is told for nothing else than to be shown: what cannot be read is not known.
    pub(super) fn decode(bytes: &[u8]) -> Self {
        let Some((length, rest)) = bytes.split_first() else {
            return Self::default();
        };
        let Some((address, user_agent)) = rest.split_at_checked(usize::from(*length)) else {
            return Self::default();
        };
        let address = match (<[u8; 4]>::try_from(address), <[u8; 16]>::try_from(address)) {
            (Ok(octets), _) => Some(IpAddr::V4(Ipv4Addr::from(octets))),
            (_, Ok(octets)) => Some(IpAddr::V6(Ipv6Addr::from(octets))),
            _ => None,
        };
        let user_agent = (!user_agent.is_empty()).then(|| String::from_utf8_lossy(user_agent).into_owned());
        Self { address, user_agent }
    }
}

/// Enough to tell a phone from a laptop, and no place to store things in.
const LONGEST_USER_AGENT_BYTES: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s58_what_was_encoded_is_decoded_and_a_long_user_agent_is_cut() {
        let addresses = [None, Some(IpAddr::from([10, 0, 0, 1])), Some(IpAddr::from([7; 16]))];
        for address in addresses {
            for length in [0, 1, 256, 257, 10_000] {
                let user_agent = HeaderValue::try_from("a".repeat(length)).unwrap();
                let decoded = Client::decode(&Client::encode(address, Some(&user_agent)));
                assert_eq!(decoded.address, address);
                assert_eq!(decoded.user_agent.unwrap_or_default().len(), length.min(256));
            }
        }
        assert_eq!(Client::decode(&Client::encode(None, None)), Client::default());
    }

    #[test]
    fn what_cannot_be_read_is_not_known_and_none_panics() {
        for bytes in [&[4, 1, 2][..], &[255], &[3, 1, 2, 3, b'x']] {
            assert_eq!(Client::decode(bytes).address, None, "{bytes:?}");
        }
        let not_text = HeaderValue::from_bytes(b"caf\xe9").unwrap();
        let decoded = Client::decode(&Client::encode(None, Some(&not_text)));
        assert_eq!(decoded.user_agent.as_deref(), Some("caf\u{fffd}"));
    }
}
