// Unfold shows a chosen file's name in a text field of its own beside each file field; the upload has none.
document.addEventListener("DOMContentLoaded", () => {
  const field = document.getElementById("base-file");
  if (field) field.hasChangeListener = true;
});
