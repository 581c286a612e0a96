// Shows the fields that the chosen API type needs, with its own words; the server decides in the end.
document.addEventListener("DOMContentLoaded", () => {
  const type = document.getElementById("id_api_type");
  if (!type || !type.dataset.types) return;
  const types = JSON.parse(type.dataset.types);
  const row = (name) => document.querySelector(`.field-${name}`);
  const helpOf = (name) => document.getElementById(`id_${name}_helptext`) || (row(name) && row(name).querySelector(".leading-relaxed"));
  const hideable = new Set(Object.values(types).flatMap((one) => one.without));
  const follow = () => {
    const chosen = types[type.value];
    if (!chosen) return;
    for (const name of hideable) if (row(name)) row(name).hidden = chosen.without.includes(name);
    for (const [name, text] of Object.entries(chosen.help)) {
      const place = helpOf(name);
      if (place) place.textContent = text;
    }
  };
  type.addEventListener("change", follow);
  follow();
});
