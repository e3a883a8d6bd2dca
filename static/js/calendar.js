// Dates and times are typed as text and read on the server. The button beside such a text opens the
// browser's calendar or clock, which writes its choice into the text.

for (const button of document.querySelectorAll(".tf-calendar")) {
  const text = button.parentElement.querySelector("[data-calendar]");
  const picker = document.createElement("input");
  if (!picker.showPicker) continue;
  Object.assign(picker, { type: text.dataset.calendar, tabIndex: -1, className: "tf-calendar-picker" });
  picker.setAttribute("aria-hidden", "true");
  picker.addEventListener("change", () => {
    if (picker.value) text.value = picker.value.replace("T", " ");
    text.focus();
  });
  button.after(picker);
  button.addEventListener("click", () => {
    picker.value = text.value.replace(" ", "T");
    picker.showPicker();
  });
  button.hidden = false;
}
