// The number of open alerts beside its entry in the side bar, and in the header once there is one; renews itself.
document.addEventListener("DOMContentLoaded", () => {
  const mark = document.querySelector("[data-open-alerts]");
  if (!mark) return;
  const entry = mark.closest("a");
  const bell = document.createElement("a");
  bell.className = "alerts-bell";
  bell.href = mark.dataset.list;
  bell.hidden = true;
  const header = document.getElementById("header-inner");
  if (header) header.append(bell);

  const show = ({ n, words }) => {
    mark.textContent = n;
    mark.hidden = bell.hidden = !n;
    bell.textContent = n;
    bell.title = words;
    bell.setAttribute("aria-label", words);
    if (entry) entry.title = n ? words : "";
  };
  const renew = async () => {
    try {
      const answer = await fetch(mark.dataset.openAlerts, { credentials: "same-origin", redirect: "error" });
      if (answer.ok) show(await answer.json());
    } catch {
      return; // away for a moment; the next look tells
    }
  };
  renew();
  setInterval(() => { if (!document.hidden) renew(); }, 15000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
});
