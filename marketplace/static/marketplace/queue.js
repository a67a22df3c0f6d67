// The review queue by keys: j and k walk (cb-walk), s shortlists, o ticks for an offer, d opens the reasons.

const at = () => document.querySelector(".applicant.is-at");

const acts = {
  s: () => at()?.querySelector("[data-act=shortlist]")?.click(),
  o: () => at()?.querySelector("[data-act=offer]")?.click(),
  d: () => {
    const reasons = at()?.querySelector("details.decline");
    if (!reasons) return;
    reasons.open = !reasons.open;
    if (reasons.open) reasons.querySelector("select").focus();
  },
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !acts[event.key]) return;
  event.preventDefault();
  acts[event.key]();
});

const count = document.querySelector("[data-chosen]");
const said = () => {
  const n = document.querySelectorAll("[data-act=offer]:checked").length;
  count.textContent = n === 0 ? "Tick whom to offer it to" : n === 1 ? "Offer the gig to 1 performer" : `Offer the gig to ${n} performers`;
};
if (count) {
  document.addEventListener("change", said);
  said();
}
