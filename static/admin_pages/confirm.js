// Asks in a dialog before an act that says so, and holds the page still meanwhile.
document.addEventListener("DOMContentLoaded", () => {
  const dialog = document.getElementById("confirm");
  if (!dialog) return;
  let answer = null;
  document.body.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    answer = () => event.detail.issueRequest(true);
    document.getElementById("confirm-question").textContent = event.detail.question;
    dialog.querySelector("[data-yes]").textContent = event.target.closest("[data-word]").dataset.word;
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.addEventListener("close", () => { if (dialog.returnValue === "yes" && answer) answer(); });
  // What only the server can ask about comes with its answer.
  document.body.addEventListener("htmx:oobAfterSwap", () => {
    const asked = document.querySelector("[data-ask]:not([open])");
    if (asked) asked.showModal();
  });
  document.body.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (document.querySelector("dialog[open]") && event.target.hasAttribute("data-poll")) event.preventDefault();
  });
});
