//! Payments that must fail.

use anyhow::Result;
use domain::swpt_uri;

use super::{PATIENCE, page::Page};
use crate::{
    local::{amount::amount, cast::Cast},
    wallet::{Paid, Payment},
};

/// True if each fails as it must.
pub(super) async fn show(page: Page, cast: &Cast) -> Result<bool> {
    let much = 10 * cast.issued;
    let nobody = format!("{}/nobody", swpt_uri::format_debtor(cast.debtor));
    let seller = &cast.seller.name;
    let attempts = [
        (Payment::new(cast.recipient(), much, "more than there is"), seller.as_str(), "INSUFFICIENT_AVAILABLE_AMOUNT"),
        (Payment::new(&nobody, 5, "to nobody"), nobody.as_str(), "RECIPIENT_IS_UNREACHABLE"),
    ];
    let mut all_as_expected = true;
    for (payment, recipient, expected) in attempts {
        let what = format!("{} to {recipient}", amount(payment.amount));
        let Paid { result, .. } =
            cast.buyer.pay_and_wait(payment, std::time::Duration::from_millis(2), PATIENCE).await?;
        let as_expected = result.committed_amount == 0 && result.error_code() == Some(expected);
        all_as_expected &= as_expected;
        page.check(as_expected, &format!("{what:<36} {}", result.error_code().unwrap_or("NO ERROR")));
    }
    Ok(all_as_expected)
}
