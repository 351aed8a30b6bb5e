//! The whole container, `creditors-agent all`, under load.

use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::{Play, payments};
use crate::scratch::Scratch;

/// How many payments are made.
const COUNT: usize = 200;
/// After this long, operators lose patience.
const LIMIT: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_that_is_ended_under_load_and_started_again_loses_and_doubles_nothing() {
    let mut play = Play::begin(Scratch::new("container-ends"), &[]).await;
    let (mut container, address) = play.stack.container().await.unwrap();
    let Play { cast, .. } = &mut play;
    (cast.buyer, cast.seller) = (cast.buyer.at(&address), cast.seller.at(&address));

    let (ended, mut progress) = watch::channel(0);
    let paying =
        cast.buyer.pay_often(cast.recipient(), payments(1..COUNT + 1), |_| ended.send_modify(|count| *count += 1));
    let interruption = async {
        progress.wait_for(|count| *count >= COUNT / 4).await.unwrap();
        let began = Instant::now();
        let status;
        (container, status) = tokio::task::spawn_blocking(move || {
            let status = container.agent.stop();
            (container, status)
        })
        .await
        .unwrap();
        assert_eq!(status.unwrap().code(), Some(0));
        assert!(began.elapsed() < LIMIT, "{:?}", began.elapsed());
        assert!(*progress.borrow() < COUNT, "it has ended under load");
        container.agent.restart().await.unwrap();
        container.wait_until_ready().await.unwrap();
        // It must live until everything is paid and looked at.
        container
    };
    let (paid, _container) = tokio::join!(paying, interruption);
    let paid = paid.unwrap();
    assert_eq!(paid.len(), COUNT);
    play.audit(&paid).await;
}
