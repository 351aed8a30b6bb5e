// The page on which creditors log in.

import { createHash, timingSafeEqual } from "node:crypto";

const CREDITOR = /^creditors:[0-9]{1,20}$/;

const escape = (text) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

function page(client, action, name, complaint) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Log in</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 22rem; margin: 4rem auto; padding: 0 1rem }
  label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit }
  input, button { margin: 0 0 1rem; padding: .5rem }
  [role=alert] { color: #a00 }
</style>
<h1>Log in</h1>
<p><b>${escape(client)}</b> wants to read and change what is yours.</p>
<p role="alert">${escape(complaint)}</p>
<form method="post" action="${escape(action)}">
  <label for="name">Creditor (creditors:123)</label>
  <input id="name" name="name" value="${escape(name)}" autocomplete="username" required autofocus>
  <label for="password">Password</label>
  <input id="password" name="password" type="password" autocomplete="current-password" required>
  <button>Log in</button>
</form>
</html>
`;
}

async function form(request) {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 10_000) return new URLSearchParams();
  }
  return new URLSearchParams(text);
}

const digest = (text) => createHash("sha256").update(text).digest();

// The middleware that serves the page. Every creditor has the same password.
export function login(provider, password) {
  return async (ctx, next) => {
    if (!ctx.path.startsWith("/login/")) return next();
    // Fails, and so with 400, if the browser is not the one that was sent here.
    const { params } = await provider.interactionDetails(ctx.req, ctx.res);
    const given = ctx.method === "POST" ? await form(ctx.req) : new URLSearchParams();
    const name = given.get("name") ?? "";
    const isRight = timingSafeEqual(digest(given.get("password") ?? ""), digest(password));
    if (ctx.method === "POST" && CREDITOR.test(name) && isRight) {
      ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, { login: { accountId: name } }));
      return;
    }
    ctx.type = "html";
    ctx.set("Cache-Control", "no-store");
    ctx.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    ctx.body = page(params.client_id, ctx.path, name, ctx.method === "POST" ? "There is no such creditor with this password." : "");
  };
}
