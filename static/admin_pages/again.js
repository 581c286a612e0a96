// Says how many rows the chosen outcomes are, also in a form that came later.
(() => {
  const say = (form) => {
    const sum = form.querySelector("[data-sum]");
    if (!sum) return;
    let n = 0;
    for (const box of form.querySelectorAll("[data-n]:checked")) n += Number(box.dataset.n);
    sum.textContent = n ? ` (${n.toLocaleString(document.documentElement.lang || undefined)})` : "";
    sum.closest("button").disabled = !n;
  };
  const all = () => document.querySelectorAll("[data-again]").forEach(say);
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-again]");
    if (form) say(form);
  });
  document.addEventListener("htmx:load", all);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all);
  else all();
})();
