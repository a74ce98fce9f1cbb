//! The vectors are computed: `A = a·B`, `R = r·B` and `S = r + k·a` with known `a` and `r`, to which a point `T` of order eight is added where the row
//! says so.

use super::*;

#[test]
fn t35_one_rule_decides_about_signatures_that_no_honest_signer_makes() {
    use Verdict::{Accepted, Refused};
    #[rustfmt::skip]
    let rows = [
        ("an honest one", A, R, "30ecd81c1d8ac0375563b0cf87d27721b94844c379716c0d5418dfbcbe2de30c", "", Accepted),
        ("S + L", A, R, "1dc0ce7937edd28f2b00a87266cc5636b94844c379716c0d5418dfbcbe2de31c", "", Refused),
        ("R is the identity, the equation holds", A, IDENTITY, "95f67d4b2a48605f2f824f67ff1e13929a351e2e7e6fb543678b9a7e6ece7a08", "", Refused),
        ("the same, with y = p + 1", A, IDENTITY_TWICE, "758cdc7f5bce487e351d4cdddb48d2bc65cc5bb72b46a1c5409a168775effc0f", "", Refused),
        ("the same, with a sign", A, IDENTITY_SIGNED, "c42e154802f9966b4ae0dd3d60d2278cfbe99b1e05fa7954a329b25170a6110e", "", Refused),
        ("A + T, k not divisible by eight: only with the cofactor", A_T, R, "42a35668ef401a9c990566a5d1486b56462e6fbf0c88347d45988ce52c43c504", "4", Refused),
        ("R + T: only with the cofactor", A, R_T, "767131b5e9550aebe163e9a436b284b52f4a7eb9ab78de95dd35da0f57c7c90b", "", Refused),
        // The equation holds as it stands, so every rule accepts these.
        ("A + T, k divisible by eight", A_T, R, "d32bddf24e2962846246723d618c7c51dea389cf7953782f266bf63d1eca6a03", "0", Accepted),
        ("A + T, R − k·T", A_T, R_KT, "e879be94c62b1e02d46bd6e9ff4e0955f564a5f2ad49582cc2f7984df4d53f0f", "3", Accepted),
    ];
    for (name, key, r, s, suffix, expected) in rows {
        let key = PublicKey::new(bytes(key)).expect(name);
        let signature = [bytes(r), bytes(s)].concat();
        let message = format!("portcullis{suffix}");
        assert_eq!(key.verify(message.as_bytes(), &signature), expected == Accepted, "{name}");
    }
}

#[test]
fn t35_keys_of_small_order_and_other_spellings_of_a_key_are_refused_when_they_are_loaded() {
    let mut bad: Vec<[u8; PUBLIC_BYTES]> = SMALL_ORDER.into_iter().collect();
    // The same points with the other sign.
    bad.extend(SMALL_ORDER.into_iter().map(|[y @ .., last]| {
        let mut negated = [0; PUBLIC_BYTES];
        negated[..31].copy_from_slice(&y);
        negated[31] = last | 0x80;
        negated
    }));
    // p + 3 to p + 18, which decode as 3 to 18: some of these are points.
    bad.extend((3..19).map(|y| with_first(0xed + y, 0xff, 0x7f)));
    bad.push([0xff; PUBLIC_BYTES]);
    for key in bad {
        let error = PublicKey::new(key).unwrap_err();
        assert_eq!(error.kind(), KeyErrorKind::Weak, "{key:02x?}");
    }
}

#[test]
fn t35_what_is_no_point_verifies_nothing() {
    let is_usable = |key: [u8; PUBLIC_BYTES]| {
        PublicKey::new(key).is_ok_and(|key| key.verify(b"portcullis", &[1; SIGNATURE_BYTES]))
    };
    // There is no x for y = 2.
    assert!(!is_usable(with_first(2, 0, 0)));
}

#[test]
fn t33_a_signature_has_one_length() {
    let key = PrivateKey::from_seed(&[7; SEED_BYTES]).unwrap();
    let signature = key.sign(b"portcullis");
    assert!(key.public().verify(b"portcullis", &signature));
    for wrong in [&signature[..63], &signature[..32], &signature[..31], &[], &[&signature[..], &[0]].concat()]
    {
        assert!(!key.public().verify(b"portcullis", wrong), "{} bytes", wrong.len());
    }
}

#[test]
fn a_private_key_is_not_printed() {
    let key = PrivateKey::from_seed(&[7; SEED_BYTES]).unwrap();
    assert_eq!(format!("{key:?}"), "ed25519::PrivateKey(redacted)");
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Verdict {
    Accepted,
    Refused,
}

fn bytes(hex: &str) -> [u8; 32] {
    std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
}

const A: &str = "88aa55e6afeed8960a3191de78600347db8acd0a3795412f275f049b86260488";
const A_T: &str = "ef2a32ce8d9c67056724a53f63c0c182a6e021dc6e708741f63a7d50c730982c";
const R: &str = "3e54c441927f9f0ee5e13e34f0b0404c5043651a8f4b7ef087a1c42262a85d0a";
const R_T: &str = "607055ca3d4aa8af26961afb12b1e60a75fac88f9c260ff25806631dbb269159";
const R_KT: &str = "5b61c2e3b93e6c06450f327ea72cdfeb8cde6aa020d2dd827ab3f86e708c8393";
const IDENTITY: &str = "0100000000000000000000000000000000000000000000000000000000000000";
const IDENTITY_TWICE: &str = "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
const IDENTITY_SIGNED: &str = "0100000000000000000000000000000000000000000000000000000000000080";
