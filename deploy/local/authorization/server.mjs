// The authorization server of the local stack: who may call the web API (webapi §13).
//
// `node server.mjs SETTINGS`, where SETTINGS is a file with JSON:
//
// * `port`: where to answer on the loopback interface;
// * `wallets`: the redirect URIs of the client `wallet`; `swaggerUi`: the one of the client `swagger-ui`;
// * `secrets`: of the clients `creditors-superuser`, `creditors-supervisor`, and `creditors-agent`, who may ask about tokens;
// * `password`: with which every creditor logs in.
//
// Everything is kept in memory: tokens and keys are gone when the process ends.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Provider, errors } from "oidc-provider";

import { login } from "./login.mjs";

const settings = JSON.parse(readFileSync(process.argv[2], "utf8"));

// What tokens are for. By default they are opaque; with a name of an algorithm behind it, they are signed.
const AGENT = "urn:creditors-agent";
const ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"];

const FOR_WALLETS = "access access.readonly disable_pin";
const FOR_SUPERVISORS = "access.readonly activate";
const FOR_SUPERUSERS = `${FOR_WALLETS} activate deactivate`;
const SECONDS_TO_LIVE = 3600;

function resourceServer(resource) {
  const algorithm = ALGORITHMS.find((name) => resource === `${AGENT}:${name}`);
  if (resource !== AGENT && !algorithm) throw new errors.InvalidTarget();
  const format = algorithm ? { accessTokenFormat: "jwt", jwt: { sign: { alg: algorithm } } } : { accessTokenFormat: "opaque" };
  return { audience: AGENT, scope: FOR_SUPERUSERS, accessTokenTTL: SECONDS_TO_LIVE, ...format };
}

// A client that acts in its own name; without a scope, it only asks about tokens.
function server(id, scope) {
  return {
    client_id: id,
    client_secret: settings.secrets[id],
    scope,
    grant_types: scope ? ["client_credentials"] : [],
    redirect_uris: [],
    response_types: [],
  };
}

// A client in the hands of people. It can keep no secret, so PKCE protects its codes.
function app(id, redirectUris) {
  return {
    client_id: id,
    token_endpoint_auth_method: "none",
    scope: FOR_WALLETS,
    grant_types: ["authorization_code", "refresh_token"],
    redirect_uris: redirectUris,
    response_types: ["code"],
  };
}

const clients = [
  server("creditors-superuser", FOR_SUPERUSERS),
  server("creditors-supervisor", FOR_SUPERVISORS),
  server("creditors-agent"),
  app("wallet", settings.wallets),
  app("swagger-ui", [settings.swaggerUi]),
];

function keys() {
  const pairs = {
    rsa: ["rsa", { modulusLength: 2048 }],
    p256: ["ec", { namedCurve: "P-256" }],
    p384: ["ec", { namedCurve: "P-384" }],
    ed25519: ["ed25519"],
  };
  return Object.entries(pairs).map(([kid, parameters]) => {
    return { ...generateKeyPairSync(...parameters).privateKey.export({ format: "jwk" }), kid, use: "sig" };
  });
}

// Whoever has logged in has agreed to what the app asks for.
async function grant(ctx) {
  const { client, session, provider, resourceServers } = ctx.oidc;
  const granted = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  granted.addOIDCScope(client.scope);
  for (const resource of Object.keys(resourceServers)) granted.addResourceScope(resource, client.scope);
  await granted.save();
  return granted;
}

const isAccessToken = (token) => token.kind === "AccessToken" || token.kind === "ClientCredentials";

const provider = new Provider(`http://127.0.0.1:${settings.port}`, {
  clients,
  jwks: { keys: keys() },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  scopes: FOR_SUPERUSERS.split(" "),
  clientDefaults: { id_token_signed_response_alg: "RS256" },
  // Pages of any origin may use the clients that keep no secret; what they get is protected by the redirect URI.
  clientBasedCORS: () => true,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  loadExistingGrant: grant,
  issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
  interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
  // Clients that act in their own name are their own subjects; signed tokens say so by themselves.
  extraTokenClaims: (_, token) => (token.kind === "ClientCredentials" ? { sub: token.clientId } : undefined),
  ttl: { AccessToken: SECONDS_TO_LIVE, ClientCredentials: SECONDS_TO_LIVE, RefreshToken: 86400, Session: 86400, Grant: 86400, Interaction: 600 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: (_, client, token) => client.clientId === "creditors-agent" && isAccessToken(token),
    },
    revocation: { enabled: true, allowedPolicy: (_, client, token) => client.clientId === token.clientId },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => AGENT,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => resourceServer(resource),
    },
  },
});

provider.use(login(provider, settings.password));
provider.listen(settings.port, "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
