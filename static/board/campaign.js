// The page does not renew itself under somebody who is choosing.
"use strict";
(() => {
  const chooses = (part) => part.querySelector(":checked:is(input)") || document.activeElement?.closest("#campaign form");
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id === "campaign" && chooses(event.detail.elt)) event.preventDefault();
  });
})();
