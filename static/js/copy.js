// Shows the copy buttons (without a script the text can be selected with one click) and serves them.

const prepare = (root) => {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.querySelector("[role=status]").textContent = button.dataset.done;
});

prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.target));
