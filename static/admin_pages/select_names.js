// The search box inside a field that looks its choices up bears the name of the field.
const nameSearches = () => {
  for (const box of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
    const list = box.getAttribute("aria-controls") || "";
    const select =
      box.closest(".select2-container")?.parentElement?.querySelector("select") ??
      document.getElementById(list.replace(/^select2-/, "").replace(/-results$/, ""));
    const label = select?.labels?.[0]?.textContent.trim();
    if (label) box.setAttribute("aria-label", label);
  }
};
// Such a box is made whenever its field's script gets to it.
new MutationObserver(nameSearches).observe(document.documentElement, { childList: true, subtree: true });
// What is chosen there is told to whatever listens to the field itself.
document.addEventListener("DOMContentLoaded", () => {
  window.django?.jQuery?.(document).on("select2:select select2:clear", (event) => {
    event.target.dispatchEvent(new Event("change", { bubbles: true }));
  });
});
