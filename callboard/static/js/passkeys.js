// What a browser says when a passkey is not given, in words: allauth's scripts would only write it into the console.
const SAID = {
  NotAllowedError: "Nothing was given, or it took too long. Try again when you are ready.",
  InvalidStateError: "This device has a passkey for you already.",
  SecurityError: "A passkey belongs to a name: open the site by its name, on a laptop by localhost, not by a number.",
  NotSupportedError: "This browser knows no passkeys. Use an app with codes.",
};

document.addEventListener("allauth.error", (event) => {
  const place = document.getElementById("passkey-said");
  if (!place) return;
  event.preventDefault();
  place.textContent = SAID[event.detail.exception.name] || "That did not work. Try again, or use another way.";
});
