// The review queue by keys: j and k walk, s shortlists, o ticks for an offer, d opens the reasons.

const applicants = [...document.querySelectorAll(".applicant")];
let at = -1;

const go = (to) => {
  if (!applicants.length) return;
  applicants[at]?.classList.remove("is-at");
  at = Math.max(0, Math.min(applicants.length - 1, to));
  applicants[at].classList.add("is-at");
  applicants[at].focus({ preventScroll: true });
  applicants[at].scrollIntoView({ block: "nearest" });
};

const acts = {
  j: () => go(at + 1),
  k: () => go(at - 1),
  s: () => applicants[at]?.querySelector("[data-act=shortlist]")?.click(),
  o: () => applicants[at]?.querySelector("[data-act=offer]")?.click(),
  d: () => {
    const reasons = applicants[at]?.querySelector("details.decline");
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
