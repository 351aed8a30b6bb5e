//! The table of routes, as an actix service.

use std::{rc::Rc, time::Instant};

use actix_web::{
    Error, FromRequest, Handler, HttpMessage as _, HttpResponse, Responder, Route,
    dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse, always_ready},
    http::Method,
    web,
};
use futures::future::{LocalBoxFuture, try_join_all};
use percent_encoding::percent_decode_str;
use tokio::time::timeout;
use tracing::Instrument as _;

use super::template::{Params, Template};
use crate::{
    ApiError,
    audit::{self, Audit, Refused},
    caller::{Access, Admission, Identified, Refusal, TokenScope, admit},
    cors,
    location::BaseUrl,
    observe, reply,
    request_id::{self, RequestId},
    server,
    state::State,
};

/// A table of routes.
#[derive(Default)]
pub struct Routes(Vec<Resource>);

impl Routes {
    /// Adds a resource. Of those that match a path, the first one serves it.
    #[must_use]
    pub fn with(mut self, resource: Resource) -> Self {
        self.0.push(resource);
        self
    }

    /// Adds several resources.
    #[must_use]
    pub fn with_all(self, resources: impl IntoIterator<Item = Resource>) -> Self {
        resources.into_iter().fold(self, Self::with)
    }

    /// The path templates and the methods served, without HEAD and OPTIONS.
    pub fn list(&self) -> impl Iterator<Item = (&'static str, Method)> {
        self.scopes().map(|(template, method, _)| (template, method))
    }

    /// The same, with the scopes that tokens need; `None` where no token is needed.
    pub fn scopes(&self) -> impl Iterator<Item = (&'static str, Method, Option<TokenScope>)> {
        let methods = |resource: &Resource| {
            let Resource { template, access, needs, routes, .. } = resource;
            let describe =
                |(method, _): &(Method, Route)| (template.text(), method.clone(), needed(*access, *needs, method));
            routes.iter().map(describe).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(methods)
    }
}

/// What can be done at a path.
pub struct Resource {
    template: Template,
    access: Access,
    needs: Option<TokenScope>,
    audit: Audit,
    routes: Vec<(Method, Route)>,
}

/// A resource at the paths of `template`, for callers that `access` admits. Tokens need [`TokenScope::Read`] for GET, and
/// [`TokenScope::Change`] for everything else, unless [`Resource::needs`] says otherwise.
pub fn resource(template: &'static str, access: Access) -> Resource {
    Resource { template: Template::new(template), access, needs: None, audit: Audit::Nothing, routes: Vec::new() }
}

impl Resource {
    /// Tokens need that scope, whatever the method.
    #[must_use]
    pub fn needs(mut self, scope: TokenScope) -> Self {
        self.needs = Some(scope);
        self
    }

    /// Some operations leave a line in the audit log.
    #[must_use]
    pub fn audited(mut self, audit: Audit) -> Self {
        self.audit = audit;
        self
    }
}

/// The scope that a token needs; `None` where no token is needed (webapi §13).
fn needed(access: Access, needs: Option<TokenScope>, method: &Method) -> Option<TokenScope> {
    if access == Access::Public || *method == Method::OPTIONS {
        return None;
    }
    Some(needs.unwrap_or(match *method {
        Method::GET | Method::HEAD => TokenScope::Read,
        _ => TokenScope::Change,
    }))
}

macro_rules! methods {
    ($($name:ident $method:ident),+) => {
        impl Resource {
            $(
                #[doc = concat!("Serves ", stringify!($method), " requests.")]
                #[must_use]
                pub fn $name<F, Args>(mut self, handler: F) -> Self
                where
                    F: Handler<Args>,
                    Args: FromRequest + 'static,
                    F::Output: Responder + 'static,
                {
                    self.routes.push((Method::$method, web::route().to(handler)));
                    self
                }
            )+
        }
    };
}

methods!(get GET, post POST, patch PATCH, delete DELETE);

/// The table, ready to serve.
pub struct Router(Rc<[Served]>);

struct Served {
    template: Template,
    access: Access,
    needs: Option<TokenScope>,
    audit: Audit,
    routes: Vec<(Method, <Route as ServiceFactory<ServiceRequest>>::Service)>,
    allow: String,
}

impl ServiceFactory<ServiceRequest> for Routes {
    type Response = ServiceResponse;
    type Error = Error;
    type Config = ();
    type Service = Router;
    type InitError = ();
    type Future = LocalBoxFuture<'static, Result<Router, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let resources = self.0.iter().map(|resource| {
            let template = resource.template.clone();
            let (access, needs, audit) = (resource.access, resource.needs, resource.audit);
            let allow = allow(&resource.routes);
            let routes = resource.routes.iter().map(|(method, route)| {
                let (method, service) = (method.clone(), route.new_service(()));
                async move { Ok::<_, ()>((method, service.await?)) }
            });
            let routes = try_join_all(routes);
            async move { Ok::<_, ()>(Served { template, access, needs, audit, routes: routes.await?, allow }) }
        });
        let resources = try_join_all(resources);
        Box::pin(async move { Ok(Router(resources.await?.into())) })
    }
}

/// The `Allow` header of a resource.
fn allow(routes: &[(Method, Route)]) -> String {
    let mut methods: Vec<_> = routes.iter().map(|(method, _)| method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    methods.join(", ")
}

impl Service<ServiceRequest> for Router {
    type Response = ServiceResponse;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<ServiceResponse, Error>>;

    always_ready!();

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let resources = Rc::clone(&self.0);
        let under_way = server::UnderWay::begin(&request);
        Box::pin(async move {
            let _under_way = under_way;
            let id = RequestId::of(request.headers(), &*State::of(request.request())?.random);
            // Whatever is said about the request names it, at every log level at which anything is said at all.
            let span = tracing::error_span!(target: audit::TARGET, "request", request_id = %id);
            serve(&resources, request, &id).instrument(span).await
        })
    }
}

