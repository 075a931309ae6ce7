// The page of the traffic follows what arrives. Without this a reload shows what is new.
"use strict";

const EACH = 1000;
const list = document.querySelector("#traffic");
const live = document.querySelector("#live");
const pause = document.querySelector("#pause");
const none = document.querySelector("#none");
const process = document.querySelector("#process");
const most = list ? Number(list.dataset.most) : 0;
let paused = false;

function say(text) {
  if (live.textContent !== text) live.textContent = text;
}

function take(news) {
  const rows = [...news.children];
  if ("anew" in news.dataset) list.replaceChildren(...rows);
  else list.prepend(...rows);
  while (list.children.length > most) list.lastElementChild.remove();
  if (process) process.textContent = news.dataset.process;
  none.hidden = list.children.length > 0;
}

async function look() {
  const newest = list.querySelector("[data-id]");
  const address = new URL(list.dataset.news, location.href);
  if (newest) address.searchParams.set("after", newest.dataset.id);
  const answer = await fetch(address);
  // Whoever is not signed in any more is led to the page for that.
  if (answer.redirected) return location.reload();
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const news = page.querySelector("ul");
  if (!paused && (news.children.length || "anew" in news.dataset)) take(news);
}

async function follow() {
  if (!paused && !document.hidden) {
    try {
      await look();
      if (!paused) say("Live: requests appear as they arrive.");
    } catch {
      say("The server does not answer. Trying again.");
    }
  }
  setTimeout(follow, EACH);
}

if (list && live.dataset.kept !== undefined) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    say(paused ? "Paused." : "Live: requests appear as they arrive.");
  });
  follow();
}
