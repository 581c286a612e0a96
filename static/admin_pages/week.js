// Paints a week by mouse, finger or keyboard (arrows, space, shift to draw on) into the text form beside it.
document.addEventListener("DOMContentLoaded", () => {
  const STEP = 30;
  const SLOTS = weekText.DAY / STEP;
  const upright = window.matchMedia("(max-width: 760px)");
  const dayName = (day, width) => new Intl.DateTimeFormat(document.documentElement.lang || undefined,
    { weekday: width, timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + day)));

  const make = (root) => {
    const area = root.querySelector("textarea");
    const grid = root.querySelector("[data-grid]");
    const fold = root.querySelector("details");
    const words = root.dataset;
    const cells = [];
    let open = null;
    let stroke = null; // what is being painted: { from, to, on, before }

    const state = (day, slot) => {
      const start = day * weekText.DAY + slot * STEP;
      const minutes = open.subarray(start, start + STEP).reduce((sum, one) => sum + one, 0);
      return minutes === STEP ? "open" : minutes ? "part" : "closed";
    };
    const label = (day, slot) => `${dayName(day, "long")} ${weekText.clock(slot * STEP)}–${weekText.clock(slot * STEP + STEP - 1)}`;
    const said = (cell) => `${label(cell.day, cell.index)}: ${words[cell.dataset.state]}`;
    const status = (text) => { root.querySelector("[data-status]").textContent = text; };

    const show = () => {
      grid.classList.toggle("unreadable", !open);
      root.querySelector("[data-unreadable]").hidden = Boolean(open);
      if (!open) return;
      for (const cell of cells) {
        cell.dataset.state = state(cell.day, cell.index);
        cell.setAttribute("aria-selected", String(cell.dataset.state !== "closed"));
        cell.setAttribute("aria-label", said(cell));
      }
      const hours = open.reduce((sum, one) => sum + one, 0) / 60;
      const n = hours.toLocaleString(document.documentElement.lang || undefined, { maximumFractionDigits: 2 });
      root.querySelector("[data-total]").textContent = hours ? words.total.replace("{n}", n) : words.nothing;
    };
    const keep = () => {
      area.value = weekText.write(open);
      area.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const fill = (from, to, on) => {
      const [first, last] = [Math.min(from.day, to.day), Math.max(from.day, to.day)];
      const [start, end] = [Math.min(from.index, to.index) * STEP, (Math.max(from.index, to.index) + 1) * STEP];
      for (let day = first; day <= last; day += 1) {
        open.fill(on ? 1 : 0, day * weekText.DAY + start, day * weekText.DAY + end);
      }
    };
    const begin = (cell) => {
      stroke = { from: cell, to: cell, on: cell.dataset.state !== "open", before: open.slice() };
    };
    const draw = (to) => {
      stroke.to = to;
      open = stroke.before.slice();
      fill(stroke.from, to, stroke.on);
      show();
      status(said(to));
    };

    const focus = (cell) => {
      for (const one of cells) one.tabIndex = one === cell ? 0 : -1;
      cell.focus();
      status(said(cell));
    };
    const cellAt = (day, slot) => cells[((day + 7) % 7) * SLOTS + ((slot + SLOTS) % SLOTS)];
    const moves = () => (upright.matches
      ? { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] }
      : { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] });

    const build = () => {
      const head = document.createElement("div");
      head.className = "week-hours";
      head.setAttribute("aria-hidden", "true");
      for (let hour = 0; hour < 24; hour += 1) {
        const mark = document.createElement("span");
        mark.style.setProperty("--slot", hour * 2);
        mark.textContent = String(hour).padStart(2, "0");
        if (hour % 3) mark.className = "minor";
        head.append(mark);
      }
      grid.append(head);
      for (let day = 0; day < 7; day += 1) {
        const row = document.createElement("div");
        row.setAttribute("role", "row");
        row.className = "week-day";
        const name = document.createElement("span");
        name.setAttribute("role", "rowheader");
        name.style.setProperty("--day", day);
        name.textContent = dayName(day, "short");
        row.append(name);
        for (let slot = 0; slot < SLOTS; slot += 1) {
          const cell = document.createElement("div");
          Object.assign(cell, { day, index: slot, tabIndex: -1, className: slot % 2 ? "cell half" : "cell" });
          cell.setAttribute("role", "gridcell");
          cell.style.setProperty("--day", day);
          cell.style.setProperty("--slot", slot);
          cells.push(cell);
          row.append(cell);
        }
        grid.append(row);
      }
      cellAt(0, 18).tabIndex = 0;
    };

    build();
    open = weekText.read(area.value);
    show();
    root.querySelector("[data-painting]").hidden = false;
    fold.open = !open;

    area.addEventListener("input", () => { open = weekText.read(area.value); show(); });
    root.addEventListener("click", (event) => {
      const preset = event.target.closest("[data-preset]");
      if (!preset) return;
      open = weekText.read(preset.dataset.preset);
      show();
      keep();
    });
    grid.addEventListener("pointerdown", (event) => {
      const cell = event.target.closest(".cell");
      if (!cell || !open || event.button) return;
      event.preventDefault();
      focus(cell);
      begin(cell);
      stroke.drawn = true;
      draw(cell);
    });
    document.addEventListener("pointermove", (event) => {
      if (stroke && !stroke.drawn) return; // it is drawn by keys
      const under = document.elementFromPoint(event.clientX, event.clientY);
      const cell = under && under.closest(".cell");
      if (!cell || !grid.contains(cell)) return;
      if (stroke && stroke.to !== cell) draw(cell);
      else if (open) status(said(cell));
    });
    document.addEventListener("pointerup", () => { if (stroke && stroke.drawn) { stroke = null; keep(); } });
    document.addEventListener("pointercancel", () => {
      if (!stroke || !stroke.drawn) return;
      open = stroke.before;
      stroke = null;
      show();
    });
    grid.addEventListener("keydown", (event) => {
      const cell = event.target.closest(".cell");
      if (!cell || !open || event.ctrlKey || event.altKey || event.metaKey) return;
      const step = moves()[event.key];
      if (event.key === " ") {
        begin(cell);
        draw(cell);
        keep();
      } else if (event.key === "Home" || event.key === "End") {
        focus(cellAt(cell.day, event.key === "Home" ? 0 : SLOTS - 1));
      } else if (step) {
        const to = cellAt(cell.day + step[0], cell.index + step[1]);
        if (event.shiftKey && stroke) { draw(to); keep(); }
        focus(to);
      } else {
        return;
      }
      event.preventDefault();
      if (!event.shiftKey && event.key !== " ") stroke = null;
    });
    grid.addEventListener("focusout", (event) => { if (!grid.contains(event.relatedTarget)) stroke = null; });
  };

  document.querySelectorAll("[data-week]").forEach(make);
});