async fn serve(resources: &[Served], request: ServiceRequest, id: &RequestId) -> Result<ServiceResponse, Error> {
    let started = Instant::now();
    let found = find(resources, request.path(), request.method());
    let resource = found.resource();
    let template = resource.map(|resource| resource.template.text());
    let mut response = match cors::preflight(&request) {
        Some(answer) => request.into_response(answer),
        None => respond(found, request).await?,
    };
    response.headers_mut().insert(request_id::HEADER, id.header());
    cors::decorate(&mut response);
    server::decorate(&mut response);
    if let Some(resource) = resource {
        audit::request(&response, resource.template.text(), resource.audit);
    }
    observe::request(&response, template, started.elapsed());
    Ok(response)
}

/// What the table says about a path and a method.
enum Found<'a> {
    Nothing,
    Redirect(&'a Served),
    WrongMethod(&'a Served),
    Options(&'a Served, Params),
    Route(&'a Served, Params, &'a <Route as ServiceFactory<ServiceRequest>>::Service),
}

impl<'a> Found<'a> {
    fn resource(&self) -> Option<&'a Served> {
        match self {
            Self::Nothing => None,
            Self::Redirect(resource)
            | Self::WrongMethod(resource)
            | Self::Options(resource, _)
            | Self::Route(resource, ..) => Some(resource),
        }
    }
}

fn find<'a>(resources: &'a [Served], path: &str, method: &Method) -> Found<'a> {
    let Ok(path) = percent_decode_str(path).decode_utf8() else { return Found::Nothing };
    let Some(path) = path.strip_prefix('/') else { return Found::Nothing };
    let matching = resources.iter().find_map(|resource| Some((resource, resource.template.matches(path)?)));
    if let Some((resource, params)) = matching {
        return match resource.route(method) {
            Some(route) => Found::Route(resource, params, route),
            None if *method == Method::OPTIONS => Found::Options(resource, params),
            None => Found::WrongMethod(resource),
        };
    }
    let lacks_slash = |resource: &&Served| {
        (*method == Method::OPTIONS || resource.route(method).is_some())
            && resource.template.matches_without_slash(path)
    };
    resources.iter().find(lacks_slash).map_or(Found::Nothing, Found::Redirect)
}

impl Served {
    fn route(&self, method: &Method) -> Option<&<Route as ServiceFactory<ServiceRequest>>::Service> {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        self.routes.iter().find(|(other, _)| other == method).map(|(_, route)| route)
    }
}

async fn respond(found: Found<'_>, request: ServiceRequest) -> Result<ServiceResponse, Error> {
    match found {
        Found::Nothing => Ok(request.error_response(ApiError::NotFound)),
        Found::WrongMethod(resource) => Ok(request.error_response(ApiError::MethodNotAllowed(resource.allow.clone()))),
        Found::Redirect(_) => Ok(answer(request, redirect)),
        Found::Options(resource, params) => {
            let admitted = admit_request(&request, resource, params).await;
            Ok(answer(request, |_| admitted.map(|()| reply::options(&resource.allow))))
        }
        Found::Route(resource, params, route) => {
            let (answer, given_up) = (State::of(request.request())?.patience.answer, request.request().clone());
            match timeout(answer, admit_and_call(request, resource, params, route)).await {
                Ok(response) => response,
                Err(elapsed) => Ok(ServiceResponse::from_err(ApiError::Unavailable(elapsed.into()), given_up)),
            }
        }
    }
}

async fn admit_and_call(
    request: ServiceRequest,
    resource: &Served,
    params: Params,
    route: &<Route as ServiceFactory<ServiceRequest>>::Service,
) -> Result<ServiceResponse, Error> {
    match admit_request(&request, resource, params).await {
        Ok(()) => route.call(request).await,
        Err(error) => Ok(request.error_response(error)),
    }
}

/// Lets the request pass, and leaves the proof with it.
async fn admit_request(request: &ServiceRequest, resource: &Served, params: Params) -> Result<(), ApiError> {
    let access = resource.access;
    if access == Access::Public {
        request.extensions_mut().insert(params);
    } else {
        let state = State::of(request.request())?;
        let needed = needed(access, resource.needs, request.method());
        let identified = state.auth.identify(request.headers(), needed).await.and_then(|who| {
            match admit(access, who.caller, request.method(), params.creditor_id, &state.shard) {
                Ok(()) => Ok(who),
                Err(error) => Err(Refusal { error, who: Some(who) }),
            }
        });
        match identified {
            Ok(Identified { caller, identity }) => {
                request.extensions_mut().insert(Admission { access, caller, identity, params });
            }
            Err(Refusal { error, who }) => {
                // For the audit log only: no extractor takes this for a proof.
                request.extensions_mut().insert(Refused { who, params });
                return Err(error);
            }
        }
    }
    Ok(())
}

/// The same URL, with a slash added to the path.
fn redirect(request: &ServiceRequest) -> Result<HttpResponse, ApiError> {
    let base = BaseUrl::of(request.headers(), request.app_config().secure())?;
    let path = request.path();
    let target = request.uri().query().map_or_else(|| format!("{path}/"), |query| format!("{path}/?{query}"));
    Ok(reply::permanent_redirect(&base, &target))
}

fn answer(
    request: ServiceRequest,
    respond: impl FnOnce(&ServiceRequest) -> Result<HttpResponse, ApiError>,
) -> ServiceResponse {
    match respond(&request) {
        Ok(response) => request.into_response(response),
        Err(error) => request.error_response(error),
    }
}
