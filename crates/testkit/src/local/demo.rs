//! `creditors-local demo`: a payment's whole way, seen from outside.

mod books;
mod crowd;
mod failures;
mod page;
mod timeline;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, Result};
use domain::swpt_uri;

use super::{interrupt::Interrupt, servers::Throwaway};
use crate::{
    local::stack::{Callers, Options, Stack},
    local::{amount::amount, cast::Cast},
    wallet::Paid,
};
use page::{Page, line};

/// For how long the demo waits for anything that should happen at once.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// How many payments to make besides the one that is shown in detail
    #[arg(long, default_value_t = 200)]
    payments: usize,
    /// How many of them run at the same time
    #[arg(long, default_value_t = 20)]
    at_once: usize,
}

pub(super) async fn run(run_dir: &Path, arguments: Arguments) -> Result<ExitCode> {
    let mut interrupt = Interrupt::listen()?;
    let directory = Throwaway::create(run_dir)?;
    let result = tokio::select! {
        result = play(directory.path(), &arguments) => result,
        signal = interrupt.next() => {
            eprintln!("interrupted; everything has been stopped");
            return Ok(ExitCode::from(u8::try_from(128 + signal).unwrap_or(1)));
        }
    };
    if !matches!(result, Ok(true)) {
        let logs = save_logs(directory.path(), run_dir)?;
        eprintln!("what the processes had to say is in {}", logs.display());
    }
    Ok(if result? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// True if everything was as it should be. Stops everything at the end.
async fn play(directory: &Path, arguments: &Arguments) -> Result<bool> {
    let options = Options { callers: Callers::Tokens, ..Options::throwaway(directory) };
    let stack = Stack::up(&options).await?;
    let page = Page::of_terminal();
    let cast = Cast::enter(stack.addresses()).await?;
    page.scene("Two creditors, one debtor");
    introduce(&cast);

    page.scene("A payment, step by step (milliseconds since the request)");
    let first = cast.pay_once(100, "the first payment of all").await?;
    cast.rest().await?;
    let timeline = timeline::watch(&cast, 2_500, "two hours of gardening").await?;
    timeline.show(page, &cast, &first);
    cast.rest().await?;
    books::show(page, &cast).await?;

    page.scene(&format!("{} payments, {} at a time", arguments.payments, arguments.at_once));
    let crowd = crowd::pay(&cast, arguments.payments, arguments.at_once).await?;
    crowd.show(page);

    page.scene("Payments that cannot be");
    let failed = failures::show(page, &cast).await?;

    page.scene("What must be true now");
    let paid = [vec![first, timeline.paid], crowd.paid].concat();
    let sound = show_audit(page, &cast, &paid).await?;
    let good = failed && sound;
    page.end(good);
    Ok(good)
}

fn introduce(cast: &Cast) {
    let debtor = swpt_uri::format_debtor(cast.debtor);
    let riches = [format!("has {} from {debtor}", amount(cast.issued)), "has nothing yet".to_owned()];
    for ((wallet, identity), riches) in cast.wallets().iter().zip(&cast.identities).zip(riches) {
        line(&format!("  {:<8}{identity:<40}{riches}", wallet.name));
    }
}

/// True if everything holds.
async fn show_audit(page: Page, cast: &Cast, paid: &[Paid]) -> Result<bool> {
    let findings = cast.settle(paid).await?;
    for finding in &findings {
        page.check(finding.good, &finding.claim);
        for detail in &finding.details {
            line(&format!("      {detail}"));
        }
    }
    Ok(findings.iter().all(|finding| finding.good))
}

/// The directory of the servers goes; their logs are needed when something went wrong.
fn save_logs(directory: &Path, run_dir: &Path) -> Result<PathBuf> {
    let saved = run_dir.join("demo-logs");
    let describe = || format!("{} cannot be written", saved.display());
    fs::create_dir_all(&saved).with_context(describe)?;
    for entry in fs::read_dir(directory)?.flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "log") {
            fs::copy(entry.path(), saved.join(entry.file_name())).with_context(describe)?;
        }
    }
    Ok(saved)
}
