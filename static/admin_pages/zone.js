// Finds a time zone by a part of its name, in any case and accent, and says what time it is there.
document.addEventListener("DOMContentLoaded", () => {
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[_/·\s]+/g, " ").trim();

  const make = (root) => {
    const find = root.querySelector("[data-find]");
    const select = root.querySelector("select");
    const clock = root.querySelector("[data-clock]");
    const all = [...select.children].map((one) => one.cloneNode(true));
    const tell = () => {
      if (!select.value) return;
      const time = new Intl.DateTimeFormat(document.documentElement.lang || undefined,
        { timeStyle: "short", timeZone: select.value }).format(new Date());
      clock.textContent = root.dataset.now.replace("{time}", time);
    };
    const matching = (wanted) => all.map((one) => {
      const copy = one.cloneNode(true);
      const options = copy.matches("option") ? [copy] : [...copy.children];
      for (const option of options) {
        if (!plain(`${option.value} ${option.textContent}`).includes(wanted)) option.remove();
      }
      const fits = copy.matches("option") ? plain(`${copy.value} ${copy.textContent}`).includes(wanted) : copy.children.length;
      return fits ? copy : null;
    }).filter(Boolean);

    find.addEventListener("input", () => {
      const before = select.value;
      const found = matching(plain(find.value));
      if (!found.length) {
        clock.textContent = root.dataset.none;
        return;
      }
      select.replaceChildren(...found);
      const values = [...select.options].map((option) => option.value);
      select.value = values.includes(before) ? before : values[0];
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });
    find.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      select.focus();
    });
    find.addEventListener("blur", () => {
      const chosen = select.value;
      select.replaceChildren(...all.map((one) => one.cloneNode(true)));
      select.value = chosen;
    });
    select.addEventListener("change", tell);
    tell();
  };

  document.querySelectorAll("[data-zone]").forEach(make);
});
