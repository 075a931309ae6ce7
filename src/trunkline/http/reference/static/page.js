// What the page can do without: copying commands, closing the menu on a phone, keeping the place in links to the same page.
const menu = document.getElementById("menu");

// What is said in the language of the page, by the English text.
export function say(english) {
  return document.querySelector(`#words data[value="${CSS.escape(english)}"]`)?.textContent ?? english;
}

// An element with a text.
export function part(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

async function copy(button) {
  const text = button.parentElement.querySelector("pre").textContent;
  await navigator.clipboard.writeText(text);
  const usual = button.textContent;
  button.textContent = say("Copied");
  setTimeout(() => { button.textContent = usual; }, 1500);
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

menu.addEventListener("click", (event) => {
  if (event.target.closest("a") && menu.matches(":popover-open")) menu.hidePopover();
});

// Another version, and another language, is opened at the operation that is read now.
for (const link of document.querySelectorAll(".versions a, .languages a")) {
  link.addEventListener("click", () => { link.hash = location.hash; });
}

// The contents are where short addresses of operations lead to; the operation itself is one step further.
const listed = location.hash && document.querySelector(`.contents li[id="${CSS.escape(location.hash.slice(1))}"] > a`);
if (listed) location.replace(listed.href);

// Who reads one example in Python reads the others in Python, too.
const LANGUAGE = "trunkline.example";
const samples = [...document.querySelectorAll("details.sample")];
const named = (sample) => sample.firstElementChild.textContent;

function preferred() {
  const language = localStorage.getItem(LANGUAGE);
  for (const sample of samples) if (named(sample) === language) sample.open = true;
}

for (const sample of samples) {
  sample.firstElementChild.addEventListener("click", () => {
    if (!sample.open) localStorage.setItem(LANGUAGE, named(sample));
  });
}
preferred();
