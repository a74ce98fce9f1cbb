//! Which keys may have made a token, and which one makes the next.

use portcullis_core::Timestamp;

use super::{Key, KeyId, KeyState, Keyring, Schedule};

/// A key by its id and its material: two of one id and another material are different keys.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Toy {
    id: KeyId,
    material: &'static str,
    is_named: bool,
    can_sign: bool,
}

impl Toy {
    fn new(material: &'static str) -> Self {
        Self { id: KeyId::new(material), material, is_named: true, can_sign: true }
    }

    fn called(self, id: &str) -> Self {
        Self { id: KeyId::new(id), ..self }
    }

    fn unnamed(self) -> Self {
        Self { is_named: false, ..self }
    }

    fn public(self) -> Self {
        Self { can_sign: false, ..self }
    }
}

impl Key for Toy {
    fn id(&self) -> &KeyId {
        &self.id
    }

    fn is_named(&self) -> bool {
        self.is_named
    }

    fn can_sign(&self) -> bool {
        self.can_sign
    }

    fn is_same(&self, other: &Self) -> bool {
        self.material == other.material
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

fn millis(millis: u64) -> Timestamp {
    Timestamp::from_unix_millis(millis)
}

fn candidates(ring: &Keyring<Toy>, id: Option<&str>, now: Timestamp) -> Vec<&'static str> {
    ring.snapshot().candidates(id, now, |_| true).map(|key| key.material).collect()
}

fn signing(ring: &Keyring<Toy>, now: Timestamp) -> Option<&'static str> {
    ring.snapshot().signing(now).map(|key| key.material)
}

#[test]
fn a_key_signs_from_its_time_and_is_of_no_use_from_its_end() {
    use KeyState::{Active, Retired, VerifyOnly};
    let schedule = Schedule::default;
    let rows = [
        ("no times", schedule(), [Active; 5]),
        ("a beginning", schedule().signs_from(at(10)), [VerifyOnly, VerifyOnly, Active, Active, Active]),
        ("an end", schedule().retires_at(at(10)), [Active, Active, Retired, Retired, Retired]),
        (
            "both",
            schedule().signs_from(at(10)).retires_at(at(20)),
            [VerifyOnly, VerifyOnly, Active, Active, Retired],
        ),
        (
            "an end at the beginning",
            schedule().signs_from(at(10)).retires_at(at(10)),
            [VerifyOnly, VerifyOnly, Retired, Retired, Retired],
        ),
        (
            "an end before the beginning",
            schedule().signs_from(at(20)).retires_at(at(10)),
            [VerifyOnly, VerifyOnly, Retired, Retired, Retired],
        ),
    ];
    let instants = [0, 9_999, 10_000, 19_999, 20_000].map(millis);
    for (name, schedule, states) in rows {
        for (now, state) in instants.into_iter().zip(states) {
            assert_eq!(schedule.state(now), state, "{name} {now:?}");
            let ring = Keyring::scheduled([(Toy::new("a"), schedule)]);
            assert_eq!(ring.keys(now), [(Toy::new("a"), state)], "{name} {now:?}");
            assert_eq!(signing(&ring, now), (state == Active).then_some("a"), "{name} {now:?}");
            let verifies = usize::from(state != Retired);
            assert_eq!(candidates(&ring, Some("a"), now).len(), verifies, "{name} {now:?}");
            assert_eq!(candidates(&ring, None, now).len(), verifies, "{name} {now:?}");
            // A public key does the same and never signs.
            let public = Keyring::scheduled([(Toy::new("a").public(), schedule)]);
            let state = if state == Active { VerifyOnly } else { state };
            assert_eq!(public.keys(now), [(Toy::new("a").public(), state)], "{name} {now:?}");
            assert_eq!(signing(&public, now), None, "{name} {now:?}");
            assert_eq!(candidates(&public, Some("a"), now).len(), verifies, "{name} {now:?}");
        }
    }
    assert_eq!([VerifyOnly, Active, Retired].map(KeyState::as_str), ["verify-only", "active", "retired"]);
}

