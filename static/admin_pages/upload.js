// Takes a file that is dropped anywhere on the upload's panel. Unfold shows a chosen file's name in a text
// field of its own beside each file field; the upload has none.
document.addEventListener("DOMContentLoaded", () => {
  const panel = document.getElementById("upload");
  const field = document.getElementById("base-file");
  if (!panel || !field) return;
  field.hasChangeListener = true;
  const over = (event, on) => { event.preventDefault(); panel.classList.toggle("dropping", on); };
  panel.addEventListener("dragover", (event) => over(event, true));
  panel.addEventListener("dragleave", (event) => { if (!panel.contains(event.relatedTarget)) over(event, false); });
  panel.addEventListener("drop", (event) => {
    over(event, false);
    if (!event.dataTransfer.files.length) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    field.files = one.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
});
