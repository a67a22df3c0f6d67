// Before one comes in: does the camera see, does the microphone hear?

import { Capture, Choice, meter } from "./capture.js";

const check = document.querySelector("#device-check");

class Check {
  constructor() {
    this.capture = new Capture();
    this.capture.addEventListener("changed", () => this.shows());
    check.querySelector("[data-does=open]").addEventListener("click", () => this.capture.open());
    this.choice = new Choice(check, this.capture, 1);
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
    await this.choice.fills();
    for (const { dataset, value } of this.choice.selects) {
      const field = document.querySelector(`#come-in [name=${dataset.device}]`);
      if (field) field.value = value;
    }
  }
}

if (check && navigator.mediaDevices) new Check();