#[test]
fn the_key_that_became_active_last_signs_and_of_those_the_first() {
    let from = |seconds| Schedule::default().signs_from(at(seconds));
    let (a, b, c) = (Toy::new("a"), Toy::new("b"), Toy::new("c"));
    let always = Schedule::default();
    let first = Keyring::new([a.clone().public(), b.clone(), c.clone()]);
    assert_eq!(signing(&first, at(0)), Some("b"));
    for (name, keys, expected) in [
        ("in order", [(a.clone(), from(10)), (b.clone(), from(20)), (c.clone(), from(30))], "b"),
        ("the other way round", [(c.clone(), from(30)), (b.clone(), from(20)), (a.clone(), from(10))], "b"),
        ("equal ones", [(b.clone(), from(20)), (a.clone(), from(20)), (c.clone(), from(5))], "b"),
        ("one without a time", [(a.clone(), always), (b.clone(), from(1)), (c.clone(), always)], "b"),
        (
            "a retired one",
            [(a.clone(), from(24).retires_at(at(25))), (b.clone(), from(3)), (c.clone(), from(2))],
            "b",
        ),
        ("a public one", [(a.public(), from(24)), (b, from(3)), (c, always)], "b"),
    ] {
        assert_eq!(signing(&Keyring::scheduled(keys), at(25)), Some(expected), "{name}");
    }
    assert_eq!(signing(&Keyring::new([]), at(0)), None);
}

#[test]
fn a_rotation_needs_nothing_done_on_the_day() {
    let old = (Toy::new("old"), Schedule::default().retires_at(at(200)));
    let new = (Toy::new("new"), Schedule::default().signs_from(at(100)));
    let ring = Keyring::scheduled([old, new]);
    for (now, signs, verifies) in [
        (millis(0), "old", vec!["old", "new"]),
        (millis(99_999), "old", vec!["old", "new"]),
        (millis(100_000), "new", vec!["old", "new"]),
        (millis(199_999), "new", vec!["old", "new"]),
        (millis(200_000), "new", vec!["new"]),
    ] {
        assert_eq!(signing(&ring, now), Some(signs), "{now:?}");
        assert_eq!(candidates(&ring, None, now), verifies, "{now:?}");
        for id in ["old", "new"] {
            let named: Vec<_> = verifies.iter().copied().filter(|key| *key == id).collect();
            assert_eq!(candidates(&ring, Some(id), now), named, "{id} {now:?}");
        }
    }
}

#[test]
fn t27_an_id_selects_its_key_as_a_whole() {
    let ring = Keyring::new([Toy::new("a"), Toy::new("ab"), Toy::new("x").called("../a' OR 1=1 --")]);
    assert_eq!(candidates(&ring, Some("a"), at(0)), ["a"]);
    assert_eq!(candidates(&ring, Some("ab"), at(0)), ["ab"]);
    assert_eq!(candidates(&ring, Some("../a' OR 1=1 --"), at(0)), ["x"]);
    for id in ["", "A", "a ", " a", "a\0", "abc", "../a", "*", "%"] {
        assert_eq!(candidates(&ring, Some(id), at(0)), [""; 0], "{id:?}");
    }
    assert_eq!(candidates(&ring, None, at(0)), ["a", "ab", "x"]);
}

#[test]
fn a_key_without_a_name_of_its_own_is_tried_for_a_name_that_nobody_has() {
    let ring = Keyring::new([Toy::new("a"), Toy::new("b").unnamed(), Toy::new("c").unnamed().public()]);
    assert_eq!(candidates(&ring, Some("unheard-of"), at(0)), ["b", "c"]);
    assert_eq!(candidates(&ring, Some(""), at(0)), ["b", "c"]);
    // Its thumbprint selects it alone, and another's name does not select it.
    assert_eq!(candidates(&ring, Some("b"), at(0)), ["b"]);
    assert_eq!(candidates(&ring, Some("a"), at(0)), ["a"]);
    assert_eq!(candidates(&ring, None, at(0)), ["a", "b", "c"]);
}

