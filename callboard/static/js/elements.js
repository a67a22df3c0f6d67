// The custom elements. Each improves what the server drew already; without scripts the page still works.

const words = (seconds) => {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  if (hours) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  if (minutes >= 10) return `${minutes} min`;
  return `${minutes}:${String(Math.floor(seconds % 60)).padStart(2, "0")} min`;
};

/** `<cb-countdown data-to="2026-11-27T18:30:00Z" data-done="now">` */
class Countdown extends HTMLElement {
  connectedCallback() {
    this.to = Date.parse(this.dataset.to);
    this.timer = setInterval(() => this.draw(), 1000);
    this.draw();
  }
  disconnectedCallback() {
    clearInterval(this.timer);
  }
  draw() {
    const left = Math.floor((this.to - Date.now()) / 1000);
    this.textContent = left > 0 ? `in ${words(left)}` : this.dataset.done;
    if (left <= 0) clearInterval(this.timer);
  }
}

/** Arrow keys move between the rows of a table that are links. */
class Table extends HTMLElement {
  connectedCallback() {
    // What does not fit is scrolled, also by those who have only keys.
    const reachable = () => (this.scrollWidth > this.clientWidth ? this.setAttribute("tabindex", "0") : this.removeAttribute("tabindex"));
    // The frame can keep its size while what is in it grows: a font that arrives, a row that is put in.
    const sizes = new ResizeObserver(reachable);
    for (const box of [this, ...this.children]) sizes.observe(box);
    this.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || !event.target.matches(".row-link")) return;
      const links = [...this.querySelectorAll(".row-link")];
      const next = links[links.indexOf(event.target) + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
    });
  }
}

const isTyping = (event) =>
  event.target.matches("input:not([type=checkbox]), textarea, select") || event.ctrlKey || event.metaKey || event.altKey;

/** `<cb-walk data-rows=".line">`: j and k, and the arrow keys once one of its rows has the focus, move from row to row. The row
    that one is at says so by `is-at` and `cb:at`. */
class Walk extends HTMLElement {
  connectedCallback() {
    this.keyed = (event) => {
      const inRow = event.target.matches(this.dataset.rows);
      const step = { j: 1, k: -1, ArrowDown: inRow ? 1 : 0, ArrowUp: inRow ? -1 : 0 }[event.key];
      if (!step || isTyping(event)) return;
      event.preventDefault();
      this.go(step);
    };
    document.addEventListener("keydown", this.keyed);
  }
  disconnectedCallback() {
    document.removeEventListener("keydown", this.keyed);
  }
  go(step) {
    // What is folded is not walked through.
    const rows = [...this.querySelectorAll(this.dataset.rows)].filter((row) => row.checkVisibility());
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("is-at"));
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    rows[at]?.classList.remove("is-at");
    next.classList.add("is-at");
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    next.dispatchEvent(new CustomEvent("cb:at", { bubbles: true }));
  }
}

/** Light, dark, or as the device says; kept in a cookie so that the server draws it right at once. */
class Theme extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button.hidden = false;
    this.name();
    this.button.addEventListener("click", () => {
      const next = { "": "light", light: "dark", dark: "" }[this.dataset.theme];
      this.dataset.theme = next;
      const secure = location.protocol === "https:" ? ";secure" : "";
      document.cookie = `${this.dataset.cookie}=${next};path=/;max-age=${next ? 31536000 : 0};samesite=lax${secure}`;
      if (next) document.documentElement.dataset.theme = next;
      else delete document.documentElement.dataset.theme;
      this.name();
    });
  }
  name() {
    const said = { "": "as your device", light: "light", dark: "dark" }[this.dataset.theme];
    this.querySelector("[data-said]").textContent = `Colours: ${said}. Change`;
  }
}

/** A code with a button that copies it. */
class Copy extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(this.querySelector("code").textContent);
      document.dispatchEvent(new CustomEvent("cb:say", { detail: { value: "Copied." } }));
    });
  }
}

customElements.define("cb-countdown", Countdown);
customElements.define("cb-table", Table);
customElements.define("cb-walk", Walk);
customElements.define("cb-theme", Theme);
customElements.define("cb-copy", Copy);
