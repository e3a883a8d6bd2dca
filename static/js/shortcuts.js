// Keys that do something wherever nobody types. An element names its key in data-shortcut.

const isTyping = (element) => element.closest("input:not([type=checkbox], [type=radio]), select, textarea");

// Only the main button of a form: others remove rows, or something for good.
const send = (form) => {
  const button = form.querySelector("button.btn-primary");
  if (button) form.requestSubmit(button);
};

const use = (element) => {
  if (element.matches("a, button")) element.click();
  else element.focus();
};

// In a list, j and k lead from row to row, and x ticks the row.
const useInList = (key) => {
  const links = [...document.querySelectorAll("tr .tf-row-link, .tf-lines .tf-row-link")];
  const row = document.activeElement.closest("tr, li");
  const at = links.findIndex((link) => row?.contains(link));
  if (key === "x") row?.querySelector("input[type=checkbox]")?.click();
  else links[key === "j" ? at + 1 : Math.max(at - 1, 0)]?.focus();
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    if (event.target.form?.method === "post") send(event.target.form);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const element = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
  if (!element && !["j", "k", "x"].includes(event.key)) return;
  event.preventDefault();
  if (element) use(element);
  else useInList(event.key);
});
