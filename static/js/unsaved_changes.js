// Leaving a form that was changed asks first, unless the form is being sent.

const isChanged = (control) => {
  if (control.type === "file") return control.files.length > 0;
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  if (control.type === "select-one" && ![...control.options].some((option) => option.defaultSelected)) {
    return control.selectedIndex > 0;
  }
  if (control.options) return [...control.options].some((option) => option.selected !== option.defaultSelected);
  return control.type !== "hidden" && "defaultValue" in control && control.value !== control.defaultValue;
};

// "unsaved" says that the page itself came with what was typed: a refused form, or one that htmx has updated.
const hasChanges = (form) => form.dataset.changes === "unsaved" || [...form.elements].some(isChanged);

let leavesForAnotherProgram = false;

const isUnsaved = () => [...document.querySelectorAll("form[data-changes]:not([data-sent])")].some(hasChanges);

const ask = (event) => {
  if (!leavesForAnotherProgram && isUnsaved()) event.preventDefault();
};

// Not before something was changed: some browsers keep no page for "back" that always listens.
const watch = () => window.addEventListener("beforeunload", ask);

document.addEventListener("input", watch);
window.addEventListener("pageshow", () => isUnsaved() && watch());
document.addEventListener("htmx:afterSwap", (event) => {
  const form = event.target.closest("form[data-changes]");
  if (!form) return;
  form.dataset.changes = "unsaved";
  watch();
});

// Downloads and mail programs leave the page where it is, but browsers ask before them, too.
document.addEventListener("click", (event) => {
  if (!event.target.closest("a[download], a[href^='mailto:'], a[href^='tel:']")) return;
  leavesForAnotherProgram = true;
  setTimeout(() => (leavesForAnotherProgram = false), 500);
});
