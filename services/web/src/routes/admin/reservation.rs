//! Creditor ids are reserved (webapi §12.1).

use actix_web::{HttpResponse, web::Data};
use domain::{CreditorId, Shard};
use persistence::creditor::Creditor;
use procedures::creditors::{self, Error};
use runtime::Random;

use super::order;
use crate::{
    ApiError, State, audit, caller::AdminScope, parse::Body, render::creditor::CreditorReservation, reply,
    requests::admin::CreditorReservationRequest,
};

/// So many ids are tried until one is free.
const ATTEMPTS: usize = 100;

/// Reserves a free creditor id.
///
/// The agent chooses the id. It stays reserved until `validUntil`, and becomes a creditor when it is activated with the
/// `reservationId`.
#[utoipa::path(
    post,
    path = "/creditors/.creditor-reserve",
    operation_id = "reserveRandomCreditor",
    tag = "admin",
    request_body = CreditorReservationRequest,
    responses(
        (status = 200, description = "The reserved id.", body = CreditorReservation),
        (status = 409, description = "The id is taken: repeat the request.")
    ),
    security(("oauth2" = ["activate"]))
)]
pub(crate) async fn post_random(
    _: AdminScope,
    Body(CreditorReservationRequest {}): Body<CreditorReservationRequest>,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    for _ in 0..ATTEMPTS {
        let creditor_id = random_id(&state.shard, &*state.random);
        if !state.shard.is_valid(creditor_id) {
            return Err(ApiError::InternalMessage("The agent is not responsible for the chosen creditor."));
        }
        match reserve(&state, creditor_id).await {
            Err(Error::CreditorExists) => {}
            outcome => return reservation(&state, &outcome?),
        }
    }
    Err(ApiError::InternalMessage("No free creditor id was found."))
}

/// Reserves a certain creditor id.
///
/// Like `reserveRandomCreditor`, but the caller chooses the id. With 409 the id is taken, by a reservation or a
/// creditor.
#[utoipa::path(
    post,
    path = "/creditors/{creditorId}/reserve",
    operation_id = "reserveCreditor",
    tag = "admin",
    request_body = CreditorReservationRequest,
    responses(
        (status = 200, description = "The reserved id.", body = CreditorReservation),
        (status = 409, description = "The id is taken.")
    ),
    security(("oauth2" = ["activate"]))
)]
pub(crate) async fn post(
    scope: AdminScope,
    Body(CreditorReservationRequest {}): Body<CreditorReservationRequest>,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let creditor = reserve(&state, scope.creditor_id()?).await?;
    reservation(&state, &creditor)
}

async fn reserve(state: &State, creditor_id: CreditorId) -> Result<Creditor, Error> {
    let now = state.clock.now();
    order(&state.db, "reserve_creditor", async |tx| creditors::reserve(tx, creditor_id, now).await).await
}

fn reservation(state: &State, creditor: &Creditor) -> Result<HttpResponse, ApiError> {
    let retention = state.settings.policy.inactive_creditor_retention;
    let Creditor { creditor_id, reservation_id, created_at, .. } = *creditor;
    let mut response = reply::ok(&CreditorReservation::new(creditor_id, reservation_id, created_at, retention))?;
    audit::about(&mut response, creditor_id);
    Ok(response)
}

/// Any id of the agent, each as likely as the others.
fn random_id(shard: &Shard, random: &dyn Random) -> CreditorId {
    let smallest = shard.min_id().get();
    let greatest_offset = shard.max_id().get().wrapping_sub(smallest).cast_unsigned();
    CreditorId::new(smallest.wrapping_add(up_to(greatest_offset, random).cast_signed()))
}

/// A number from 0 to `greatest`.
fn up_to(greatest: u64, random: &dyn Random) -> u64 {
    let mask = u64::MAX.checked_shr(greatest.leading_zeros()).unwrap_or(0);
    loop {
        // At least every second number fits.
        let number = random.next_u64() & mask;
        if number <= greatest {
            return number;
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Realm;
    use runtime::SeededRandom;

    use super::*;

    #[test]
    fn random_ids_are_those_of_the_agent() {
        let random = SeededRandom::new(1);
        for (min, max) in [(-2, 2), (7, 7), (i64::MAX - 1, i64::MAX), (i64::MIN, i64::MIN + 2)] {
            let shard = Shard::new(CreditorId::new(min), CreditorId::new(max), Realm::EVERYTHING);
            let mut seen: Vec<_> = (0..500).map(|_| random_id(&shard, &random).get()).collect();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen, (min..=max).collect::<Vec<_>>());
        }
    }

    #[test]
    fn random_ids_of_the_widest_range() {
        let random = SeededRandom::new(1);
        let shard = Shard::new(CreditorId::new(i64::MIN), CreditorId::new(i64::MAX), Realm::EVERYTHING);
        let negative = (0..1000).filter(|_| random_id(&shard, &random).get() < 0).count();
        assert!((400..600).contains(&negative), "{negative}");
    }
}
