use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use portcullis_core::Timestamp;

use super::{
    changes::Changes,
    public_handle::PublicHandle,
    timeouts::{Persistence, Timeouts},
};
use crate::identity::{Amr, IssuerId, Principal};

/// A session as a store keeps it.
///
/// ```text
/// format:1 | flags:1 | handle:16 | begun:8 | serial:8 | absolute end:8 | idle timeout:8
///          | principal length:4 | principal | client length:4 | client | frames
/// principal = issuer | subject | authenticated at:8 | count:4 | amr … | count:4 | role …
/// text      = length:4 | bytes
/// frame     = key length:4 | value length:4 | key | value (JSON text)
/// ```
///
/// Numbers are big-endian, times in milliseconds since the Unix epoch. Flags: 1 is a cookie that outlives the browser; any other
/// is a later version's. The client is laid out in [`Client`](super::client::Client). Values are decoded only when asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Payload {
    pub(super) header: Header,
    /// Everything behind the header: the principal's bytes, the client's and the frames.
    principal: Bytes,
    pub(super) client: Bytes,
    frames: Bytes,
}

/// What is decided upon at every load.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Header {
    pub(super) handle: PublicHandle,
    /// When the session began: with its first record, and anew with every login.
    pub(super) beginning: Beginning,
    /// When the session ends whatever happens.
    pub(super) absolute_end: Timestamp,
    /// The idle timeout that the record's expiry was reckoned with, so that expiry − idle is when it was last seen.
    pub(super) idle: Duration,
    /// Whether the cookie outlives the browser.
    pub(super) persistence: Persistence,
}

impl Header {
    /// Of a session that begins at `now` on the terms of `timeouts`.
    pub(super) fn begun(
        handle: PublicHandle,
        now: Timestamp,
        absolute_end: Timestamp,
        timeouts: &Timeouts,
    ) -> Self {
        let (idle, persistence) = (timeouts.idle(), timeouts.persistence());
        Self { handle, beginning: Beginning::at(now), absolute_end, idle, persistence }
    }

    /// The `Max-Age` of a cookie that is set at `now` and outlives the browser; `None` for one that ends with it.
    pub(super) fn max_age(&self, now: Timestamp) -> Option<Duration> {
        match self.persistence {
            Persistence::Browser => None,
            Persistence::Persistent => Some(self.absolute_end.since(now)),
        }
    }
}

/// When a session began, in an order that everybody sees alike: also of two that one process begins in the same millisecond.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Beginning {
    pub(super) at: Timestamp,
    pub(super) serial: u64,
}

impl Beginning {
    pub(super) fn at(now: Timestamp) -> Self {
        static BEGUN: AtomicU64 = AtomicU64::new(0);
        Self { at: now, serial: BEGUN.fetch_add(1, Ordering::Relaxed) }
    }
}

/// The bytes are not a session that this version can read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Unreadable;

impl Payload {
    /// A session without data.
    pub(super) fn new(header: Header, principal: Option<&Principal>) -> Self {
        let principal = principal.map(encode_principal).unwrap_or_default();
        Self { header, principal, client: Bytes::new(), frames: Bytes::new() }
    }

    pub(super) fn decode(mut bytes: Bytes) -> Result<Self, Unreadable> {
        if bytes.try_get_u8().map_err(|_short| Unreadable)? != FORMAT {
            return Err(Unreadable);
        }
        let persistence = match bytes.try_get_u8().map_err(|_short| Unreadable)? {
            0 => Persistence::Browser,
            PERSISTENT => Persistence::Persistent,
            _ => return Err(Unreadable),
        };
        let mut handle = [0; PublicHandle::LENGTH_BYTES];
        bytes.try_copy_to_slice(&mut handle).map_err(|_short| Unreadable)?;
        let header = Header {
            handle: PublicHandle::from_bytes(handle),
            beginning: Beginning {
                at: Timestamp::from_unix_millis(bytes.try_get_u64().map_err(|_short| Unreadable)?),
                serial: bytes.try_get_u64().map_err(|_short| Unreadable)?,
            },
            absolute_end: Timestamp::from_unix_millis(bytes.try_get_u64().map_err(|_short| Unreadable)?),
            idle: Duration::from_millis(bytes.try_get_u64().map_err(|_short| Unreadable)?),
            persistence,
        };
        // No settings give less, and a session that is always due to be noted would never let a request go.
        if header.idle < Timeouts::SHORTEST || header.idle > Timeouts::LONGEST {
            return Err(Unreadable);
        }
        let principal = take_text(&mut bytes)?;
        let client = take_text(&mut bytes)?;
        if !frames_are_whole(&bytes) || !(principal.is_empty() || principal_is_whole(&principal)) {
            return Err(Unreadable);
        }
        Ok(Self { header, principal, client, frames: bytes })
    }

