//! Several processes at once, one of them killed, and the peer implementation beside them.

use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::join;
use testkit::{
    invariants, seed,
    seed::FIRST_CREDITOR,
    stage::{Peer, Stage},
};

use crate::waking::{LOGGED, SERVICE};

const CREDITORS: u32 = 100;
const ROUNDS: u32 = 10;
const ENTRIES: u32 = 2_000;
/// The first creditor has these in addition.
const HOT: u32 = 30_000;

/// Makes half of the entries about payments tell of a new one: each brings an entry of the list with it.
const NEW_PAYMENTS: &str = "CREATE FUNCTION make_new() RETURNS trigger AS $$ BEGIN
        IF NEW.transfer_uuid::text < '8' THEN NEW.object_update_id := 1; END IF;
        RETURN NEW;
    END $$ LANGUAGE plpgsql;
    CREATE TRIGGER make_new BEFORE INSERT ON pending_log_entry FOR EACH ROW EXECUTE FUNCTION make_new()";

async fn write(stage: &Stage) {
    seed::pending_log_entries(&stage.client, HOT, 1).await.unwrap();
    for _ in 0..ROUNDS {
        seed::pending_log_entries(&stage.client, ENTRIES, CREDITORS).await.unwrap();
    }
}

async fn interfere(peer: Peer, done: &AtomicBool, step: i64) {
    let mut number = 0;
    while !done.load(Ordering::Relaxed) {
        number = (number + step) % i64::from(CREDITORS);
        peer.call(&format!("process_pending_log_entries({})", FIRST_CREDITOR + number)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_whole_whoever_adds_to_them_and_whoever_dies() {
    let stage = Stage::new(SERVICE, "copies").await.unwrap();
    stage.database.made_up();
    seed::creditors(&stage.client, CREDITORS).await.unwrap();
    stage.client.batch_execute(NEW_PAYMENTS).await.unwrap();

    let mut copies = Vec::new();
    for _ in 0..3 {
        copies.push(stage.service().unwrap().arg("--threads=2").arg("--wait=0.1").start().await.unwrap());
    }
    let done = AtomicBool::new(false);
    let peers = async {
        join(interfere(stage.peer().await.unwrap(), &done, 7), interfere(stage.peer().await.unwrap(), &done, 13)).await;
    };
    let story = async {
        write(&stage).await;
        copies[0].kill();
        write(&stage).await;
        copies[1].kill();
        copies[0].restart().await.unwrap();
        stage.until("SELECT count(*) FROM pending_log_entry", 0).await.unwrap();
        done.store(true, Ordering::Relaxed);
    };
    join(story, peers).await;
    drop(copies);

    assert_eq!(stage.said(), "", "nobody was in anybody's way");
    let all = i64::from(2 * (HOT + ROUNDS * ENTRIES));
    let causes = "SELECT count(*) FROM log_entry WHERE object_type_hint <> 2";
    assert_eq!(stage.number(causes).await.unwrap(), all);
    assert!(stage.number(LOGGED).await.unwrap() > all + all / 10, "there are entries of the lists");
    let astray = "SELECT count(*) FROM (
            SELECT object_type_hint, object_update_id, added_at, lag(added_at) OVER log AS cause,
                   lag(object_type_hint) OVER log AS hint, lag(object_update_id) OVER log AS update_id
            FROM log_entry WINDOW log AS (PARTITION BY creditor_id ORDER BY entry_id)) AS entry
        WHERE (object_type_hint = 2) <> (hint IS NOT DISTINCT FROM 1 AND update_id IS NOT DISTINCT FROM 1)
           OR (object_type_hint = 2 AND added_at <> cause)";
    assert_eq!(stage.number(astray).await.unwrap(), 0, "each list entry follows its cause");
    let lists = "SELECT count(*) FROM creditor WHERE transfers_list_latest_update_id - 1 <>
        (SELECT count(*) FROM log_entry AS log WHERE log.creditor_id = creditor.creditor_id AND object_type_hint = 2)";
    assert_eq!(stage.number(lists).await.unwrap(), 0);
    let rules: Vec<_> =
        invariants::ALWAYS.iter().filter(|rule| rule.name.starts_with("log entry ids")).copied().collect();
    assert_eq!(rules.len(), 1);
    assert_eq!(invariants::violations(&stage.client, &rules).await.unwrap(), []);
}
