// The hours of own days by choice and clock instead of as text; and a holiday made an own day by one click.
document.addEventListener("DOMContentLoaded", () => {
  const before = (until) => { // the end minute is included in the text
    const [hours, minutes] = until.split(":").map(Number);
    const minute = (hours * 60 + minutes + 1439) % 1440;
    return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  };
  const write = (root) => {
    const mode = root.querySelector("[data-mode]").value;
    const text = root.querySelector("[data-text] input");
    root.querySelector("[data-spans]").hidden = mode !== "spans";
    root.querySelector("[data-text]").hidden = mode !== "text";
    if (mode === "closed") text.value = "";
    if (mode === "normal") text.value = "normal";
    if (mode !== "spans") return;
    const spans = [...root.querySelectorAll(".day-span")].map((span) => [
      span.querySelector("[data-from]").value, span.querySelector("[data-until]").value]);
    const typed = spans.filter(([from, until], n) => from || until || !n);
    text.value = typed.map(([from, until]) => `${from}-${until && before(until)}`).join(", ");
  };
  const follow = (event) => {
    const root = event.target.closest("[data-hours]");
    if (root && !event.target.closest("[data-text]")) write(root);
  };
  document.addEventListener("input", follow);
  document.addEventListener("change", follow);

  const blank = () => [...document.querySelectorAll("input[name^='days-'][name$='-date']")]
    .find((input) => !input.name.includes("__prefix__") && !input.value);
  document.addEventListener("click", (event) => {
    const day = event.target.closest("[data-day]");
    if (!day) return;
    if (!blank()) document.querySelector("#days-group .add-row").click();
    const date = blank();
    if (!date) return;
    date.value = day.dataset.day;
    document.querySelector(`[name='${date.name.replace("-date", "-name")}']`).value = day.dataset.name;
    const mode = date.closest(".form-row, tr, .form-group").querySelector("[data-mode]");
    mode.value = "normal";
    write(mode.closest("[data-hours]"));
    mode.scrollIntoView({ block: "center" });
    mode.focus();
  });
});
