// Hides the namespace of templates for an API type that knows none.
document.addEventListener("DOMContentLoaded", () => {
  const type = document.getElementById("id_api_type");
  const namespace = document.querySelector(".field-sms_from");
  if (!type || !namespace) return;
  const without = (type.dataset.withoutNamespace || "").split(" ");
  const follow = () => { namespace.hidden = without.includes(type.value); };
  type.addEventListener("change", follow);
  follow();
});
