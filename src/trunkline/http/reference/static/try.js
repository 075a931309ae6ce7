// "Try it": sends the request of a form with the reader's token, which is kept in this tab alone, and shows the answer.
import { part, say } from "./page.js";

const TOKEN = "trunkline.token";
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const LONGEST = 200000;
const token = document.getElementById("token");

function inputs(form, place) {
  return [...form.querySelectorAll(`[data-place="${place}"]`)];
}

// The parts of a form that have something in them.
function given(form, place) {
  return inputs(form, place).filter((input) => input.value !== "");
}

function address(form) {
  let path = form.dataset.path;
  for (const input of inputs(form, "path")) {
    path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
  }
  const query = new URLSearchParams(given(form, "query").map((input) => [input.name, input.value]));
  return query.size ? `${path}?${query}` : path;
}

function headers(form) {
  const sent = new Headers(given(form, "header").map((input) => [input.name, input.value]));
  if ("token" in form.dataset) sent.set("Authorization", `Bearer ${token.value.trim()}`);
  if (form.dataset.media === "json") sent.set("Content-Type", "application/json");
  return sent;
}

function body(form) {
  if (form.dataset.media === "json") return inputs(form, "body")[0].value;
  const fields = given(form, "form").map((input) => [input.name, input.value]);
  if (form.dataset.media === "form") return new URLSearchParams(fields);
  if (form.dataset.media !== "multipart") return undefined;
  const whole = new FormData();
  for (const [name, value] of fields) whole.append(name, value);
  for (const file of given(form, "file")) whole.append("files", new Blob([file.value], { type: "text/csv" }), file.name);
  return whole;
}

// The first variable of a shell that is still in the form: the reader has to put something in its place.
function missing(form) {
  for (const input of form.querySelectorAll("[data-place]")) {
    const found = input.value.match(/\$[A-Z_]{2,}/);
    if (found) return [input, found[0]];
  }
  if ("token" in form.dataset && !token.value.trim()) return [token, token.labels[0].textContent];
  return null;
}

function readable(text, type) {
  if (!type.includes("json") || text.length > LONGEST) return text.slice(0, LONGEST);
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

function shown(answer, text, milliseconds) {
  const line = part("p", "");
  line.append(part("strong", String(answer.status)), ` ${answer.statusText} · ${Math.round(milliseconds)} ms`);
  const all = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const head = part("details", "");
  const lines = part("pre", all);
  lines.tabIndex = 0;
  head.append(part("summary", say("Headers")), lines);
  const parts = [line, head];
  if (text) {
    const whole = part("pre", readable(text, answer.headers.get("content-type") ?? ""));
    whole.tabIndex = 0;
    parts.push(whole);
  }
  return parts;
}

async function send(form) {
  const reply = form.querySelector(".reply");
  const lacking = missing(form);
  if (lacking) {
    reply.replaceChildren(part("p", say("Fill in {name} first.").replace("{name}", lacking[1]), "warning"));
    lacking[0].focus();
    return;
  }
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  reply.replaceChildren(part("p", say("Sending…")));
  const start = performance.now();
  try {
    const answer = await fetch(address(form), {
      method: form.dataset.method, headers: headers(form), body: body(form), credentials: "omit", redirect: "manual",
    });
    const text = await answer.text();
    reply.replaceChildren(...shown(answer, text, performance.now() - start));
  } catch {
    reply.replaceChildren(part("p", say("No answer came."), "warning"));
  }
  button.disabled = false;
}

// Puts an example's parts where they belong, and empties what it has nothing for.
function fill(form, example) {
  const places = { path: "path", query: "query", header: "headers", form: "form", file: "files" };
  for (const [place, name] of Object.entries(places)) {
    for (const input of inputs(form, place)) input.value = example[name]?.[input.name] ?? "";
  }
  for (const input of inputs(form, "body")) input.value = example.body ?? "{}";
}

function offerReady() {
  const ready = document.querySelector(".ready");
  ready.hidden = !LOOPBACK.test(location.hostname);
  ready.addEventListener("click", () => { keep(ready.dataset.token); });
}

function keep(value) {
  token.value = value;
  sessionStorage.setItem(TOKEN, value);
}

if (token) {
  token.closest(".token").hidden = false;
  token.value = sessionStorage.getItem(TOKEN) ?? "";
  token.addEventListener("input", () => keep(token.value));
  offerReady();
  for (const details of document.querySelectorAll(".try")) {
    const form = details.querySelector("form");
    details.hidden = false;
    form.addEventListener("submit", (event) => { event.preventDefault(); send(form); });
    form.querySelector(".example")?.addEventListener("change", (event) => {
      fill(form, JSON.parse(event.target.selectedOptions[0].dataset.example));
    });
  }
}
