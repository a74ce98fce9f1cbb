// Tries what each button says and writes down what this page was allowed to see of it. The outcomes:
// nothing: not tried, or not done yet; blocked: the browser refused, or there was no answer; blind: something was sent, and the
// answer is hidden from this page; read: this page has read it.
const { shop } = document.body.dataset;

function report(id, outcome, text) {
  const line = document.getElementById(`result-${id}`);
  line.dataset.outcome = outcome;
  line.textContent = text;
}

// What a script of another origin is told when it reaches for a window's document.
function peek(view) {
  try {
    return { read: view.document.body.innerText };
  } catch (error) {
    return { refusal: error.name };
  }
}

function attackInFrame(id, form) {
  const frame = document.createElement("iframe");
  frame.name = `frame-${id}-${performance.now()}`;
  const { textContent: name } = form.closest("li").querySelector("h3");
  frame.title = `What the shop answered to “${name}”, if it lets itself be framed`;
  const place = document.getElementById(`place-${id}`);
  place.replaceChildren(frame);
  // Not that of the empty document it begins with.
  frame.addEventListener("load", () => {
    const { read, refusal } = peek(frame.contentWindow);
    if (refusal) {
      report(id, "blind", `Sent. Something loaded in the frame, and looking into it is refused (${refusal}): this page cannot `
        + "tell a success from an error.");
    } else {
      report(id, "read", `Sent, and the frame can be read: ${read}`);
    }
  });
  report(id, "nothing", "Sending …");
  form.target = frame.name;
  form.submit();
}

function attackInTab(id, form) {
  const name = `tab-${id}-${performance.now()}`;
  const tab = window.open("about:blank", name);
  if (!tab) {
    report(id, "blocked", "The browser opened no tab: allow pop-ups for this page.");
    return;
  }
  report(id, "nothing", "Sending …");
  form.target = name;
  form.submit();
  const began = performance.now();
  const timer = setInterval(() => {
    const { refusal } = peek(tab);
    const late = performance.now() - began > 10_000;
    if (!refusal && !tab.closed && !late) return;
    clearInterval(timer);
    if (tab.closed) {
      report(id, "blind", "The tab was closed before this page could tell whether anything was sent.");
    } else if (refusal) {
      report(id, "blind", "Sent. The tab shows you what the shop answered, and looking into it is refused to this page "
        + `(${refusal}).`);
    } else {
      report(id, "blocked", "The tab is still empty: nothing was answered within ten seconds.");
    }
  }, 100);
}

async function attackByFetch(id, { path, method, mode, bearer }) {
  const options = { method, mode, credentials: "include", cache: "no-store" };
  if (bearer) options.headers = { authorization: `Bearer ${bearer}` };
  report(id, "nothing", "Sending …");
  try {
    const response = await fetch(shop + path, options);
    const body = await response.text();
    const seen = `type ${response.type}, status ${response.status}, ${[...response.headers].length} header fields, `
      + `${body.length} characters`;
    if (response.type === "opaque") {
      report(id, "blind", `Sent. All that can be seen of the answer: ${seen}.`);
    } else {
      report(id, "read", `The answer can be read (${seen}): ${body}`);
    }
  } catch (error) {
    report(id, "blocked", `Nothing to read: ${error.name}: ${error.message}.`);
  }
}

// A failure proves nothing if the shop cannot be reached from here at all.
async function isThere() {
  try {
    await fetch(`${shop}/healthz`, { mode: "no-cors", credentials: "omit", cache: "no-store" });
    report("reach", "blind", "The shop can be reached from this page, so what fails below was refused, by it or by the browser.");
  } catch (error) {
    report("reach", "blocked", `The shop cannot be reached from this page (${error.message}), so what fails below shows nothing. If `
      + "it has a certificate of its own making, open it once and accept that.");
  }
}

function whereWeAre() {
  const theirs = new URL(shop);
  if (location.protocol !== theirs.protocol) {
    return "Another scheme than the shop's: another site, whatever the host. The browser keeps its SameSite=Lax cookies back.";
  }
  if (location.hostname === theirs.hostname) {
    return "The shop's own host on another port: another origin, but the same site. SameSite does not stop anything here: the "
      + "browser adds the cookies. What changes something is refused by the shop, which asks where a request comes from (403).";
  }
  return "Another host than the shop's, and another site unless both are under one registered domain. From another site the browser "
    + "keeps SameSite=Lax cookies back with forms and fetches, and without them the shop begins nothing that another site asks for.";
}

document.getElementById("here").textContent = location.origin;
document.getElementById("relation").textContent = whereWeAre();
for (const button of document.querySelectorAll("button[data-how]")) {
  const { how, id } = { ...button.dataset, id: button.closest("li").dataset.id };
  const form = document.getElementById(id);
  button.addEventListener("click", () => {
    if (how === "frame") attackInFrame(id, form);
    if (how === "tab") attackInTab(id, form);
    if (how === "fetch") attackByFetch(id, button.dataset);
  });
}
isThere();
