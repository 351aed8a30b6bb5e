//! As much of a browser as it takes to log in: redirections, and cookies.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use reqwest::{
    Client, RequestBuilder, Response,
    header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE},
};
use url::Url;

/// No login takes more redirections.
const MOST: usize = 5;

/// A browser that keeps the cookies of one server.
pub(super) struct Browser<'a> {
    http: &'a Client,
    cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    pub(super) fn new(http: &'a Client) -> Self {
        Self { http, cookies: BTreeMap::new() }
    }

    /// Goes there, and to wherever that leads on the same server. Returns where that ends.
    pub(super) async fn follow(&mut self, url: Url) -> Result<Url> {
        let request = self.http.get(url.clone());
        self.end_of(url, request).await
    }

    /// Sends a form, and goes to wherever that leads.
    pub(super) async fn submit(&mut self, url: Url, form: &str) -> Result<Url> {
        let request = posted(self.http, url.as_str(), form.to_owned());
        self.end_of(url, request).await
    }

    async fn end_of(&mut self, mut url: Url, mut request: RequestBuilder) -> Result<Url> {
        let origin = url.origin();
        for _ in 0..MOST {
            let answer = self.send(request).await?;
            if !answer.status().is_redirection() {
                let status = answer.status();
                if !status.is_success() {
                    bail!("{} is answered with {status}", url.path());
                }
                return Ok(url);
            }
            let location = answer.headers().get(LOCATION).context("a redirection to nowhere")?.to_str()?;
            url = url.join(location)?;
            if url.origin() != origin {
                return Ok(url);
            }
            request = self.http.get(url.clone());
        }
        bail!("too many redirections")
    }

    async fn send(&mut self, request: RequestBuilder) -> Result<Response> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.header(COOKIE, cookies.join("; ")) };
        let answer = request.send().await.context("the authorization server is away")?;
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').context("a cookie without a value")?;
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Ok(answer)
    }
}

/// A request that carries a form.
pub(super) fn posted(http: &Client, url: &str, form: String) -> RequestBuilder {
    http.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
}
