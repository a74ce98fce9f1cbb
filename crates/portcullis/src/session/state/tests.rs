use portcullis_core::{Draft, Epoch, Realm, Record, RecordId, Space, Version};

use super::{
    super::{
        error::SessionErrorKind,
        public_handle::PublicHandle,
        record::{Beginning, Header, Payload},
        snapshot::Stored,
        timeouts::Persistence,
    },
    *,
};

const IDLE: Duration = Duration::from_secs(600);
const NOON: Timestamp = Timestamp::from_unix_seconds(1_000_000);

fn snapshot(principal: Option<&Principal>, last_noted: Timestamp) -> Snapshot {
    let header = Header {
        handle: PublicHandle::from_bytes([0; 16]),
        beginning: Beginning::at(NOON),
        absolute_end: NOON + Duration::from_secs(3_600),
        idle: IDLE,
        persistence: Persistence::Browser,
    };
    Snapshot {
        key: RecordKey::unowned(Space::Session, RecordId::from_bytes([1; 32])),
        version: Version::from_bits(1),
        owner: None,
        epoch: Epoch::UNOWNED,
        expires_at: last_noted + IDLE,
        payload: Payload::begun(header, principal, &[], None, &change("cart", "1")),
        seen_at: NOON,
    }
}

fn change(key: &str, value: &'static str) -> Changes {
    Changes::only(key, value.into())
}

fn state(presence: Presence) -> State {
    State { presence, ..State::new(Presented::default(), Activity::Use, OriginCheck::Unneeded) }
}

fn log_in(state: &mut State, principal: Principal) -> Result<(), SessionError> {
    state.log_in(principal, Timeouts::default(), Bytes::new())
}

fn live(principal: Option<&Principal>) -> State {
    state(Presence::Live(snapshot(principal, NOON)))
}

fn plan_name(state: &State) -> &'static str {
    match state.plan() {
        Plan::Rest => "rest",
        Plan::Gone => "gone",
        Plan::Load => "load",
        Plan::Touch(..) => "touch",
        Plan::Create => "create",
        Plan::Replace => "replace",
        Plan::Rotate => "rotate",
    }
}

#[test]
fn a_commit_does_what_the_timing_table_says() {
    type Wish = fn(&mut State);
    let nothing: Wish = |_| {};
    let insert: Wish = |state| state.change("a", Some("1".into())).unwrap();
    let remove: Wish = |state| state.change("a", None).unwrap();
    let ada_logs_in: Wish = |state| log_in(state, Principal::local("ada")).unwrap();
    let renew: Wish = |state| state.renew().unwrap();
    let unknown: fn() -> State = || state(Presence::Unknown);
    let absent: fn() -> State = || state(Presence::Absent);
    let alive: fn() -> State = || live(None);
    type Row = (&'static str, fn() -> State, Wish, &'static str);
    let rows: [Row; 13] = [
        ("s23 untouched", unknown, nothing, "rest"),
        ("a write that was not preceded by a read", unknown, insert, "load"),
        ("s23 anonymous and untouched", absent, nothing, "rest"),
        ("s36 anonymous write", absent, insert, "create"),
        ("anonymous removal keeps nothing", absent, remove, "rest"),
        ("anonymous login", absent, ada_logs_in, "rotate"),
        ("anonymous renewal", absent, renew, "rest"),
        ("s50 read only", alive, nothing, "rest"),
        ("write", alive, insert, "replace"),
        ("removal", alive, remove, "replace"),
        ("s33 login", alive, ada_logs_in, "rotate"),
        ("renewal", alive, renew, "rotate"),
        (
            "login is not cancelled by a later write",
            alive,
            |state| {
                log_in(state, Principal::local("ada")).unwrap();
                state.change("a", Some("1".into())).unwrap();
            },
            "rotate",
        ),
    ];
    for (name, begin, wish, expected) in rows {
        let mut state = begin();
        wish(&mut state);
        assert_eq!(plan_name(&state), expected, "{name}");
        state.respond(Outcome::Failure);
        assert_eq!(plan_name(&state), "rest", "{name}, but the handler failed");
    }
}

