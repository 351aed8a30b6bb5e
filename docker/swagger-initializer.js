window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    layout: "StandaloneLayout",
  });
  window.ui.initOAuth({ clientId: "swagger-ui", usePkceWithAuthorizationCodeGrant: true, scopes: "access" });
};
