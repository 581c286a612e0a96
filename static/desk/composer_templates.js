// The template picker: searched by code and words, a parameter filled by a click, the bubble as it will look.
"use strict";
(() => {
  const pick = document.getElementById("pick");
  const choice = document.getElementById("template");
  if (!choice) return;
  const search = document.getElementById("template-search");
  const none = document.getElementById("no-template");
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const all = [...choice.options].map((option) => ({ option, words: fold(`${option.text} ${option.dataset.words}`) }));

  const narrow = () => {
    const wanted = fold(search.value).split(/\s+/);
    const chosen = choice.value;
    const found = all.filter((one) => wanted.every((word) => one.words.includes(word)));
    choice.replaceChildren(...found.map((one) => one.option));
    choice.value = chosen;
    none.hidden = found.length > 0;
  };
  const preview = () => {
    const shown = document.getElementById("preview");
    if (!shown) return;
    const values = [...pick.querySelectorAll("[name=parameter]")].map((input) => input.value);
    const { filled, write } = window.whatsapp;
    write(shown.querySelector("[data-text]"), filled(shown.dataset.body, values));
  };

  search.addEventListener("input", narrow);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "Enter") return;
    event.preventDefault();
    if (!choice.options.length) return;
    choice.focus();
    if (choice.selectedIndex < 0) choice.selectedIndex = 0;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  });
  pick.addEventListener("desk:written", narrow);
  pick.addEventListener("input", preview);
  pick.addEventListener("click", (event) => {
    const offer = event.target.closest("[data-fill]");
    if (!offer) return;
    const field = document.getElementById(offer.dataset.fill);
    field.value = offer.dataset.value;
    field.focus();
    preview();
  });
})();
