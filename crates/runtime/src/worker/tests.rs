use std::cell::{Cell, RefCell};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::*;
use crate::{SeededRandom, tasks};

const PERIOD: Duration = Duration::from_secs(10);

fn worker(options: LoopOptions) -> Worker {
    Worker { name: "test", options, wake: Wake::new(), stop: Stop::new(), random: Arc::new(SeededRandom::new(1)) }
}

/// Runs the loop with these outcomes of its passes, then stops it; tells when each pass began.
async fn starts(worker: &Worker, outcomes: &[Result<Pass, ()>], pass_lasts: Duration) -> Vec<Duration> {
    let (begin, starts, next) = (Instant::now(), RefCell::new(Vec::new()), Cell::new(0));
    let ended = worker
        .run(async || {
            starts.borrow_mut().push(begin.elapsed());
            sleep(pass_lasts).await;
            let outcome = outcomes[next.get()];
            next.set(next.get() + 1);
            if next.get() == outcomes.len() {
                worker.stop.stop();
            }
            outcome.map_err(|()| io::Error::other("no luck"))
        })
        .await;
    assert_eq!(ended.unwrap(), Ended::Stopped);
    starts.into_inner()
}

fn seconds(spans: &[Duration]) -> Vec<f64> {
    spans.iter().map(Duration::as_secs_f64).collect()
}

#[tokio::test(start_paused = true)]
async fn passes_begin_one_period_apart_and_follow_a_full_one_at_once() {
    let worker = worker(LoopOptions::every(PERIOD));
    let outcomes = [Ok(Pass::Drained), Ok(Pass::Full), Ok(Pass::Drained), Ok(Pass::Drained)];
    let starts = starts(&worker, &outcomes, Duration::from_secs(3)).await;
    assert_eq!(seconds(&starts), [0.0, 10.0, 13.0, 23.0]);
}

#[tokio::test(start_paused = true)]
async fn a_pass_longer_than_the_period_is_followed_at_once() {
    let worker = worker(LoopOptions::every(PERIOD));
    let starts = starts(&worker, &[Ok(Pass::Drained); 3], Duration::from_secs(12)).await;
    assert_eq!(seconds(&starts), [0.0, 12.0, 24.0]);
}

#[tokio::test(start_paused = true)]
async fn a_call_during_the_pass_starts_the_next_after_a_rest() {
    let worker = worker(LoopOptions::every(PERIOD));
    let wake = worker.wake.clone();
    let caller = tasks::spawn("caller", async move {
        sleep(Duration::from_secs(1)).await;
        wake.wake();
        sleep(Duration::from_secs(6)).await;
        wake.wake();
    });
    let starts = starts(&worker, &[Ok(Pass::Drained); 4], Duration::from_secs(3)).await;
    assert_eq!(seconds(&starts), [0.0, 3.02, 7.0, 17.0]);
    caller.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_first_pass_waits_for_a_part_of_the_period() {
    let options = LoopOptions { jitter_first: true, ..LoopOptions::every(PERIOD) };
    let first = starts(&worker(options), &[Ok(Pass::Drained)], Duration::ZERO).await[0];
    assert!(first > Duration::ZERO && first < PERIOD, "{first:?}");
    let called = worker(options);
    called.wake.wake();
    assert_eq!(starts(&called, &[Ok(Pass::Drained)], Duration::ZERO).await, [Duration::ZERO]);
}

#[tokio::test(start_paused = true)]
async fn quitting_early_takes_all_there_is_without_waiting() {
    let options = LoopOptions { jitter_first: true, quit_early: true, ..LoopOptions::every(PERIOD) };
    let (begin, passes) = (Instant::now(), Cell::new(0));
    let ended = worker(options)
        .run(async || {
            passes.set(passes.get() + 1);
            Ok::<_, io::Error>(if passes.get() < 3 { Pass::Full } else { Pass::Drained })
        })
        .await;
    assert_eq!((ended.unwrap(), passes.get(), begin.elapsed()), (Ended::QuitEarly, 3, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn an_error_ends_the_loop_or_makes_it_pause_longer_and_longer() {
    let failing = worker(LoopOptions::every(PERIOD));
    assert_eq!(failing.run(async || Err(io::Error::other("no luck"))).await.unwrap_err().to_string(), "no luck");

    let backoff = Backoff { first: Duration::from_secs(1), cap: Duration::from_secs(3) };
    let patient = worker(LoopOptions { on_error: OnError::Retry(backoff), ..LoopOptions::every(PERIOD) });
    patient.wake.wake();
    let starts = starts(&patient, &[Err(()), Err(()), Err(()), Ok(Pass::Full), Err(())], Duration::ZERO).await;
    let pauses: Vec<f64> = starts.windows(2).map(|pair| pair[1].saturating_sub(pair[0]).as_secs_f64()).collect();
    let limits = [(0.5, 1.0), (1.0, 2.0), (1.5, 3.0), (0.0, 0.0)];
    for (pause, (shortest, longest)) in pauses.iter().zip(limits) {
        assert!((shortest..=longest).contains(pause), "{pauses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_stop_ends_a_wait_and_a_pause() {
    let backoff = Backoff { first: PERIOD, cap: PERIOD };
    for (options, fails) in [
        (LoopOptions::every(PERIOD), false),
        (LoopOptions { on_error: OnError::Retry(backoff), ..LoopOptions::every(PERIOD) }, true),
    ] {
        let (worker, begin) = (worker(options), Instant::now());
        let stop = worker.stop.clone();
        let stopper = tasks::spawn("stopper", async move {
            sleep(Duration::from_secs(1)).await;
            stop.stop();
        });
        let ended = worker.run(async || if fails { Err(io::Error::other("no luck")) } else { Ok(Pass::Drained) }).await;
        assert_eq!((ended.unwrap(), begin.elapsed()), (Ended::Stopped, Duration::from_secs(1)));
        stopper.await.unwrap();
    }
}

#[test]
fn pauses_double_up_to_the_cap() {
    let (backoff, random) = (Backoff::default(), SeededRandom::new(1));
    for (failures, longest) in [(1, 500), (2, 1_000), (3, 2_000), (7, 30_000), (u32::MAX, 30_000)] {
        let longest = Duration::from_millis(longest);
        let pause = backoff.pause(failures, &random);
        assert!(pause > longest / 2 && pause <= longest, "{failures}: {pause:?}");
    }
}

#[tokio::test]
async fn a_loop_can_be_a_task_of_its_own() {
    let worker = worker(LoopOptions { quit_early: true, ..LoopOptions::every(PERIOD) });
    let random = Arc::clone(&worker.random);
    let task = tasks::spawn("loop", async move {
        let random = &random;
        worker
            .run(|| async move {
                sleep(random.up_to(Duration::from_millis(1))).await;
                Ok::<_, anyhow::Error>(Pass::Drained)
            })
            .await
    });
    assert_eq!(task.await.unwrap().unwrap(), Ended::QuitEarly);
}