#[test]
fn what_is_retired_is_no_candidate_and_gives_way_to_no_other() {
    let gone = Schedule::default().retires_at(at(10));
    let stays = Schedule::default();
    let ring = Keyring::scheduled([
        (Toy::new("a"), gone),
        (Toy::new("b").unnamed(), gone),
        (Toy::new("c").unnamed(), stays),
        (Toy::new("d"), stays),
    ]);
    assert_eq!(candidates(&ring, Some("a"), millis(9_999)), ["a"]);
    // A known id does not become an unknown one by the time.
    assert_eq!(candidates(&ring, Some("a"), at(10)), [""; 0]);
    assert_eq!(candidates(&ring, Some("b"), at(10)), [""; 0]);
    assert_eq!(candidates(&ring, Some("x"), at(10)), ["c"]);
    assert_eq!(candidates(&ring, None, at(10)), ["c", "d"]);
}

#[test]
fn t39_an_id_of_two_keys_is_nobodys() {
    let pair = || [Toy::new("a").called("k"), Toy::new("b").called("k")];
    let both = Keyring::new(pair());
    let with_others = Keyring::new(pair().into_iter().chain([Toy::new("c"), Toy::new("d").unnamed()]));
    let again = Keyring::new(pair().into_iter().chain([Toy::new("a").called("k")]));
    let unnamed = Keyring::new(pair().map(Toy::unnamed));
    let public = Keyring::new(pair().map(Toy::public));
    for (name, ring) in [
        ("both", &both),
        ("others", &with_others),
        ("again", &again),
        ("unnamed", &unnamed),
        ("public", &public),
    ] {
        assert_eq!(candidates(ring, Some("k"), at(0)), [""; 0], "{name}");
    }
    // The time does not tell which was meant either.
    let [a, b] = pair();
    let gone = Schedule::default().retires_at(at(10));
    let one_is_gone = Keyring::scheduled([(a, gone), (b, Schedule::default())]);
    assert_eq!(candidates(&one_is_gone, Some("k"), at(20)), [""; 0]);
    // A token without an id does not mean one of two, so each is tried.
    assert_eq!(candidates(&both, None, at(0)), ["a", "b"]);
    assert_eq!(candidates(&with_others, Some("c"), at(0)), ["c"]);
    assert_eq!(candidates(&with_others, Some("x"), at(0)), ["d"]);
    assert_eq!(both.keys(at(0)).len(), 2);
}

#[test]
fn t39_what_could_not_be_verified_is_not_signed() {
    let [a, b] = [Toy::new("a").called("k"), Toy::new("b").called("k")];
    let both = Keyring::new([a.clone(), b.clone()]);
    assert_eq!(signing(&both, at(0)), None);
    assert_eq!(signing(&Keyring::new([a, b, Toy::new("c")]), at(0)), Some("c"));
}

#[test]
fn t39_one_key_twice_is_one_key() {
    let ring = Keyring::new([Toy::new("a"), Toy::new("a"), Toy::new("a").public()]);
    assert_eq!(ring.keys(at(0)), [(Toy::new("a"), KeyState::Active)]);
    assert_eq!(candidates(&ring, Some("a"), at(0)), ["a"]);
    assert_eq!(candidates(&ring, None, at(0)), ["a"]);
    assert_eq!(signing(&ring, at(0)), Some("a"));
    let public_first = Keyring::new([Toy::new("a").public(), Toy::new("a")]);
    assert_eq!(signing(&public_first, at(0)), Some("a"), "in either order it can sign");
    assert_eq!(public_first.keys(at(0)).len(), 1);
    let gone = Schedule::default().retires_at(at(0));
    let first_counts = Keyring::scheduled([(Toy::new("a"), gone), (Toy::new("a"), Schedule::default())]);
    assert_eq!(first_counts.keys(at(0)), [(Toy::new("a"), KeyState::Retired)]);
    // Under two ids it has two.
    let two = Keyring::new([Toy::new("a"), Toy::new("a").called("b")]);
    assert_eq!(candidates(&two, Some("a"), at(0)), ["a"]);
    assert_eq!(candidates(&two, Some("b"), at(0)), ["a"]);
}

