// A second click on a button that has already sent its form does nothing. (The server would
// answer it rightly, too: this only spares the wait.)

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-submit-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});

// The browser shows a kept page again after "back": its forms may be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

// Browsers keep the answer to a form, so after "back" a form that was refused once still stands there, although
// it has been accepted since. Then the server leads on from its address.
window.addEventListener("pageshow", async (event) => {
  const [navigation] = performance.getEntriesByType("navigation");
  const form = document.querySelector("form[data-submit-once][data-changes=unsaved]");
  if (!form || !(event.persisted || navigation?.type === "back_forward")) return;
  const answer = await fetch(location.href, { cache: "no-store" });
  const path = new URL(answer.url).pathname;
  if ([location.pathname, "/users/login/"].includes(path)) return;
  form.dataset.sent = "yes";
  location.replace(location.pathname + location.search); // without #, which would only scroll
});
