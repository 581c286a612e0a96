// Says how many rows the chosen outcomes are.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("[data-again]");
  const sum = form && form.querySelector("[data-sum]");
  if (!sum) return;
  const button = sum.closest("button");
  const say = () => {
    let n = 0;
    for (const box of form.querySelectorAll("[data-n]:checked")) n += Number(box.dataset.n);
    sum.textContent = n ? ` (${n.toLocaleString(document.documentElement.lang || undefined)})` : "";
    button.disabled = !n;
  };
  form.addEventListener("change", say);
  say();
});
