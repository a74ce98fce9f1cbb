use std::time::Duration;

use portcullis_core::{
    Clock, Draft, Freshness, Owner, Partition, Realm, Record, RecordKey, Secret, Space, Store, Version,
};

use crate::{Jar, Site};

/// A record that was put into a site's store by hand, and the cookie that names it.
#[derive(Clone, Debug)]
pub struct Planted {
    /// Where it lies.
    pub key: RecordKey,
    /// The jar of whoever holds its cookie.
    pub jar: Jar,
}

impl Site {
    /// Stores `payload` for an hour, as `owner`'s or nobody's, under the id whose secret is that byte 32 times.
    pub async fn plant(&self, secret: u8, owner: Option<Owner>, payload: &[u8]) -> Planted {
        let planted = Planted::named(secret, owner);
        let expires_at = self.clock.now() + Duration::from_secs(3_600);
        let mut draft = Draft::new(payload.to_vec(), Version::unique(), expires_at);
        draft.owner = owner;
        self.store.create(&planted.key, draft).await.expect("room");
        planted
    }

    /// Stores `payload` in place of what is under `key`, as another request would.
    pub async fn replace(&self, key: &RecordKey, payload: &[u8]) {
        let Record { version, expires_at, .. } = self.stored(key).await.expect("a record");
        let draft = Draft::new(payload.to_vec(), Version::unique(), expires_at);
        self.store.replace(key, version, draft).await.expect("room");
    }

    /// What is under `key`.
    pub async fn stored(&self, key: &RecordKey) -> Option<Record> {
        self.store.load(key, Freshness::Strong).await.expect("no faults")
    }
}

impl Planted {
    /// The place of `owner`'s or nobody's record under the id whose secret is that byte 32 times.
    #[must_use]
    pub fn named(secret: u8, owner: Option<Owner>) -> Self {
        let secret = [secret; Secret::LENGTH_BYTES];
        let partition = owner.map_or(PARTITION, |owner| owner.partition().number());
        let id = Realm::new("session", NAME).record_id(&Secret::from_bytes(secret));
        let key = RecordKey::new(Space::Session, Partition::new(partition).expect("a partition"), id);
        let jar = Jar::with(format!("{NAME}={}", credential(key.partition(), &secret)));
        Self { key, jar }
    }
}

/// A cookie's value, computed as the documentation says: base64url of the partition and the secret.
#[must_use]
pub fn credential(partition: Partition, secret: &[u8; Secret::LENGTH_BYTES]) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bytes = [partition.number().to_be_bytes().as_slice(), secret].concat();
    let bits: Vec<bool> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
    let bit = |digit: &[bool], at| digit.get(at).copied().unwrap_or(false);
    bits.chunks(6)
        .map(|digit| (0..6).fold(0, |number, at| number << 1 | usize::from(bit(digit, at))))
        .map(|number| char::from(alphabet[number]))
        .collect()
}

/// The default cookie's name, which is the default realm's.
pub const NAME: &str = "__Host-Http-sid";
/// Where nobody's planted records lie.
const PARTITION: u16 = 7;
