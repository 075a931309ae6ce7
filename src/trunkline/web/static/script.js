// What the pages can do without: keys, menus that close, and copying.
"use strict";

const editable = (at) => at.closest("input, select, textarea, [contenteditable]") !== null;

function move(step) {
  const links = [...document.querySelectorAll("[data-row] a:first-of-type")];
  const at = links.findIndex((link) => link.closest("[data-row]").contains(document.activeElement));
  const next = links[Math.max(0, Math.min(links.length - 1, at + step))];
  if (next) next.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll(".menu[open]")) menu.open = false;
    return;
  }
  if (editable(event.target)) return;
  if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
  const keyed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!keyed) return;
  event.preventDefault();
  if (keyed.matches("a")) keyed.click(); else keyed.focus();
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = button.closest("[data-text]").querySelector("pre").textContent;
      await navigator.clipboard.writeText(text);
      button.firstChild.textContent = "Copied";
      setTimeout(() => { button.firstChild.textContent = "Copy"; }, 1500);
    });
  }
}