#[test]
fn s48_once_it_had_a_session_a_request_begins_no_other_in_its_place() {
    let mut state = live(None);
    state.had_session = true;
    state.change("a", Some("1".into())).unwrap();
    state.presence = Presence::Absent;
    assert_eq!(plan_name(&state), "gone");
    state.ended();
    assert!(state.change("a", Some("1".into())).is_err());
    log_in(&mut state, Principal::local("ada")).unwrap();
    assert_eq!(plan_name(&state), "rotate", "a login stands on its own proof");
    state.logged_out();
    state.change("a", Some("1".into())).unwrap();
    assert_eq!(plan_name(&state), "create", "after its own logout a new one may begin");
}

#[test]
fn s43_touches_are_throttled_to_a_tenth_of_the_idle_timeout() {
    let tenth = IDLE / 10;
    let rows = [
        ("noted just now", NOON, None),
        ("noted almost a tenth ago", NOON.before(tenth - Duration::from_millis(1)), None),
        ("noted a tenth ago", NOON.before(tenth), Some(NOON + IDLE)),
        ("s45 noted in the future", NOON + tenth, None),
    ];
    for (name, last_noted, expected) in rows {
        assert_eq!(snapshot(None, last_noted).touched(Activity::Use), expected, "{name}");
    }
}

#[test]
fn s44_a_background_request_is_not_use() {
    let unnoted = || Presence::Live(snapshot(None, NOON.before(IDLE / 2)));
    let mut state = state(unnoted());
    assert_eq!(plan_name(&state), "touch");
    assert_eq!(state.remaining(NOON).unwrap().idle, IDLE);
    state = State::new(Presented::default(), Activity::Background, OriginCheck::Unneeded);
    state.presence = unnoted();
    assert_eq!(plan_name(&state), "rest");
    assert_eq!(state.remaining(NOON).unwrap().idle, IDLE / 2);
}

#[test]
fn s43_of_a_long_session_the_last_use_is_true_to_an_hour() {
    let mut long = snapshot(None, NOON);
    long.payload.header.idle = Duration::from_secs(30 * 24 * 3_600);
    for (minutes, due) in [(59, false), (60, true)] {
        long.expires_at = NOON.before(Duration::from_secs(minutes * 60)) + long.payload.header.idle;
        assert_eq!(long.touched(Activity::Use).is_some(), due, "{minutes} minutes ago");
    }
}

#[test]
fn s66_a_request_of_another_site_begins_no_session() {
    let refused = OriginCheck::MayNotBegin(Reason::CrossSite);
    let mut state = State::new(Presented::default(), Activity::Use, refused);
    let error = log_in(&mut state, Principal::local("ada")).unwrap_err();
    assert_eq!(error.kind(), SessionErrorKind::CrossOrigin);
    let error = state.change("theme", Some("1".into())).unwrap_err();
    assert_eq!(error.kind(), SessionErrorKind::CrossOrigin);
    assert_eq!(plan_name(&state), "rest");
    assert!(state.change("theme", None).is_ok(), "to remove what is not there begins nothing");
}

#[test]
fn s74_a_response_varies_by_what_was_looked_at() {
    let rows = [
        ("untouched", OriginCheck::Unneeded, false, ""),
        ("asked", OriginCheck::Unneeded, true, "Cookie"),
        ("checked", OriginCheck::Passed, false, "Cookie, Sec-Fetch-Site, Origin"),
        ("checked and asked", OriginCheck::Passed, true, "Cookie, Sec-Fetch-Site, Origin"),
        (
            "may not log in",
            OriginCheck::MayNotBegin(Reason::SameSite),
            false,
            "Cookie, Sec-Fetch-Site, Origin",
        ),
    ];
    for (name, origin, asked, expected) in rows {
        let mut state = State::new(Presented::default(), Activity::Use, origin);
        if asked {
            state.ask();
        }
        assert_eq!(state.varies_by(), expected, "{name}");
    }
    let mut by_bearer = State::new(Presented::default(), Activity::Use, OriginCheck::Unneeded);
    by_bearer.ask_of_bearer();
    assert_eq!(by_bearer.varies_by(), "Authorization");
    by_bearer.ask();
    assert_eq!(by_bearer.varies_by(), "Cookie, Authorization");
}

