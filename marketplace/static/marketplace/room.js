// The clock runs between two polls; each poll puts it right again. Without scripts it stands at the page's second.

const clock = (seconds) => {
  const two = (n) => String(n).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
};

class Runtime extends HTMLElement {
  connectedCallback() {
    if (!("runs" in this.dataset)) return;
    const from = Number(this.dataset.seconds);
    const since = performance.now();
    this.timer = setInterval(() => {
      this.textContent = clock(from + Math.floor((performance.now() - since) / 1000));
    }, 1000);
  }
  disconnectedCallback() {
    this.stand();
  }
  stand() {
    clearInterval(this.timer);
  }
}

// Nothing gets through: said at once, and the clock stands. The next poll that does draws the room anew.
const offline = () => {
  for (const clock of document.querySelectorAll("cb-runtime")) clock.stand();
  for (const line of document.querySelectorAll(".room-connection")) line.hidden = !line.matches(".room-offline");
};
addEventListener("offline", offline);
for (const lost of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(lost, offline);
customElements.define("cb-runtime", Runtime);
