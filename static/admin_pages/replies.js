// Shows below each canned reply what the customer will read, while it is typed.
document.addEventListener("DOMContentLoaded", () => {
  const about = document.querySelector("[data-replies]");
  const single = document.querySelector("[data-reply]");
  const words = (about || single || {}).dataset;
  if (!words) return;
  const isReply = (area) => area.matches && area.matches(about ? "textarea[name^='canned_replies-']" : "textarea[name='text']");
  const show = (area) => {
    let bubble = area.nextElementSibling;
    if (!bubble || !bubble.classList.contains("reply-bubble")) {
      bubble = document.createElement("p");
      bubble.className = "reply-bubble";
      bubble.title = words.preview;
      area.after(bubble);
    }
    const values = { name: words.name, agent: words.agent };
    bubble.textContent = area.value.replace(/\{([^{}]*)\}/g, (all, found) => values[found] ?? all);
    bubble.hidden = !area.value.trim();
  };
  document.querySelectorAll("textarea").forEach((area) => { if (isReply(area)) show(area); });
  document.addEventListener("input", (event) => { if (isReply(event.target)) show(event.target); });
});
