// Before one comes in: does the camera see, does the microphone hear?

import { Capture, meter } from "./capture.js";

const check = document.querySelector("#device-check");
const kinds = { camera: "videoinput", microphone: "audioinput" };

class Check {
  constructor() {
    this.capture = new Capture();
    this.capture.addEventListener("changed", () => this.shows());
    check.querySelector("[data-does=open]").addEventListener("click", () => this.capture.open());
    for (const select of check.querySelectorAll("select[data-device]")) {
      select.addEventListener("change", () => this.capture.choose({ [select.dataset.device]: select.value }));
    }
  }

  async shows() {
    const { stream, audio, video, refusal } = this.capture;
    check.querySelector("video").srcObject = stream;
    check.querySelector(".check-seen").hidden = !audio && !video;
    check.querySelector(".check-refused").hidden = !refusal;
    check.querySelector(".check-refused span").textContent = refusal;
    this.stops?.();
    const level = check.querySelector("meter");
    this.stops = audio && meter(stream, (loud) => { level.value = loud; });
    await this.lists({ camera: video, microphone: audio });
  }

  async lists(tracks) {
    const devices = await this.capture.devices();
    for (const select of check.querySelectorAll("select[data-device]")) {
      const name = select.dataset.device;
      const own = devices.filter(({ kind }) => kind === kinds[name]);
      select.replaceChildren(...own.map(({ deviceId, label }, n) => new Option(label || `${n + 1}`, deviceId)));
      select.value = tracks[name]?.getSettings().deviceId ?? "";
      select.closest("label").hidden = !own.length;
      const field = document.querySelector(`#come-in [name=${name}]`);
      if (field) field.value = select.value;
    }
  }
}

if (check && navigator.mediaDevices) new Check();