    pub(super) fn encode(&self) -> Bytes {
        let variable = self.principal.len() + self.client.len() + self.frames.len();
        let mut bytes = BytesMut::with_capacity(HEADER_BYTES + variable);
        bytes.put_u8(FORMAT);
        bytes.put_u8(match self.header.persistence {
            Persistence::Browser => 0,
            Persistence::Persistent => PERSISTENT,
        });
        bytes.put_slice(self.header.handle.bytes());
        bytes.put_u64(self.header.beginning.at.unix_millis());
        bytes.put_u64(self.header.beginning.serial);
        bytes.put_u64(self.header.absolute_end.unix_millis());
        bytes.put_u64(u64::try_from(self.header.idle.as_millis()).unwrap_or(u64::MAX));
        put_text(&mut bytes, &self.principal);
        put_text(&mut bytes, &self.client);
        bytes.put_slice(&self.frames);
        bytes.freeze()
    }

    /// The JSON text under `key`.
    pub(super) fn value(&self, key: &str) -> Option<Bytes> {
        frames(&self.frames)
            .find(|frame| frame.key == key.as_bytes())
            .map(|frame| self.frames.slice_ref(frame.value))
    }

    pub(super) fn is_anonymous(&self) -> bool {
        self.principal.is_empty()
    }

    /// The principal, unless nobody is logged in.
    pub(super) fn principal(&self) -> Option<Principal> {
        decode_principal(&self.principal)
    }

    /// The same session with other data: keys spoken of in `changes` as they say, all others as they are.
    pub(super) fn merge(&self, changes: &Changes) -> Self {
        let added: usize = changes
            .iter()
            .map(|change| change.key.len() + change.value.as_ref().map_or(0, Bytes::len) + 8)
            .sum();
        let mut merged = BytesMut::with_capacity(self.frames.len() + added);
        for frame in frames(&self.frames) {
            if !changes.iter().any(|change| change.key.as_bytes() == frame.key) {
                put_frame(&mut merged, frame.key, frame.value);
            }
        }
        for change in changes.iter() {
            if let Some(value) = &change.value {
                put_frame(&mut merged, change.key.as_bytes(), value);
            }
        }
        Self { frames: merged.freeze(), ..self.clone() }
    }

    /// The same data in a session that begins anew.
    pub(super) fn begun_anew(self, header: Header, principal: &Principal) -> Self {
        Self { header, principal: encode_principal(principal), ..self }
    }

    /// The same session begun by `client`.
    pub(super) fn begun_by(self, client: Bytes) -> Self {
        Self { client, ..self }
    }

    /// Whether everything is as `changes` want it already, so that nothing need be written (S50).
    pub(super) fn satisfies(&self, changes: &Changes) -> bool {
        changes.iter().all(|change| self.value(&change.key) == change.value)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Frame<'a> {
    key: &'a [u8],
    value: &'a [u8],
}

fn frames(bytes: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (frame, after) = split_frame(rest)?;
        rest = after;
        Some(frame)
    })
}

fn frames_are_whole(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some((_, after)) = split_frame(rest) {
        rest = after;
    }
    rest.is_empty()
}

fn split_frame(bytes: &[u8]) -> Option<(Frame<'_>, &[u8])> {
    let (key_bytes, bytes) = bytes.split_first_chunk::<4>()?;
    let (value_bytes, bytes) = bytes.split_first_chunk::<4>()?;
    let (key, bytes) = bytes.split_at_checked(usize::try_from(u32::from_be_bytes(*key_bytes)).ok()?)?;
    let (value, bytes) = bytes.split_at_checked(usize::try_from(u32::from_be_bytes(*value_bytes)).ok()?)?;
    Some((Frame { key, value }, bytes))
}

