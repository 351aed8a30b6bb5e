use chrono::TimeDelta;

use super::*;
use crate::{
    log_entry::LogEntry,
    test_values::{C, days_ago, now},
};

const RESET_AFTER: TimeDelta = TimeDelta::days(7);

fn pin(digits: &str) -> Pin {
    Pin::parse(digits).unwrap()
}

fn secret() -> Secret {
    Secret::new("secret")
}

fn new_pin(digits: &str) -> NewPin {
    NewPin::new(&pin(digits), Salt::from_text("AbCdEfGh".to_owned()), &secret())
}

/// PIN `1234`, switched on; failures were last forgotten now.
fn on() -> PinInfo {
    with_pin("1234")
}

fn with_pin(digits: &str) -> PinInfo {
    let request = ChangeRequest::new(Status::On, Some(new_pin(digits)), 2).unwrap();
    match change(C, PinInfo::new(now()), request, None, now()) {
        ChangeOutcome::Changed { info, .. } => *info,
        other => panic!("{other:?}"),
    }
}

fn try_at(info: PinInfo, given: Option<&str>, now: Timestamp) -> Attempt {
    let given = given.map(pin);
    attempt(info, &Check { given: given.as_ref(), secret: &secret(), reset_after: RESET_AFTER }, now)
}

fn try_pin(info: PinInfo, given: Option<&str>) -> Attempt {
    try_at(info, given, now())
}

/// Status and counts.
fn counts(info: &PinInfo) -> (Status, i16, i16) {
    (info.status, info.consecutive_failures, info.accumulated_failures)
}

fn assert_blocked(info: &PinInfo, consecutive_failures: i16) {
    assert_eq!(counts(info), (Status::Blocked, consecutive_failures, 0));
    assert_eq!((info.pin_length, info.failures_reset_at), (0, now()));
    assert!(info.pin_hmac.is_none() && info.pin_salt.is_none());
    assert_eq!(info.latest_update_id, 2, "blocking is not an update");
}

#[test]
fn vectors() {
    let cases = [
        ("", "1234", "", "5a697c6768fcb4f363874b4d73c517a6e7f8932d23c31b6ea52bebd2c3f4aa05"),
        ("secret", "1234", "", "55124a287e8ddc58a97eb3eea634a4d3185428d552de1a2b5bd49511355ababa"),
        ("secret", "1234", "AbCdEfGh", "2e3e2b67ab778b8f9e9b01792285e4246ef69e559c0f1eba71710cf22abefbe1"),
        (
            "some-long-string-that-must-be-kept-secret",
            "0123456789",
            "q83vEjRW",
            "ab4e5289d1215a81ef42ff59ed74f0833904e5b9c28a575c78af6609fd4c41d6",
        ),
    ];
    for (key, digits, salt, expected) in cases {
        let salt = (!salt.is_empty()).then(|| Salt::from_text(salt.to_owned()));
        let hmac = Secret::new(key).hmac(&pin(digits), salt.as_ref());
        assert_eq!(hmac.as_bytes().map(|byte| format!("{byte:02x}")).concat(), expected);
        assert!(hmac.matches(&Hmac::new(*hmac.as_bytes())));
        assert!(!hmac.matches(&Hmac::new([0; 32])));
    }
}

#[test]
fn salt_is_six_bytes_in_base64() {
    assert_eq!(Salt::from_random([0xab, 0xcd, 0xef, 0x12, 0x34, 0x56]).as_str(), "q83vEjRW");
    assert_eq!(Salt::from_random([0xff; 6]).as_str(), "////////");
}

#[test]
fn limits_depend_on_the_length() {
    let cases = [(4, 3, 10), (5, 4, 31), (6, 6, 100), (7, 7, 316), (8, 9, 1000), (9, 10, 3162), (10, 12, 10000)];
    for (length, consecutive, accumulated) in cases {
        let actual = (max_consecutive_failures(length), max_accumulated_failures(length));
        assert_eq!(actual, (consecutive, accumulated), "{length}");
    }
    assert_eq!((max_consecutive_failures(0), max_accumulated_failures(0)), (-3, 0));
    assert_eq!(max_accumulated_failures(i16::MAX), i16::MAX);
}

