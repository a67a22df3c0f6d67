// Labelling by keys alone: 0 plays, 7 and 8 mark a range, 1 to 5 say how strong, a word's first letter chooses it (again: the next
// one with that letter), 9 leaves it for later. Letters belong to the words. A piece plays as that piece, again and again.

const HERE = "[data-labels]";

const sectionOf = (target) => target.closest?.(HERE) ?? document.querySelector(HERE);
const shown = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(3).padStart(6, "0")}`;

const mark = (section, name) => {
  const [video, field] = [section.querySelector("video"), section.querySelector(`form input[name="${name}"]`)];
  if (!video || !field) return false;
  field.value = shown(video.currentTime);
  return true;
};

const plays = (section) => {
  const video = section.querySelector("video");
  if (!video) return false;
  if (video.paused) video.play();
  else video.pause();
  return true;
};

const checks = (inputs) => {
  if (!inputs.length) return false;
  const at = inputs.findIndex((each) => each.checked);
  const next = inputs[(at + 1) % inputs.length];
  next.checked = true;
  next.focus();
  return true;
};

const words = (section, letter) =>
  [...(section.querySelector("form.label-form")?.querySelectorAll('input[name="emotion"]') ?? [])].filter((each) =>
    each.closest("label").textContent.trim().toLowerCase().startsWith(letter),
  );

const strengths = (section, number) =>
  [...(section.querySelector("form.label-form")?.querySelectorAll(`input[name="intensity"][value="${number}"]`) ?? [])];

const does = (key, target) => {
  const link = document.querySelector(`[data-key="${key}"]`);
  if (link) {
    link.click();
    return true;
  }
  const section = sectionOf(target);
  if (!section) return false;
  const marks = section.querySelector("[data-marks]");
  if (key === "0") return plays(section);
  if (marks && key === "7") return mark(section, "starts_ms");
  if (marks && key === "8") return mark(section, "ends_ms");
  if (/^[1-5]$/.test(key)) return checks(strengths(section, key));
  return /^[a-z]$/.test(key) && checks(words(section, key));
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=radio]), textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.length === 1 && does(event.key.toLowerCase(), event.target)) event.preventDefault();
});

for (const marks of document.querySelectorAll("[data-marks]")) {
  marks.hidden = false;
  marks.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mark]");
    if (button) mark(marks.closest(HERE), button.dataset.mark);
  });
}

for (const video of document.querySelectorAll("video[data-until-ms]")) {
  const [from, until] = [video.dataset.fromMs / 1000, video.dataset.untilMs / 1000];
  video.addEventListener("loadedmetadata", () => (video.currentTime = from));
  video.addEventListener("timeupdate", () => {
    if (video.currentTime < until && video.currentTime >= from - 0.25) return;
    video.pause();
    video.currentTime = from;
  });
}
