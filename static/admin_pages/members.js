// The members page: asks again when a campaign is chosen or a search typed, counts what is chosen, keeps Enter at home.
(() => {
  const form = document.getElementById("members");
  if (!form) return;
  const chosen = (name) => form.querySelectorAll(`input[name="${name}"]:checked`).length;
  const count = () => {
    for (const button of form.querySelectorAll("[data-count]")) {
      const n = chosen(button.dataset.count);
      button.textContent = n ? `${button.dataset.word} (${n})` : button.dataset.word;
      button.disabled = n === 0 || chosen("c") === 0;
    }
  };
  let typed;
  const ask = () => htmx.trigger(form, "choose");
  form.addEventListener("change", (event) => {
    const box = event.target;
    if (box.dataset.all) {
      for (const one of form.querySelectorAll(`input[name="${box.dataset.all}"]`)) one.checked = box.checked;
    }
    if (box.name === "c") ask();
    count();
  });
  form.addEventListener("input", (event) => {
    if (event.target.type !== "search") return;
    clearTimeout(typed);
    typed = setTimeout(ask, 250);
  });
  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || field.tagName !== "INPUT") return;
    event.preventDefault();
    if (field.type === "search") { clearTimeout(typed); ask(); }
    if (field.dataset.penalty !== undefined) { field.blur(); field.focus(); }
  });
  // What is chosen or typed while an answer is on its way is not in it, and stays.
  const since = new Map(); // its fields, by their id
  form.addEventListener("input", ({ target }) => {
    if (target.dataset.all) for (const one of form.querySelectorAll(`input[name="${target.dataset.all}"]`)) since.set(one.id, one);
    if (target.id) since.set(target.id, target);
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt } = event.detail;
    if (elt === form || elt.dataset.count) since.clear();
  });
  document.body.addEventListener("htmx:oobAfterSwap", () => {
    for (const [id, { checked, value }] of since) {
      const field = document.getElementById(id);
      if (field) Object.assign(field, { checked, value });
    }
  });
  // A value that was turned away stays typed, and is marked.
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (!event.target.id.startsWith("said-")) return;
    const field = document.getElementById(event.target.id.replace("said-", "penalty-"));
    field.setAttribute("aria-invalid", event.target.querySelector(".members-wrong") ? "true" : "false");
  });
  document.body.addEventListener("htmx:afterRequest", count);
  document.body.addEventListener("htmx:oobAfterSwap", count);
  count();
})();
