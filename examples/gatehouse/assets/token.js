// Asks for a token, takes it apart and calls with it. The token is in the variable `held` and on the page, and nowhere else: no
// storage, no URL, no cookie. When the page goes, it goes.
let held = null;

const ask = document.getElementById("ask");
const refusal = document.getElementById("refusal");
const countdown = document.getElementById("countdown");
const answers = document.getElementById("answers");

// What the claims that this shop writes are about; RFC 7519 §4.1 and RFC 9068 have most of them.
const MEANINGS = {
  iss: "Who issued it. Sessions here name the same issuer, so that both mean the same person.",
  sub: "Whom it is about.",
  aud: "Whom it is for. Anybody else must refuse it.",
  iat: "When it was issued. A logout everywhere refuses all that were issued until then.",
  exp: "When it ends.",
  jti: "Its own name, by which it can be revoked.",
  scope: "What it is good for. Without a scope it says who you are and no more.",
  auth_time: "When the password was checked.",
  amr: "How: pwd is a password.",
  roles: "What the user may act as.",
};

function element(name, content, className) {
  const made = document.createElement(name);
  if (content !== undefined) made.textContent = content;
  if (className) made.className = className;
  return made;
}

function bytesOf(part) {
  const text = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

const textOf = (bytes) => new TextDecoder().decode(bytes);
const hexOf = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
// Lists of words stay on their line.
const pretty = (json) => JSON.stringify(json, null, 2).replace(/\[\s*("[^"]*")\s*\]/g, "[$1]");

function partsOfJwt(token) {
  const [header, payload, signature] = token.split(".");
  const claims = JSON.parse(textOf(bytesOf(payload)));
  return {
    claims,
    parts: [
      { kind: "header", name: "Header", text: header, says: pretty(JSON.parse(textOf(bytesOf(header)))) },
      { kind: "payload", name: "Payload", text: payload, says: pretty(claims) },
      { kind: "signature", name: "Signature", text: signature, says: `${bytesOf(signature).length} bytes: ${hexOf(bytesOf(signature))}` },
    ],
  };
}

// In v4.public the payload ends with the signature, 64 bytes of Ed25519.
function partsOfPaseto(token) {
  const [version, purpose, payload, footer] = token.split(".");
  const bytes = bytesOf(payload);
  const claims = JSON.parse(textOf(bytes.slice(0, -64)));
  const parts = [
    { kind: "version", name: "Version", text: version, says: "Says all about the algorithms: there is nothing to choose, and so nothing to confuse." },
    { kind: "header", name: "Purpose", text: purpose, says: "Signed, and readable by everybody. The other purpose is local, which is encrypted." },
    { kind: "payload", name: "Payload and signature", text: payload, says: `${pretty(claims)}\n\nand the last 64 bytes: ${hexOf(bytes.slice(-64))}` },
  ];
  if (footer) parts.push({ kind: "signature", name: "Footer", text: footer, says: textOf(bytesOf(footer)) });
  return { claims, parts };
}

function showParts(parts) {
  const whole = parts.flatMap(({ kind, text }, at) => [...(at ? [element("span", ".")] : []), element("span", text, kind)]);
  document.getElementById("whole").replaceChildren(...whole);
  document.getElementById("parts").replaceChildren(...parts.flatMap(({ kind, name, says }) => {
    const said = element("dd");
    said.append(element("pre", says));
    return [element("dt", name, kind), said];
  }));
}

function inWords(name, value) {
  const isTime = ["iat", "exp", "nbf", "auth_time"].includes(name);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (!isTime) return text;
  const date = new Date(typeof value === "number" ? value * 1000 : value);
  return `${text} (${date.toLocaleTimeString()})`;
}

function showClaims(claims) {
  document.getElementById("claims").replaceChildren(...Object.entries(claims).map(([name, value]) => {
    const row = element("tr");
    const head = element("th");
    head.scope = "row";
    head.append(element("code", name));
    const cell = element("td");
    cell.append(element("code", inWords(name, value)));
    row.append(head, cell, element("td", MEANINGS[name] ?? "", "muted"));
    return row;
  }));
}

// What the server said is left, counted by this machine's clock, however wrong that is.
function tick() {
  if (!held) return;
  const left = Math.ceil((held.endsAt - performance.now()) / 1000);
  const minutes = Math.floor(left / 60);
  countdown.textContent = left <= 0 ? "over" : minutes > 0 ? `${minutes} min ${left % 60} s` : `${left} s`;
  countdown.classList.toggle("soon", left < 60);
}

function refuse(text) {
  refusal.textContent = text;
  refusal.hidden = false;
}

async function get(form) {
  const wanted = Object.fromEntries(["username", "password", "format"].map((name) => [name, form.get(name)]));
  const scope = form.getAll("scope").join(" ");
  const response = await fetch("/login/token", {
    method: "POST",
    credentials: "omit",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(scope ? { ...wanted, scope } : wanted),
  });
  const told = await response.json();
  if (!response.ok) {
    refuse(`${response.status} ${told.error}: ${told.error_description}`);
    return;
  }
  held = { token: told.access_token, endsAt: performance.now() + told.expires_in * 1000 };
  const { parts, claims } = wanted.format === "jwt" ? partsOfJwt(held.token) : partsOfPaseto(held.token);
  showParts(parts);
  showClaims(claims);
  tick();
  answers.replaceChildren();
  document.getElementById("held").hidden = false;
  document.getElementById("left").hidden = false;
  document.getElementById("apart-title").focus();
}

// What the answer means, where it does not say so itself.
function comment(status, fields) {
  const challenge = fields.get("www-authenticate") ?? "";
  if (status === 204) return "Done. The next call shows what became of the token.";
  if (challenge.includes("insufficient_scope")) return "It is you, but the token is not good for this: ask for one with that scope.";
  if (challenge.includes("invalid_token")) return "Refused. What was wrong is not said, as it would help a forger; the server's log has it, with RUST_LOG=debug.";
  if (status === 503) return "The store is out, so nobody can tell whether the token was revoked.";
  return "";
}

async function call({ method, path }) {
  const response = await fetch(path, {
    method,
    credentials: "omit",
    cache: "no-store",
    headers: { authorization: `Bearer ${held.token}` },
  });
  const body = await response.text();
  const fields = ["x-credential", "x-rejection", "www-authenticate"].filter((name) => response.headers.has(name));
  const isJson = response.headers.get("content-type")?.includes("json");
  const answer = element("li");
  answer.dataset.status = response.status;
  answer.append(element("strong", `${method} ${path}: ${response.status}`));
  const shown = [...fields.map((name) => `${name}: ${response.headers.get(name)}`), ...(isJson ? [pretty(JSON.parse(body))] : [])];
  if (shown.length) answer.append(element("pre", shown.join("\n")));
  const said = comment(response.status, response.headers);
  if (said) answer.append(element("p", said, "muted"));
  answers.prepend(answer);
}

ask.addEventListener("submit", async (event) => {
  event.preventDefault();
  refusal.hidden = true;
  try {
    await get(new FormData(ask));
  } catch (error) {
    refuse(`There was no answer: ${error.message}`);
  }
});
for (const button of document.querySelectorAll("button[data-path]")) {
  button.addEventListener("click", async () => {
    try {
      await call(button.dataset);
    } catch (error) {
      answers.prepend(element("li", `There was no answer: ${error.message}`));
    }
  });
}
setInterval(tick, 250);
