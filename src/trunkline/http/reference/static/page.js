// What the page can do without: copying commands, finding an operation by its words, closing the menu on a phone.
"use strict";

const menu = document.getElementById("menu");

async function copy(button) {
  const text = button.parentElement.querySelector("pre").textContent;
  await navigator.clipboard.writeText(text);
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

const sought = document.createElement("input");
sought.type = "search";
sought.placeholder = "Find an operation";
sought.setAttribute("aria-label", "Find an operation");
sought.addEventListener("input", () => {
  const words = sought.value.toLowerCase().split(/\s+/);
  for (const item of menu.querySelectorAll("li")) {
    const text = `${item.textContent} ${item.firstElementChild.title}`.toLowerCase();
    item.hidden = !words.every((word) => text.includes(word));
  }
});
menu.prepend(sought);

menu.addEventListener("click", (event) => {
  if (event.target.closest("a") && menu.matches(":popover-open")) menu.hidePopover();
});

// Another version is opened at the operation that is read now.
for (const link of document.querySelectorAll(".versions a")) {
  link.addEventListener("click", () => { link.hash = location.hash; });
}
