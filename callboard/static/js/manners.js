// What holds on every page: forms are sent once, dialogs open, times stand in the reader's zone, news is said aloud.

const say = (text) => {
  const place = document.getElementById("say");
  const line = document.createElement("p");
  line.textContent = text;
  place.replaceChildren(line);
  setTimeout(() => line.remove(), 4000);
};

const localTimes = (root) => {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    // As kit/instants.py says it: the year where it is not this one.
    const year = at.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
    const day = at.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", year }).replace(",", "");
    const clock = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    const zone = at.toLocaleTimeString("en-US", { timeZoneName: "short" }).split(" ").pop();
    const form = time.dataset.local;
    const hours = `${clock} your time (${zone})`;
    time.textContent = form === "time" ? hours : form === "full" ? `${day}, ${hours}` : day;
    delete time.dataset.local;
  }
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-once]") || event.defaultPrevented) return;
  // A double press must not post twice; the button comes back if the browser returns to this page.
  const button = event.submitter;
  setTimeout(() => { if (button) button.disabled = true; });
  addEventListener("pageshow", () => { if (button) button.disabled = false; }, { once: true });
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  event.target.closest("[data-closes]")?.closest("dialog")?.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
});
document.addEventListener("htmx:afterSettle", (event) => localTimes(event.target));
document.addEventListener("htmx:responseError", () => say("That did not work; nothing was changed. Try again."));
document.addEventListener("htmx:sendError", () => say("You seem to be offline; nothing was changed."));
document.addEventListener("cb:say", (event) => say(event.detail.value ?? ""));

localTimes(document);
document.querySelector("[data-focus]")?.focus();
