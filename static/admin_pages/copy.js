// Copies the value of the input that a button names, and says so on the button.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const input = document.getElementById(button.dataset.copy);
  input.select();
  if (navigator.clipboard) await navigator.clipboard.writeText(input.value);
  else document.execCommand("copy");
  const word = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = word; }, 2000);
});