#[test]
fn pins_are_four_to_ten_digits() {
    for good in ["0000", "1234567890"] {
        assert!(Pin::parse(good).is_ok());
    }
    for bad in ["", "123", "12345678901", "12 4", "12a4", "-123", "١٢٣٤", "1234\n"] {
        assert_eq!(Pin::parse(bad).err(), Some(InvalidPin), "{bad:?}");
    }
}

#[test]
fn nothing_secret_is_printed() {
    let new = new_pin("9753");
    assert_eq!(format!("{:?} {:?}", pin("9753"), secret()), "Pin(..) Secret(..)");
    assert_eq!(format!("{new:?}"), "NewPin { length: 4, hmac: Hmac(..), salt: Salt(..) }");
    let info = format!("{:?}", with_pin("9753"));
    assert!(info.contains("pin_hmac: Some(Hmac(..)), pin_salt: Some(Salt(..))"), "{info}");
}

#[test]
fn attempts() {
    use Status::{Blocked, Off, On};
    use Verdict::{Right, Wrong};

    let after_failures = |cfa, afa| PinInfo { consecutive_failures: cfa, accumulated_failures: afa, ..on() };
    let off = PinInfo { status: Status::Off, ..after_failures(2, 5) };
    let blocked = PinInfo { status: Status::Blocked, ..after_failures(2, 5) };
    let no_hmac = PinInfo { pin_hmac: None, ..on() };
    let cases = [
        (on(), Some("1234"), Right, false, (On, 0, 0)),
        (after_failures(2, 5), Some("1234"), Right, true, (On, 0, 5)),
        (after_failures(2, 5), None, Wrong, false, (On, 2, 5)),
        (on(), Some("1235"), Wrong, true, (On, 1, 1)),
        (on(), Some("12345"), Wrong, true, (On, 1, 1)),
        (no_hmac, Some("1234"), Wrong, true, (On, 1, 1)),
        (off.clone(), None, Right, true, (Off, 0, 5)),
        (off, Some("9999"), Right, true, (Off, 0, 5)),
        (PinInfo::new(now()), None, Right, false, (Off, 0, 0)),
        (blocked.clone(), None, Wrong, false, (Blocked, 2, 5)),
        (blocked, Some("1234"), Wrong, false, (Blocked, 2, 5)),
    ];
    for (info, given, verdict, is_changed, expected) in cases {
        let attempt = try_pin(info, given);
        assert_eq!((attempt.verdict, attempt.is_changed), (verdict, is_changed), "{given:?} {expected:?}");
        assert_eq!(counts(&attempt.info), expected, "{given:?}");
    }
}

/// See [`Hmac`] for why that is all that must be known.
#[test]
fn forms_of_pins_that_begin_alike_have_nothing_in_common() {
    let salt = Salt::from_text("c2FsdHNh".into());
    let form = |digits: &str| *secret().hmac(&pin(digits), Some(&salt)).as_bytes();
    let right = form("98237465");
    for wrong in ["98237466", "98237400", "98200000", "90000000", "00000000", "9823746", "982374650"] {
        let alike = right.iter().zip(form(wrong)).take_while(|(right, wrong)| **right == *wrong).count();
        assert_eq!(alike, 0, "{wrong}");
    }
}

#[test]
fn values_that_differ_anywhere_do_not_match() {
    let all = [7; 32];
    for place in 0..32 {
        let mut other = all;
        other[place] ^= 0x80;
        assert!(!Hmac::new(all).matches(&Hmac::new(other)), "{place}");
    }
}

/// Nothing but this may compare what is stored, and it must not become a `==`.
#[test]
fn whatever_is_compared_is_compared_in_constant_time() {
    let code =
        include_str!("secret.rs").lines().filter(|line| !line.trim_start().starts_with("//")).collect::<String>();
    assert_eq!(code.matches(".ct_eq(").count(), 3, "in `recognize` twice, in `matches` once");
    for other in ["==", "!=", "starts_with", "PartialEq", "is_ok_and", " && ", " || "] {
        assert!(!code.contains(other), "{other}");
    }
}

