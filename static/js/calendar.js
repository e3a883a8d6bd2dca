// Dates are typed as text and read on the server. The button beside such a text opens the browser's
// calendar, which writes its choice into the text.

const READABLE = { date: /^\d{4}-\d\d-\d\d$/, "datetime-local": /^\d{4}-\d\d-\d\dT\d\d:\d\d$/ };

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
  button.parentElement.after(picker);
  button.addEventListener("click", () => {
    const typed = text.value.replace(" ", "T");
    picker.value = READABLE[picker.type].test(typed) ? typed : "";
    picker.showPicker();
  });
  button.hidden = false;
}
