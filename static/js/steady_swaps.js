// What htmx replaces may move the button that a person is just pressing, and the click would hit nothing.
// So nothing is replaced until the button is released; then the last replacement is asked for again.

let isPressed = false;
let skipped = null;

document.addEventListener("pointerdown", (event) => {
  isPressed = Boolean(event.target.closest("button, a, label"));
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isPressed) return;
  event.detail.shouldSwap = false;
  skipped = event.detail.requestConfig.elt;
});

const release = () => {
  isPressed = false;
  const isSent = skipped?.closest("form[data-sent]");
  if (skipped?.isConnected && !isSent) window.htmx.trigger(skipped, skipped.matches("button") ? "click" : "change");
  skipped = null;
};

// After the click that may follow, which may send the form.
for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, () => setTimeout(release));