#[test]
fn s39_a_session_is_dead_at_its_absolute_end() {
    let alive = snapshot(None, NOON);
    let end = alive.payload.header.absolute_end;
    let draft = Draft::new(alive.payload.encode(), alive.version, end + IDLE);
    let record = Record::created(alive.key, draft, NOON, Epoch::UNOWNED);
    let before = end.before(Duration::from_millis(1));
    assert!(matches!(Stored::of(record.clone(), before), Ok(Stored::Live(_))));
    assert!(matches!(Stored::of(record, end), Ok(Stored::Over)));
}

#[test]
fn s46_the_remaining_time_counts_this_request_and_never_passes_the_absolute_end() {
    let noted_long_ago = state(Presence::Live(snapshot(None, NOON.before(IDLE / 2))));
    assert_eq!(noted_long_ago.remaining(NOON).unwrap().idle, IDLE);
    let mut near_the_end = snapshot(None, NOON);
    near_the_end.payload.header.absolute_end = NOON + Duration::from_secs(5);
    let remaining = state(Presence::Live(near_the_end)).remaining(NOON).unwrap();
    assert_eq!((remaining.idle, remaining.absolute), (Duration::from_secs(5), Duration::from_secs(5)));
}

#[test]
fn s35_a_login_sees_only_what_is_its_own() {
    let (ada, alan) = (Principal::local("ada"), Principal::local("alan"));
    let elsewhere = Principal::new(crate::identity::IssuerId::new("https://id.example"), "ada");
    let rows = [
        ("nobody's data", None, &ada, true),
        ("s34 the same subject's", Some(&ada), &ada, true),
        ("another subject's", Some(&ada), &alan, false),
        ("s85 another issuer's", Some(&ada), &elsewhere, false),
    ];
    for (name, before, after, carried) in rows {
        let mut state = live(before);
        state.change("pending", Some("1".into())).unwrap();
        log_in(&mut state, after.clone()).unwrap();
        assert_eq!(state.value("cart").is_some(), carried, "{name}");
        assert_eq!(state.value("pending").is_some(), carried, "{name}, not yet written");
    }
    let mut state = live(Some(&ada));
    log_in(&mut state, alan.clone()).unwrap();
    log_in(&mut state, alan).unwrap();
    assert!(state.value("cart").is_none(), "a second login does not bring back what the first dropped");
}

#[test]
fn s53_changes_after_the_response_are_errors() {
    let mut state = live(None);
    state.respond(Outcome::Success);
    assert!(state.change("a", None).is_err());
    assert!(state.renew().is_err());
    assert!(log_in(&mut state, Principal::local("ada")).is_err());
}

#[test]
fn s18_two_live_sessions_are_nobodys() {
    let mut state = state(Presence::Unknown);
    assert_eq!(state.found([snapshot(None, NOON), snapshot(None, NOON)].into_iter()), Found::Two);
    assert!(state.live().is_none());
    assert_eq!(state.found([snapshot(None, NOON)].into_iter()), Found::AtMostOne);
    assert!(state.live().is_some());
}

#[test]
fn s18_at_most_two_different_ids_are_taken() {
    let realm = Realm::new("session", "sid");
    let ids: Vec<String> = (0..3).map(|_| SessionId::generate(&realm, None).unwrap().0.encode()).collect();
    let presented =
        |values: &[&str]| Presented::of(values.iter().map(|value| value.as_bytes())).iter().count();
    assert_eq!(presented(&[]), 0);
    assert_eq!(presented(&["nonsense", &ids[0], ""]), 1);
    assert_eq!(presented(&[&ids[0], &ids[0]]), 1);
    assert_eq!(presented(&[&ids[0], &ids[0], &ids[1]]), 2);
    assert_eq!(presented(&[&ids[0], &ids[1], &ids[2]]), 2);
}
