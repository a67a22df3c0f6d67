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
    clearInterval(this.timer);
  }
}
customElements.define("cb-runtime", Runtime);
