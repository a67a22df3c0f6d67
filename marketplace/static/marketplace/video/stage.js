// The room's page meets the others: page to page, or at LiveKit where the house has one.

import { LiveKitMeeting } from "./livekit.js";
import { Meeting } from "./meeting.js";

const stage = document.querySelector("#meeting");
if (stage) {
  const meeting = stage.dataset.enter ? new LiveKitMeeting(stage) : new Meeting(stage);
  stage.meeting = meeting; // for whoever looks at the line from the console
  meeting.begins();
  document.addEventListener("htmx:afterSwap", ({ detail }) => detail.elt.matches("[data-deals], #cards") && detail.requestConfig.verb === "post" && meeting.deals());
  document.addEventListener("visibilitychange", () => document.hidden || meeting.signals?.hurry());
}
