// Shows a template as the customer will read it, while the body or a sample is typed.
(() => {
  const start = () => {
    const panel = document.querySelector("[data-preview]");
    if (!panel) return;
    const body = document.getElementById("id_body");
    const code = document.getElementById("id_code");
    const samples = panel.querySelector("[data-samples]");
    const bubble = panel.querySelector("[data-bubble]");
    const line = panel.querySelector("[data-line]");
    const text = () => (body ? body.value : panel.dataset.body || "");
    const inputs = () => [...samples.querySelectorAll("input")];

    const fit = (count) => {
      while (inputs().length > count) samples.lastElementChild.remove();
      for (let number = inputs().length + 1; number <= count; number += 1) {
        const row = document.createElement("div");
        row.className = "sample";
        const label = document.createElement("label");
        label.htmlFor = `sample-${number}`;
        label.textContent = `${panel.dataset.sampleLabel} ${number}`;
        const input = document.createElement("input");
        Object.assign(input, { id: `sample-${number}`, name: "sample", type: "text", autocomplete: "off" });
        input.value = `${panel.dataset.sample}${number}`;
        row.append(label, input);
        samples.append(row);
      }
    };

    const show = () => {
      const numbers = [...text().matchAll(/\{\{(\d+)\}\}/g)].map((match) => Number(match[1]));
      fit(Math.min(Math.max(0, ...numbers), 20));
      const values = inputs().map((input) => input.value);
      bubble.textContent = text().replace(/\{\{(\d+)\}\}/g, (all, n) => values[n - 1] || all);
      if (line && code) line.textContent = ["hsm", code.value, ...values].join(":");
      else if (line) line.textContent = [...line.textContent.split(":").slice(0, 2), ...values].join(":");
    };

    panel.addEventListener("input", show);
    panel.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); show(); });
    if (body) body.addEventListener("input", show);
    if (code) code.addEventListener("input", show);
    show();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
