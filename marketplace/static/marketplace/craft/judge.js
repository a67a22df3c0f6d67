// A queue of hundreds by keys alone: 1 to 5 score the line that one is at and go on to the next, Enter keeps the verdict; what
// else there is on the page says its own key in data-key.

const form = document.querySelector("#verdict");
const lines = form ? [...form.querySelectorAll("fieldset")] : [];
const isOpen = (line) => !line.querySelector("input:checked");

const score = (key) => {
  const line = lines.find((each) => each.contains(document.activeElement) && isOpen(each)) ?? lines.find(isOpen) ?? lines.at(-1);
  const wanted = line?.querySelector(`input[value="${key}"]`);
  if (!wanted) return;
  wanted.checked = true;
  const next = lines.find(isOpen);
  (next ? next.querySelector("input") : wanted).focus();
  (next ?? line).scrollIntoView({ block: "nearest" });
};

const press = (key) => {
  const found = document.querySelector(`[data-key="${key}"]`);
  if (!found) return false;
  if (found instanceof HTMLVideoElement) {
    if (found.paused) found.play();
    else found.pause();
    return true;
  }
  found.click();
  if (found.matches("summary")) found.parentElement.querySelector("select, textarea")?.focus();
  return true;
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=radio]), textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (form && /^[1-5]$/.test(event.key)) {
    event.preventDefault();
    score(event.key);
  } else if (event.key !== "Enter" && press(event.key)) {
    event.preventDefault();
  }
});

lines[0]?.querySelector("input")?.focus({ preventScroll: true });
