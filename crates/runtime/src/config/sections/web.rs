//! The HTTP server.

use std::net::IpAddr;

use crate::config::Kind;
use crate::config::reader::Reader;
use crate::config::variable::variables;

const MAX_COUNT: i64 = 10_000;
const MAX_PAGE: i64 = 100_000;
const MAX_BODY: i64 = 1 << 30;

variables! {
    Web {
        BIND = "APP_WEBSERVER_BIND", Kind::Address, ["0.0.0.0"], "address of the interface that is served";
        PORT = "WEBSERVER_PORT", Kind::Int(0, 65_535), ["8080"], "public HTTP port; 0 = any free one";
        PROCESSES = "WEBSERVER_PROCESSES", Kind::Int(1, MAX_COUNT), ["1"], "with the threads: parallel requests";
        THREADS = "WEBSERVER_THREADS", Kind::Int(1, MAX_COUNT), ["3"], "threads per process";
        CREDITORS_PER_PAGE = "APP_CREDITORS_PER_PAGE", Kind::Int(1, MAX_PAGE), ["2000"], "ids per page of creditors";
        LOG_ENTRIES_PER_PAGE = "APP_LOG_ENTRIES_PER_PAGE", Kind::Int(1, MAX_PAGE), ["100"], "entries per log page";
        LEDGER_ENTRIES_PER_PAGE = "APP_LEDGER_ENTRIES_PER_PAGE", Kind::Int(1, MAX_PAGE), ["100"],
            "entries per ledger page";
        ACCOUNTS_PER_PAGE = "APP_ACCOUNTS_PER_PAGE", Kind::Int(1, MAX_PAGE), ["50"], "accounts per page";
        TRANSFERS_PER_PAGE = "APP_TRANSFERS_PER_PAGE", Kind::Int(1, MAX_PAGE), ["50"], "transfers per page";
        CORS = "APP_ENABLE_CORS", Kind::Bool, ["false"], "let scripts of other origins call the API";
        TITLE = "API_TITLE", Kind::Text, ["Creditors API"], "title of the API's documentation";
        VERSION = "API_VERSION", Kind::Text, ["v1"], "version of the API";
        SWAGGER_UI_URL = "OPENAPI_SWAGGER_UI_URL", Kind::Text, "location of the API documentation's user interface";
        API_ROOT = "API_ROOT", Kind::Text, "in the API's documentation: the public root of the API";
        AUTHORIZATION_URL = "OAUTH2_AUTHORIZATION_URL", Kind::Text, "in the API's documentation: where people log in";
        TOKEN_URL = "OAUTH2_TOKEN_URL", Kind::Text, "in the API's documentation: where tokens are issued";
        REFRESH_URL = "OAUTH2_REFRESH_URL", Kind::Text, "in the API's documentation: where tokens are renewed";
        MAX_CONTENT_LENGTH = "MAX_CONTENT_LENGTH", Kind::Int(0, MAX_BODY), ["20480"], "largest request body in bytes";
    }
}

/// The HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// Address of the interface that is served.
    pub bind: IpAddr,
    /// Public port; 0 = any free one.
    pub port: u16,
    /// Worker processes of the peer implementation, at least 1.
    pub processes: u32,
    /// Threads per process, at least 1.
    pub threads: u32,
    /// How long the pages are.
    pub page_sizes: PageSizes,
    /// Whether every response carries the CORS headers (webapi §14).
    pub enable_cors: bool,
    /// Title of the API's documentation.
    pub api_title: String,
    /// Version of the API.
    pub api_version: String,
    /// Location of the API documentation's user interface, if the operator has said.
    pub swagger_ui_url: Option<String>,
    /// What the documentation says about places outside of it.
    pub documented: DocumentedUrls,
    /// Largest request body in bytes.
    pub max_content_length: usize,
}

/// What the documentation of the API says about places outside of it. What is `None` stays a placeholder there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentedUrls {
    /// The public root of the API, `https://example.com`.
    pub api_root: Option<String>,
    /// Where people log in.
    pub authorization: Option<String>,
    /// Where tokens are issued.
    pub token: Option<String>,
    /// Where tokens are renewed.
    pub refresh: Option<String>,
}

/// The largest number of items per page, each at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSizes {
    /// Ids of creditors.
    pub creditors: u32,
    /// Log entries.
    pub log_entries: u32,
    /// Ledger entries.
    pub ledger_entries: u32,
    /// Accounts.
    pub accounts: u32,
    /// Transfers.
    pub transfers: u32,
}

impl Web {
    pub(in crate::config) fn read(reader: &mut Reader) -> Self {
        Self {
            bind: reader.address(&BIND),
            port: reader.int(&PORT),
            processes: reader.int(&PROCESSES),
            threads: reader.int(&THREADS),
            page_sizes: PageSizes {
                creditors: reader.int(&CREDITORS_PER_PAGE),
                log_entries: reader.int(&LOG_ENTRIES_PER_PAGE),
                ledger_entries: reader.int(&LEDGER_ENTRIES_PER_PAGE),
                accounts: reader.int(&ACCOUNTS_PER_PAGE),
                transfers: reader.int(&TRANSFERS_PER_PAGE),
            },
            enable_cors: reader.boolean(&CORS),
            api_title: reader.text(&TITLE),
            api_version: reader.text(&VERSION),
            swagger_ui_url: reader.optional_text(&SWAGGER_UI_URL),
            documented: DocumentedUrls {
                api_root: reader.optional_text(&API_ROOT),
                authorization: reader.optional_text(&AUTHORIZATION_URL),
                token: reader.optional_text(&TOKEN_URL),
                refresh: reader.optional_text(&REFRESH_URL),
            },
            max_content_length: reader.int(&MAX_CONTENT_LENGTH),
        }
    }
}