fn put_frame(bytes: &mut BytesMut, key: &[u8], value: &[u8]) {
    bytes.put_u32(length(key));
    bytes.put_u32(length(value));
    bytes.put_slice(key);
    bytes.put_slice(value);
}

fn encode_principal(principal: &Principal) -> Bytes {
    let amr = principal.amr().iter().map(|amr| amr.as_str());
    let roles = principal.roles().iter().map(|role| &**role);
    let texts = [principal.issuer().as_str(), principal.subject()].into_iter();
    let texts = texts.chain(amr.clone()).chain(roles.clone());
    let mut bytes = BytesMut::with_capacity(8 + 4 + 4 + texts.map(|text| 4 + text.len()).sum::<usize>());
    put_text(&mut bytes, principal.issuer().as_str().as_bytes());
    put_text(&mut bytes, principal.subject().as_bytes());
    bytes.put_u64(principal.authenticated_at().unwrap_or_default().unix_millis());
    put_texts(&mut bytes, amr);
    put_texts(&mut bytes, roles);
    bytes.freeze()
}

fn decode_principal(bytes: &[u8]) -> Option<Principal> {
    let (issuer, bytes) = split_text(bytes)?;
    let (subject, bytes) = split_text(bytes)?;
    let (authenticated_at, bytes) = bytes.split_first_chunk::<8>()?;
    let (mut amr, mut roles) = (Vec::new(), Vec::new());
    let bytes = split_texts(bytes, |method| amr.push(Amr::new(method.to_owned())))?;
    let bytes = split_texts(bytes, |role| roles.push(role))?;
    let authenticated_at = Timestamp::from_unix_millis(u64::from_be_bytes(*authenticated_at));
    let principal = Principal::new(IssuerId::new(issuer), subject)
        .with_amr(amr)
        .with_roles(roles)
        .with_authenticated_at(authenticated_at);
    bytes.is_empty().then_some(principal)
}

/// As [`decode_principal`] reads it, without keeping anything: a record whose principal cannot be told must not pass for
/// nobody's.
fn principal_is_whole(bytes: &[u8]) -> bool {
    let whole = |bytes| {
        let (_issuer, bytes) = split_text(bytes)?;
        let (_subject, bytes) = split_text(bytes)?;
        let (_authenticated_at, bytes) = bytes.split_first_chunk::<8>()?;
        let bytes = split_texts(bytes, |_amr| ())?;
        let bytes = split_texts(bytes, |_role| ())?;
        Some(bytes.is_empty())
    };
    whole(bytes).unwrap_or(false)
}

/// Hands each of a list of texts to `each`, and answers what is behind it.
fn split_texts<'a>(bytes: &'a [u8], mut each: impl FnMut(&'a str)) -> Option<&'a [u8]> {
    let (count, mut bytes) = bytes.split_first_chunk::<4>()?;
    for _ in 0..u32::from_be_bytes(*count) {
        let (text, rest) = split_text(bytes)?;
        each(text);
        bytes = rest;
    }
    Some(bytes)
}

fn put_texts<'a>(bytes: &mut BytesMut, texts: impl ExactSizeIterator<Item = &'a str>) {
    bytes.put_u32(u32::try_from(texts.len()).unwrap_or(u32::MAX));
    texts.for_each(|text| put_text(bytes, text.as_bytes()));
}

fn split_text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, bytes) = bytes.split_first_chunk::<4>()?;
    let (text, bytes) = bytes.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    Some((std::str::from_utf8(text).ok()?, bytes))
}

fn put_text(bytes: &mut BytesMut, text: &[u8]) {
    bytes.put_u32(length(text));
    bytes.put_slice(text);
}

fn take_text(bytes: &mut Bytes) -> Result<Bytes, Unreadable> {
    let length =
        usize::try_from(bytes.try_get_u32().map_err(|_short| Unreadable)?).map_err(|_narrow| Unreadable)?;
    if length > bytes.len() {
        return Err(Unreadable);
    }
    Ok(bytes.split_to(length))
}

/// Texts of 4 GiB do not fit into any store; one that long is cut in its length and so unreadable, never misread.
fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

const FORMAT: u8 = 1;
const PERSISTENT: u8 = 1;
const HEADER_BYTES: usize = 1 + 1 + PublicHandle::LENGTH_BYTES + 8 + 8 + 8 + 8 + 4 + 4;

#[cfg(test)]
mod tests;
