// Shows a template as the customer will read it, while a part of it or a sample is typed.
(() => {
  const start = () => {
    const panel = document.querySelector("[data-preview]");
    if (!panel) return;
    const field = (name) => document.getElementById(`id_${name}`);
    const [body, code, header, footer, buttons] = ["body", "code", "header", "footer", "button_lines"].map(field);
    const samples = panel.querySelector("[data-samples]");
    const bubble = panel.querySelector("[data-bubble]");
    const text = bubble.querySelector("[data-text]");
    const line = panel.querySelector("[data-line]");
    const source = () => (body ? body.value : panel.dataset.body || "");
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

    // A part of the bubble that is there only while it holds something.
    const part = (input, className, tag, fill) => {
      if (!input) return;
      let element = bubble.querySelector(`.${className}`);
      if (!input.value.trim()) { element?.remove(); return; }
      if (!element) {
        element = document.createElement(tag);
        element.className = className;
        if (className === "bubble-header") text.before(element);
        else if (className === "bubble-footer") text.after(element);
        else bubble.append(element);
      }
      fill(element, input.value);
    };
    const asText = (element, value) => { element.textContent = value; };
    const asList = (element, value) => element.replaceChildren(...value.split("\n").filter((one) => one.trim()).map((one) => {
      const item = document.createElement("li");
      item.textContent = one.trim();
      return item;
    }));

    const show = () => {
      const numbers = [...source().matchAll(/\{\{(\d+)\}\}/g)].map((match) => Number(match[1]));
      fit(Math.min(Math.max(0, ...numbers), 20));
      const values = inputs().map((input) => input.value);
      window.whatsapp.write(text, window.whatsapp.filled(source(), values));
      part(header, "bubble-header", "p", asText);
      part(footer, "bubble-footer", "p", asText);
      part(buttons, "bubble-buttons", "ul", asList);
      if (line && code) line.textContent = ["hsm", code.value, ...values].join(":");
      else if (line) line.textContent = [...line.textContent.split(":").slice(0, 2), ...values].join(":");
    };

    panel.addEventListener("input", show);
    panel.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); show(); });
    for (const input of [body, code, header, footer, buttons]) input?.addEventListener("input", show);
    show();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
