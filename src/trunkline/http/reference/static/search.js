// The search box: a list of operations whose path, title, chapter or fields have all the words, driven from the keyboard.
import { part, say } from "./page.js";

const area = document.querySelector(".search");
const box = document.getElementById("sought");
const list = document.getElementById("found");
const state = document.getElementById("found-state");
const MOST = 12;
let operations = null;
let current = -1;

// What is looked through is loaded when somebody is about to search.
async function loaded() {
  operations ??= fetch(area.dataset.index, { credentials: "same-origin" }).then((answer) => answer.json());
  return operations;
}

// How well an operation fits: words in its title and path count more than words in its fields; 0 if one is nowhere.
function fitness(operation, words) {
  const title = `${operation.title} ${operation.chapter}`.toLowerCase();
  const path = `${operation.method} ${operation.path}`.toLowerCase();
  const fields = operation.fields.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const found = (title.includes(word) ? 4 : 0) + (path.includes(word) ? 3 : 0) + (fields.includes(word) ? 1 : 0);
    if (!found) return 0;
    sum += found;
  }
  return sum;
}

function option(operation, number) {
  const item = part("li", "");
  item.id = `found-${number}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset.url = operation.url;
  const method = part("span", operation.method, `method ${operation.method.toLowerCase()}`);
  item.append(part("span", operation.title, "title"), part("span", operation.chapter, "kind"), method);
  item.append(part("code", operation.path));
  return item;
}

function close() {
  list.hidden = true;
  current = -1;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}

async function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) { state.textContent = ""; close(); return; }
  const known = await loaded();
  const ranked = known.map((operation) => [fitness(operation, words), operation]).filter(([fits]) => fits);
  ranked.sort(([one], [other]) => other - one);
  close();
  list.replaceChildren(...ranked.slice(0, MOST).map(([, operation], number) => option(operation, number)));
  state.textContent = ranked.length ? "" : say("Nothing found.");
  if (!ranked.length) return;
  list.hidden = false;
  box.setAttribute("aria-expanded", "true");
  select(0);
}

function select(number) {
  const items = [...list.children];
  current = (number + items.length) % items.length;
  items.forEach((item, n) => item.setAttribute("aria-selected", String(n === current)));
  box.setAttribute("aria-activedescendant", items[current].id);
  items[current].scrollIntoView({ block: "nearest" });
}

function go(item) {
  close();
  box.value = "";
  location.assign(item.dataset.url);
}

const KEYS = {
  ArrowDown: () => select(current + 1),
  ArrowUp: () => select(current - 1),
  Enter: () => go(list.children[current]),
  Escape: () => { box.value = ""; close(); },
};

if (area) {
  area.hidden = false;
  box.addEventListener("focus", loaded);
  box.addEventListener("input", search);
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (list.hidden || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  // A press would take the focus from the box, which closes the list before the click.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) go(item);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    box.focus();
  });
}