#[test]
fn pins_of_the_previous_secret_are_right_and_get_their_new_form() {
    let rotated = Secret::new("new").replacing("secret");
    let try_rotated = |info, given| {
        attempt(info, &Check { given: Some(&pin(given)), secret: &rotated, reset_after: RESET_AFTER }, now())
    };
    for old in [on(), PinInfo { pin_hmac: Some(secret().hmac(&pin("1234"), None)), pin_salt: None, ..on() }] {
        let salt = old.pin_salt.clone();
        let tried = try_rotated(old.clone(), "1234");
        assert_eq!((tried.verdict, tried.is_changed), (Verdict::Right, true));
        assert!(tried.info.pin_hmac.as_ref().unwrap().matches(&Secret::new("new").hmac(&pin("1234"), salt.as_ref())));
        // Clients do not hear of it.
        assert_eq!((tried.info.latest_update_id, tried.info.latest_update_ts), (2, now()));
        let again = try_rotated(tried.info.clone(), "1234");
        assert_eq!((again.verdict, again.is_changed), (Verdict::Right, false));
        // Who only knows the old secret finds it wrong now: no such process may be left.
        assert_eq!(try_pin(tried.info, Some("1234")).verdict, Verdict::Wrong);
        let wrong = try_rotated(old.clone(), "1235");
        assert_eq!((wrong.verdict, counts(&wrong.info)), (Verdict::Wrong, (Status::On, 1, 1)));
        assert!(wrong.info.pin_hmac.unwrap().matches(&old.pin_hmac.unwrap()));
    }
    // Without the previous one, it is as if nobody had ever set that PIN.
    let replaced = Secret::new("new");
    let check = Check { given: Some(&pin("1234")), secret: &replaced, reset_after: RESET_AFTER };
    assert_eq!(attempt(on(), &check, now()).verdict, Verdict::Wrong);
}

#[test]
fn pins_without_salt_are_recognized() {
    let hmac = secret().hmac(&pin("1234"), None);
    let old = PinInfo { pin_hmac: Some(hmac), pin_salt: None, ..on() };
    assert_eq!(try_pin(old.clone(), Some("1234")).verdict, Verdict::Right);
    assert_eq!(try_pin(old, Some("1235")).verdict, Verdict::Wrong);
}

#[test]
fn consecutive_failures_block() {
    for (digits, failures) in [("1234", 3), ("12345", 4), ("123456", 6), ("1234567890", 12)] {
        let mut info = with_pin(digits);
        for n in 1..failures {
            info = try_pin(info, Some("0000")).info;
            assert_eq!(counts(&info), (Status::On, n, n));
        }
        let attempt = try_pin(info, Some("0000"));
        assert_eq!((attempt.verdict, attempt.is_changed), (Verdict::Wrong, true));
        assert_blocked(&attempt.info, failures);
        assert_eq!(try_pin(attempt.info, Some(digits)).verdict, Verdict::Wrong);
    }
}

#[test]
fn accumulated_failures_block() {
    let mut info = on();
    for n in 1..10 {
        info = try_pin(info, Some("0000")).info;
        assert_eq!(counts(&info), (Status::On, 1, n));
        info = try_pin(info, Some("1234")).info;
        assert_eq!(counts(&info), (Status::On, 0, n));
    }
    assert_blocked(&try_pin(info, Some("0000")).info, 1);
}

#[test]
fn accumulated_failures_are_forgotten_after_some_days() {
    let cases = [
        (days_ago(7), (Status::On, 1, 1), now()),
        (days_ago(7) + TimeDelta::microseconds(1), (Status::On, 1, 9), days_ago(7) + TimeDelta::microseconds(1)),
    ];
    for (failures_reset_at, expected, reset_at) in cases {
        let info = PinInfo { accumulated_failures: 8, failures_reset_at, ..on() };
        let attempt = try_pin(info, Some("0000"));
        assert_eq!((counts(&attempt.info), attempt.info.failures_reset_at), (expected, reset_at));
    }
    let long_ago =
        PinInfo { accumulated_failures: 9, failures_reset_at: days_ago(30), consecutive_failures: 2, ..on() };
    assert_blocked(&try_pin(long_ago, Some("0000")).info, 3);
}

