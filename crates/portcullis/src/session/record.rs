use std::{
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use portcullis_core::Timestamp;

use super::{
    changes::{Change, Changes},
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
    /// The whole record. Its parts are told by where they are, so that reading one takes hold of the bytes once.
    bytes: Bytes,
    principal: Part,
    client: Part,
    frames_at: usize,
}

/// Where something lies in a record.
type Part = Range<usize>;

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
    /// A session that begins: by `client`, and with the data of `base` and what `changes` say.
    pub(super) fn begun(
        header: Header,
        principal: Option<&Principal>,
        client: &[u8],
        base: Option<&Self>,
        changes: &Changes,
    ) -> Self {
        let principal = principal.map(encode_principal).unwrap_or_default();
        Self::compose(header, &principal, client, base.map_or(&[], Self::frames), changes)
    }

    /// The same session with other data: keys spoken of in `changes` as they say, all others as they are.
    pub(super) fn merge(&self, changes: &Changes) -> Self {
        Self::compose(self.header, self.part(&self.principal), self.client(), self.frames(), changes)
    }

    /// All of a record in one buffer.
    fn compose(header: Header, principal: &[u8], client: &[u8], data: &[u8], changes: &Changes) -> Self {
        let frame_bytes =
            |change: &Change| 8 + change.key.len() + change.value.as_ref().map_or(0, Bytes::len);
        let added: usize = changes.iter().map(frame_bytes).sum();
        let variable = principal.len() + client.len() + data.len() + added;
        let mut bytes = BytesMut::with_capacity(HEADER_BYTES + variable);
        bytes.put_u8(FORMAT);
        bytes.put_u8(match header.persistence {
            Persistence::Browser => 0,
            Persistence::Persistent => PERSISTENT,
        });
        bytes.put_slice(header.handle.bytes());
        bytes.put_u64(header.beginning.at.unix_millis());
        bytes.put_u64(header.beginning.serial);
        bytes.put_u64(header.absolute_end.unix_millis());
        bytes.put_u64(u64::try_from(header.idle.as_millis()).unwrap_or(u64::MAX));
        let principal = put_part(&mut bytes, principal);
        let client = put_part(&mut bytes, client);
        let frames_at = bytes.len();
        for frame in frames(data) {
            if !changes.iter().any(|change| change.key.as_bytes() == frame.key) {
                put_frame(&mut bytes, frame.key, frame.value);
            }
        }
        for change in changes.iter() {
            if let Some(value) = &change.value {
                put_frame(&mut bytes, change.key.as_bytes(), value);
            }
        }
        Self { header, bytes: bytes.freeze(), principal, client, frames_at }
    }

    pub(super) fn decode(bytes: Bytes) -> Result<Self, Unreadable> {
        let mut rest = &*bytes;
        if rest.try_get_u8().map_err(|_short| Unreadable)? != FORMAT {
            return Err(Unreadable);
        }
        let persistence = match rest.try_get_u8().map_err(|_short| Unreadable)? {
            0 => Persistence::Browser,
            PERSISTENT => Persistence::Persistent,
            _ => return Err(Unreadable),
        };
        let mut handle = [0; PublicHandle::LENGTH_BYTES];
        rest.try_copy_to_slice(&mut handle).map_err(|_short| Unreadable)?;
        let header = Header {
            handle: PublicHandle::from_bytes(handle),
            beginning: Beginning {
                at: Timestamp::from_unix_millis(rest.try_get_u64().map_err(|_short| Unreadable)?),
                serial: rest.try_get_u64().map_err(|_short| Unreadable)?,
            },
            absolute_end: Timestamp::from_unix_millis(rest.try_get_u64().map_err(|_short| Unreadable)?),
            idle: Duration::from_millis(rest.try_get_u64().map_err(|_short| Unreadable)?),
            persistence,
        };
        // No settings give less, and a session that is always due to be noted would never let a request go.
        if header.idle < Timeouts::SHORTEST || header.idle > Timeouts::LONGEST {
            return Err(Unreadable);
        }
        let principal = take_part(&bytes, &mut rest)?;
        let client = take_part(&bytes, &mut rest)?;
        let frames_at = bytes.len() - rest.len();
        let is_whole = frames_are_whole(rest);
        let payload = Self { header, bytes, principal, client, frames_at };
        let is_told = payload.is_anonymous() || principal_is_whole(payload.part(&payload.principal));
        if is_whole && is_told { Ok(payload) } else { Err(Unreadable) }
    }

    pub(super) fn encode(&self) -> Bytes {
        self.bytes.clone()
    }

    /// The JSON text under `key`.
    pub(super) fn value(&self, key: &str) -> Option<Bytes> {
        let frame = frames(self.frames()).find(|frame| frame.key == key.as_bytes())?;
        Some(self.bytes.slice_ref(frame.value))
    }

    pub(super) fn is_anonymous(&self) -> bool {
        self.principal.is_empty()
    }

    /// The principal, unless nobody is logged in.
    pub(super) fn principal(&self) -> Option<Principal> {
        decode_principal(self.part(&self.principal))
    }

    /// What the login told of where it came from.
    pub(super) fn client(&self) -> &[u8] {
        self.part(&self.client)
    }

    fn frames(&self) -> &[u8] {
        self.bytes.get(self.frames_at..).unwrap_or_default()
    }

    fn part(&self, part: &Part) -> &[u8] {
        self.bytes.get(part.clone()).unwrap_or_default()
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

fn put_part(bytes: &mut BytesMut, part: &[u8]) -> Part {
    put_text(bytes, part);
    bytes.len() - part.len()..bytes.len()
}

/// Goes past a part at the beginning of `rest`, which is the end of `bytes`.
fn take_part(bytes: &[u8], rest: &mut &[u8]) -> Result<Part, Unreadable> {
    let length = rest.try_get_u32().map_err(|_short| Unreadable)?;
    let length = usize::try_from(length).map_err(|_narrow| Unreadable)?;
    let at = bytes.len() - rest.len();
    *rest = rest.get(length..).ok_or(Unreadable)?;
    Ok(at..at + length)
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
