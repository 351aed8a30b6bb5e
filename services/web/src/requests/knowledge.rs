//! Requests about what clients note about accounts (webapi §12.5).

use super::latest_update_id;
use crate::parse::{Errors, Fields, Input, Json, Object, datetime, float, integer, nested, text};

/// Most bytes of notes about one account.
const MAX_BYTES: usize = 8000;

/// Changes what the client notes about an account.
#[derive(Clone, Debug)]
pub struct AccountKnowledgeUpdate {
    /// The id which the object is to get.
    pub latest_update_id: i64,
    /// Everything else, as it was received: a JSON object.
    data: Json,
    /// The same, as it is stored.
    text: String,
}

impl AccountKnowledgeUpdate {
    /// The notes as a compact JSON text, to be stored.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The notes are the same as the stored ones.
    pub fn is_same(&self, stored: &str) -> bool {
        Json::parse(stored).is_ok_and(|stored| stored == self.data)
    }
}

impl Input for AccountKnowledgeUpdate {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut notes = object.clone();
        let mut fields = Fields::open(object);
        fields.object_type("AccountKnowledge");
        let latest_update_id = latest_update_id(&mut fields);
        // The known notes must be what they pretend to be, even though they are stored as they are.
        let _ = fields.optional("interestRate", float());
        let _ = fields.optional("interestRateChangedAt", datetime().verbatim());
        let _ = fields.optional("noteMaxBytes", integer(0..=500));
        let _ = fields.optional("identity", nested::<Identity>());
        let _ = fields.optional("configError", text().with_nul());
        let latest_update_id = fields.finish(|| latest_update_id)?;
        notes.remove("type");
        notes.remove("latestUpdateId");
        if let Some(name) = ["uri", "account", "latestUpdateAt"].into_iter().find(|name| notes.contains_key(*name)) {
            return Err(Errors::schema(format!("Can not modify \"{name}\".")));
        }
        let data = Json::Object(notes);
        let text = data.to_compact_text().ok_or_else(|| Errors::schema("The message is not JSON compliant."))?;
        if text.len() > MAX_BYTES {
            return Err(Errors::schema("The total length of the stored data exceeds 8000 bytes."));
        }
        Ok(Self { latest_update_id, data, text })
    }
}

/// An account identity that is only looked at.
struct Identity;

impl Input for Identity {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        fields.object_type("AccountIdentity");
        let uri = fields.required("uri", text().max(200).with_nul());
        fields.finish(|| uri.map(|_| Self))
    }
}
