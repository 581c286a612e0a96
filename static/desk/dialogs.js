// The dialogs that are asked for: shown when they arrive, searched, walked by arrow keys; focus goes back afterwards.
"use strict";
(() => {
  const asked = document.getElementById("dialog");
  const body = document.getElementById("dialog-body");

  const choose = (form, name) => {
    form.dataset.panels = name;
    for (const tab of form.querySelectorAll("[data-panel]")) {
      tab.setAttribute("aria-selected", tab.dataset.panel === name);
      tab.tabIndex = tab.dataset.panel === name ? 0 : -1;
    }
  };

  const begin = () => {
    const form = body.querySelector("[data-panels]");
    if (form) choose(form, form.dataset.panels);
    document.querySelector("dialog[open]:not(#dialog)")?.close();
    if (!asked.open) asked.showModal();
    const wanted = ["[aria-invalid=true]", "[autofocus]", ".choice input:checked", ".choice input:enabled"];
    const first = wanted.flatMap((selector) => [...body.querySelectorAll(selector)]).find((one) => one.checkVisibility());
    first?.focus();
  };

  // What does not hold all the words is hidden, and so are headings with nothing below them.
  const filter = (field) => {
    const words = field.value.toLowerCase().split(/\s+/);
    const list = field.parentElement.querySelector(".choices");
    for (const choice of list.querySelectorAll(".choice")) {
      const text = choice.textContent.toLowerCase();
      choice.hidden = !words.every((word) => text.includes(word));
    }
    for (const heading of list.querySelectorAll(".above")) {
      let next = heading.nextElementSibling;
      while (next?.matches(".choice") && next.hidden) next = next.nextElementSibling;
      heading.hidden = !next?.matches(".choice");
    }
  };

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === body) begin();
  });
  body.addEventListener("input", (event) => {
    if (event.target.matches("[data-filter]")) filter(event.target);
  });
  body.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-panel]");
    if (tab) choose(tab.form, tab.dataset.panel);
  });
  body.addEventListener("keydown", (event) => {
    const tab = event.target.closest("[data-panel]");
    if (tab && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      const other = [...tab.form.querySelectorAll("[data-panel]")].find((one) => one !== tab);
      choose(tab.form, other.dataset.panel);
      other.focus();
    } else if (event.target.matches("[data-filter]") && (event.key === "ArrowDown" || event.key === "Enter")) {
      event.preventDefault();
      const inputs = [...event.target.parentElement.querySelectorAll(".choice input:enabled")];
      const first = inputs.find((input) => input.checkVisibility());
      if (first) first.checked = true;
      first?.focus();
    }
  });
  asked.addEventListener("close", () => {
    body.replaceChildren();
    const message = document.getElementById("message");
    if (document.activeElement === document.body && message?.checkVisibility()) message.focus();
  });

  const search = document.getElementById("search");
  search.addEventListener("keydown", (event) => {
    const all = [...search.querySelectorAll("#search-for, #found a, #found button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = all[all.indexOf(document.activeElement) + step];
    if (event.key === "Escape") {
      event.preventDefault(); // else it only empties the field
      search.close();
    } else if (next) {
      event.preventDefault();
      next.focus();
    } else if (event.key === "Enter" && event.target.id === "search-for") {
      event.preventDefault();
      all[1]?.click();
    }
  });
})();
