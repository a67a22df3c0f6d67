// The week by keys: j and k walk (cb-walk), Enter shows the line's picture beside the list, and the next one as one walks on.

const side = document.getElementById("line");

const show = async (row) => {
  const link = row.querySelector("a[data-line]");
  if (!link) return side.close();
  await htmx.ajax("GET", link.href, { target: "#line-shown", select: "[data-line-shown]" });
  side.querySelector("h2").textContent = link.dataset.line;
  if (!side.open) side.showModal();
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches(".week-row")) show(event.target);
});
document.addEventListener("cb:at", (event) => side.open && show(event.target));
side?.addEventListener("close", () => document.querySelector(".is-at")?.focus());
