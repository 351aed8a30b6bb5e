use super::*;

#[test]
fn masks() {
    let cases = [
        ("#", 0x0000_0000, 0x0000_0000, 0x0000_0000, 0x0000_0000),
        ("0.#", 0x8000_0000, 0x0000_0000, 0x0000_0000, 0x0000_0000),
        ("1.#", 0x8000_0000, 0x8000_0000, 0x0000_0000, 0x0000_0000),
        ("0.1.#", 0xc000_0000, 0x4000_0000, 0x8000_0000, 0x0000_0000),
        ("1.0.1.#", 0xe000_0000, 0xa000_0000, 0xc000_0000, 0x8000_0000),
        ("0.1.1.0.#", 0xf000_0000, 0x6000_0000, 0xe000_0000, 0x6000_0000),
    ];
    for (key, mask, prefix, parent_mask, parent_prefix) in cases {
        let realm = Realm::parse(key).unwrap();
        assert_eq!(realm, Realm { mask, prefix }, "{key}");
        assert_eq!(realm.parent(), Realm { mask: parent_mask, prefix: parent_prefix }, "{key}");
    }
}

#[test]
fn keys_survive_a_round_trip() {
    let longest = format!("{}#", "1.0.".repeat(10));
    for key in ["#", "0.#", "1.#", "0.1.#", "1.0.1.#", "0.1.1.0.#", &longest] {
        assert_eq!(Realm::parse(key).unwrap().to_string(), key);
    }
}

#[test]
fn other_keys_are_refused() {
    let too_long = format!("{}#", "1.".repeat(21));
    let bad = [
        "", "*", "0", "0.1", "2.#", "#.0", " #", "# ", "#\n", "0 .#", "0.#.#", ".#", "0..#", "01.#", "1#", "##",
        "0.1#", "٠.#", &too_long,
    ];
    for key in bad {
        assert_eq!(Realm::parse(key), Err(InvalidRoutingKey), "{key:?}");
    }
}

#[test]
fn who_belongs_where() {
    // For each id: does it match the key itself and its parent, for the keys below in turn.
    let keys = ["0.#", "1.#", "0.1.#", "1.0.1.#", "0.1.1.0.#"];
    let cases = [
        (0, "yy ny yy nn ny"),
        (1, "ny yy nn nn nn"),
        (2, "ny yy nn nn nn"),
        (-1, "ny yy nn nn nn"),
        (-2, "ny yy nn ny nn"),
        (123, "ny yy nn nn nn"),
        (-123, "ny yy nn nn nn"),
        (1234, "yy ny yy nn ny"),
        (4_294_967_296, "yy ny ny nn nn"),
        (8_589_934_591, "ny yy nn nn nn"),
        (1_103_806_595_072, "ny yy nn yy nn"),
        (2_199_023_255_551, "ny yy nn ny nn"),
        (i64::MAX, "ny yy nn yy nn"),
        (i64::MIN, "yy ny yy nn nn"),
    ];
    let letter = |matches: bool| if matches { 'y' } else { 'n' };
    for (id, expected) in cases {
        let id = CreditorId::new(id);
        let actual = keys.map(|key| {
            let realm = Realm::parse(key).unwrap();
            format!("{}{}", letter(realm.matches(id)), letter(realm.matches_parent(id)))
        });
        assert_eq!(actual.join(" "), expected, "{id:?}");
        assert!(Realm::EVERYTHING.matches(id) && Realm::EVERYTHING.matches_parent(id));
    }
}

#[test]
fn a_shard_is_a_range_and_a_realm() {
    let shard =
        Shard::new(CreditorId::new(4_294_967_296), CreditorId::new(8_589_934_591), Realm::parse("0.1.#").unwrap());
    let cases = [
        (4_294_967_295, false, false, false),
        (4_294_967_296, true, false, true),
        (8_589_934_591, true, false, false),
        (8_589_934_592, false, false, false),
        (1234, false, false, false),
    ];
    for (id, in_range, valid, valid_for_parent) in cases {
        let id = CreditorId::new(id);
        assert_eq!(
            (shard.in_range(id), shard.is_valid(id), shard.is_valid_for_parent(id)),
            (in_range, valid, valid_for_parent),
            "{id:?}"
        );
    }
    let everything = Shard::new(CreditorId::new(i64::MIN), CreditorId::new(i64::MAX), Realm::EVERYTHING);
    assert!(everything.is_valid(CreditorId::new(i64::MIN)) && everything.is_valid(CreditorId::new(i64::MAX)));
}