#[test]
fn t41_a_token_without_an_id_costs_four_verifications_at_most() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let ring = Keyring::new(names.map(Toy::new));
    assert_eq!(candidates(&ring, None, at(0)), ["a", "b", "c", "d"]);
    let unnamed = Keyring::new(names.map(|name| Toy::new(name).unnamed()));
    assert_eq!(candidates(&unnamed, Some("x"), at(0)), ["a", "b", "c", "d"]);
    assert_eq!(candidates(&unnamed, Some("h"), at(0)), ["h"]);
    // What does not fit and what is retired is not counted.
    let gone = Schedule::default().retires_at(at(0));
    let schedule = |name| if name == "b" { gone } else { Schedule::default() };
    let ring = Keyring::scheduled(names.map(|name| (Toy::new(name), schedule(name))));
    let snapshot = ring.snapshot();
    let fit = snapshot.candidates(None, at(0), |key| key.material != "a");
    assert_eq!(fit.map(|key| key.material).collect::<Vec<_>>(), ["c", "d", "e", "f"]);
    assert_eq!(snapshot.candidates(Some("a"), at(0), |key| key.material != "a").count(), 0);
}

#[test]
fn what_is_replaced_is_replaced_for_all_clones_and_counted() {
    let ring = Keyring::new([Toy::new("a")]);
    let (clone, before) = (ring.clone(), ring.snapshot());
    assert_eq!((ring.generation(), clone.generation()), (0, 0));

    let leaked = Schedule::default().retires_at(at(5));
    clone.replace(&Keyring::scheduled([(Toy::new("b"), Schedule::default()), (Toy::new("c"), leaked)]));
    for ring in [&ring, &clone] {
        assert_eq!(ring.generation(), 1);
        assert_eq!(candidates(ring, Some("a"), at(0)), [""; 0]);
        assert_eq!(candidates(ring, Some("b"), at(0)), ["b"]);
        assert_eq!(candidates(ring, None, at(5)), ["b"]);
        assert_eq!(signing(ring, at(0)), Some("b"));
    }
    // Who verifies just then finishes with what there was.
    assert_eq!(before.candidates(Some("a"), at(0), |_| true).count(), 1);

    // It is our count that goes on, not the other's, also where the other is this one or has the same keys.
    let other = Keyring::from(Toy::new("d"));
    (0..5).for_each(|_| other.replace(&other.clone()));
    assert_eq!((other.generation(), candidates(&other, None, at(0))), (5, vec!["d"]));
    ring.replace(&other);
    assert_eq!((ring.generation(), other.generation()), (2, 5));
    ring.replace(&Keyring::new([]));
    assert_eq!((clone.generation(), clone.keys(at(0)).len()), (3, 0));
    assert_eq!(signing(&clone, at(0)), None);
    // What the other becomes later is its own affair.
    assert_eq!(candidates(&other, None, at(0)), ["d"]);
}

#[test]
fn replacements_at_once_are_all_counted() {
    let ring = Keyring::new([Toy::new("a")]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..100).for_each(|_| ring.replace(&Keyring::new([Toy::new("b")]))));
        }
    });
    assert_eq!(ring.generation(), 400);
}

#[test]
fn a_ring_shows_the_ids_of_its_keys_and_nothing_else() {
    let ring = Keyring::new([Toy::new("s3cret").called("key-1")]);
    assert_eq!(format!("{ring:?}"), "Keyring { generation: 0, ids: [\"key-1\"] }");
}
