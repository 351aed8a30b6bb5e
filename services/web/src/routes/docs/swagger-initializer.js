// Starts Swagger UI with the document that lies beside the page.
//
// Where nobody has said what the API's public root is, the document holds a placeholder; the page then takes its own
// origin, so that requests can be tried out.
window.onload = async () => {
  const response = await fetch("openapi.json");
  const text = await response.text();
  const spec = JSON.parse(text.replaceAll('"$API_ROOT"', () => JSON.stringify(window.location.origin)));
  window.ui = SwaggerUIBundle({
    spec,
    dom_id: "#swagger-ui",
    deepLinking: true,
    displayOperationId: true,
    displayRequestDuration: true,
    oauth2RedirectUrl: new URL("oauth2-redirect.html", window.location.href).href,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
  });
  window.ui.initOAuth({ clientId: "swagger-ui", usePkceWithAuthorizationCodeGrant: true });
};
