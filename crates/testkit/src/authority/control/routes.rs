//! What the control server answers.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, ServiceConfig};
use actix_web::{HttpResponse, ResponseError, get, post, web};
use domain::{AccountKey, CreditorId, DebtorId};
use serde_json::{Value, json};

use super::views::{AccountView, Answering, Debtor, InterestRate, Issue};
use crate::authority::{Authority, CommandError, Refused};

pub(super) fn configure(config: &mut ServiceConfig) {
    // `curl -d` names another content type.
    config.app_data(web::JsonConfig::default().content_type_required(false).content_type(|_| true));
    config
        .service(health)
        .service(accounts)
        .service(answering)
        .service(issue)
        .service(interest_rate)
        .service(interest_payments);
}

#[get("/health")]
async fn health(authority: Data<Authority>) -> HttpResponse {
    if authority.is_running() {
        HttpResponse::Ok().json(json!({"status": "ok"}))
    } else {
        HttpResponse::ServiceUnavailable().json(json!({"status": "stopped"}))
    }
}

#[get("/accounts")]
async fn accounts(authority: Data<Authority>) -> Result<Json<Vec<AccountView>>, CommandError> {
    Ok(Json(authority.accounts().await?.iter().map(AccountView::from).collect()))
}

#[get("/answering")]
async fn answering(authority: Data<Authority>) -> Json<Answering> {
    let (answers, time) = authority.answering();
    Json(Answering { answers, milliseconds: time.as_secs_f64() * 1000.0 })
}

#[post("/issue")]
async fn issue(authority: Data<Authority>, body: Json<Issue>) -> Result<Json<AccountView>, CommandError> {
    let key = AccountKey::new(CreditorId::new(body.creditor_id), DebtorId::new(body.debtor_id));
    authority.issue(key, body.amount).await?;
    let account = authority.state(key).await?.ok_or(Refused::NoSuchAccount)?;
    Ok(Json(AccountView::from(&account)))
}

#[post("/interest-rate")]
async fn interest_rate(authority: Data<Authority>, body: Json<InterestRate>) -> Result<Json<Value>, CommandError> {
    authority.set_interest_rate(DebtorId::new(body.debtor_id), body.interest_rate).await?;
    Ok(Json(json!({})))
}

#[post("/interest-payments")]
async fn interest_payments(authority: Data<Authority>, body: Json<Debtor>) -> Result<Json<Value>, CommandError> {
    authority.pay_interest(DebtorId::new(body.debtor_id)).await?;
    Ok(Json(json!({})))
}

impl ResponseError for CommandError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Refused(Refused::NoSuchAccount) => StatusCode::NOT_FOUND,
            Self::Refused(Refused::ScheduledForDeletion | Refused::Amount | Refused::InterestRate) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Stopped => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(json!({"error": self.to_string()}))
    }
}
