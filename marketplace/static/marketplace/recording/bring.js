// What an earlier visit recorded and did not bring to the house: it goes on now, from what is safe there.

import * as kept from "./kept.js";
import { Upload } from "./upload.js";

const csrf = document.querySelector('meta[name="csrf-token"]').content;

const lines = new Map();
const says = () => {
  const notice = document.querySelector("#brings");
  if (!notice) return;
  const left = [...lines.values()].reduce((sum, { segment, safe }) => sum + Math.max(segment.size - safe, 0), 0);
  notice.hidden = lines.size === 0;
  notice.querySelector(".brings-left").textContent = `${(left / 1e6).toFixed(1)} MB are left`;
};

// A page that records holds the lock of its own segments; two tabs do not bring the same.
const brings = (segment) =>
  navigator.locks.request(`recording:${segment.key}`, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    if (segment.started === null) {
      await kept.forget(segment.key);
      return;
    }
    const upload = new Upload({ ...segment, finished: true }, csrf);
    lines.set(segment.key, upload);
    upload.addEventListener("moved", says);
    says();
    const has = await upload.run();
    lines.delete(segment.key);
    says();
    if (has) document.dispatchEvent(new CustomEvent("recording:brought", { detail: segment.key }));
  });

export const bringOn = async () => {
  for (const segment of await kept.all()) brings(segment);
};

bringOn();