fn change_with(info: PinInfo, request: ChangeRequest, given: Option<&str>) -> ChangeOutcome {
    let given = given.map(pin);
    let check = Check { given: given.as_ref(), secret: &secret(), reset_after: RESET_AFTER };
    change(C, info, request, Some(&check), now())
}

fn request(status: Status, new: Option<&str>, update_id: i64) -> ChangeRequest {
    ChangeRequest::new(status, new.map(new_pin), update_id).unwrap()
}

#[test]
fn a_pin_that_is_on_needs_digits() {
    assert_eq!(ChangeRequest::new(Status::On, None, 2).err(), Some(NewPinRequired));
    assert!(ChangeRequest::new(Status::Off, None, 2).is_ok());
    assert!(ChangeRequest::new(Status::Blocked, None, 2).is_ok());
}

#[test]
fn changing() {
    let info = PinInfo { consecutive_failures: 2, accumulated_failures: 5, ..on() };
    for (status, new) in [
        (Status::On, Some("98765")),
        (Status::Off, Some("98765")),
        (Status::Blocked, Some("98765")),
        (Status::Off, None),
        (Status::Blocked, None),
    ] {
        let ChangeOutcome::Changed { info, log_entry } =
            change_with(info.clone(), request(status, new, 3), Some("1234"))
        else {
            panic!("not changed")
        };
        assert_eq!(counts(&info), (status, 0, 5));
        assert_eq!((info.latest_update_id, info.latest_update_ts), (3, now()));
        assert_eq!(*log_entry, LogEntry::pin_info(C, 3, now()));
        assert_eq!(info.pin_length, if new.is_some() { 5 } else { 0 });
        assert_eq!((info.pin_hmac.is_some(), info.pin_salt.is_some()), (new.is_some(), new.is_some()));
        if status == Status::On {
            assert_eq!(try_pin(*info, Some("98765")).verdict, Verdict::Right);
        }
    }
}

#[test]
fn the_update_id_is_judged_before_the_pin() {
    for update_id in [1, 2, 4, i64::MIN] {
        let outcome = change_with(on(), request(Status::Off, None, update_id), Some("0000"));
        assert!(matches!(outcome, ChangeOutcome::Conflict), "{update_id}");
    }
}

#[test]
fn changing_with_a_wrong_pin_counts() {
    let ChangeOutcome::WrongPin(attempt) = change_with(on(), request(Status::Off, None, 3), Some("0000")) else {
        panic!("changed")
    };
    assert_eq!((counts(&attempt.info), attempt.is_changed), ((Status::On, 1, 1), true));
    let ChangeOutcome::WrongPin(attempt) = change_with(on(), request(Status::Off, None, 3), None) else {
        panic!("changed")
    };
    assert!(!attempt.is_changed);
}

#[test]
fn a_blocked_pin_is_changed_only_in_reset_mode() {
    let blocked = PinInfo { status: Status::Blocked, ..on() };
    let outcome = change_with(blocked.clone(), request(Status::Off, None, 3), Some("1234"));
    assert!(matches!(outcome, ChangeOutcome::WrongPin(_)));
    let outcome = change(C, blocked, request(Status::On, Some("1111"), 3), None, now());
    assert!(matches!(outcome, ChangeOutcome::Changed { info, .. } if info.status == Status::On));
}

#[test]
fn status_numbers() {
    for (code, status) in [(0, Status::Off), (1, Status::On), (2, Status::Blocked)] {
        assert_eq!((Status::from_code(code), status.code()), (Some(status), code));
    }
    assert_eq!((Status::from_code(-1), Status::from_code(3)), (None, None));
}
