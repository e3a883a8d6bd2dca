// A button with a field's name puts {name} into the text beside it, or into the one that was edited last.

let last = null;

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-takes-fields]")) last = event.target;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  const isLast = last?.form === button.form && last.isConnected;
  const text = isLast ? last : button.closest(".tf-field, form").querySelector("[data-takes-fields]");
  text.setRangeText(`{${button.dataset.insert}}`, text.selectionStart, text.selectionEnd, "end");
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
});
