// Looks again for figures that are still being counted.
"use strict";

const EVERY = 1000;

async function look(left) {
  const main = document.getElementById("main");
  if (!main.querySelector("[data-again]") || !left) return;
  await new Promise((done) => setTimeout(done, EVERY));
  const answer = await fetch(location.href).catch(() => null);
  if (answer && answer.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    main.replaceChildren(...page.getElementById("main").childNodes);
  }
  await look(left - 1);
}

look(300);
