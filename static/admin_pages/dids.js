// Offers the number of the chosen provider as the campaign's DID, unless another one was typed.
document.addEventListener("DOMContentLoaded", () => {
  const field = document.getElementById("id_did_numbers");
  const provider = document.getElementById("id_provider");
  if (!field || !provider) return;
  const offers = JSON.parse(field.dataset.offers || "{}");
  provider.addEventListener("change", () => {
    const own = Object.values(offers).includes(field.value.trim()) || !field.value.trim();
    if (own) field.value = offers[provider.value] || "";
  });
});
