// Puts the number of a newly chosen provider where nothing else was typed, and an offered one behind what was.
document.addEventListener("DOMContentLoaded", () => {
  const field = document.getElementById("id_did_numbers");
  const provider = document.getElementById("id_provider");
  if (!field || !provider) return;
  let offered = field.dataset.offered || "";
  let asked = false;
  provider.addEventListener("change", () => {
    if (field.value.trim() !== offered) return;
    field.value = "";
    asked = true;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const offer = asked && event.target.querySelector("[data-offer]");
    asked = false;
    if (!offer || field.value.trim()) return;
    offered = offer.dataset.offer;
    field.value = offered;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("click", (event) => {
    const offer = event.target.closest("[data-offer]");
    if (!offer) return;
    field.value = [field.value.trim().replace(/[,;]+$/, ""), offer.dataset.offer].filter(Boolean).join(", ");
    field.focus();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
});
