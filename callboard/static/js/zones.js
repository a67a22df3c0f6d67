// The browser knows in which zone its reader is: it fills in a choice that is still open, and says where one differs.

const suggest = (select, zone) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-plain button-small";
  button.textContent = `Choose ${zone.replaceAll("_", " ")}`;
  const hint = document.createElement("p");
  hint.className = "field-hint zone-hint";
  hint.append(`This device is in another zone. `, button);
  select.closest(".control").after(hint);
  button.addEventListener("click", () => {
    select.value = zone;
    hint.remove();
    select.focus();
  });
};

for (const select of document.querySelectorAll("select[data-own-zone]")) {
  const said = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone = JSON.parse(select.dataset.ownZone)[said] ?? said;
  if (![...select.options].some((option) => option.value === zone)) continue;
  if (!select.value) select.value = zone;
  else if (select.value !== zone) suggest(select, zone);
}
