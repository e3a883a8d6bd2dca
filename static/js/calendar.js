// Dates are typed as text and read on the server. The button beside such a text opens the browser's
// calendar, which writes its choice into the text.

const READABLE = { date: /^\d{4}-\d\d-\d\d$/, "datetime-local": /^\d{4}-\d\d-\d\dT\d\d:\d\d$/ };

const textOf = (group) => group.querySelector("[data-calendar]");

const pickerOf = (group) => {
  if (group.nextElementSibling?.matches(".tf-calendar-picker")) return group.nextElementSibling;
  const picker = document.createElement("input");
  Object.assign(picker, { type: textOf(group).dataset.calendar, tabIndex: -1, className: "tf-calendar-picker" });
  picker.setAttribute("aria-hidden", "true");
  group.after(picker);
  return picker;
};

// On the document, so that it is true of what htmx brings, too.
document.addEventListener("click", (event) => {
  const group = event.target.closest(".tf-calendar")?.parentElement;
  if (!group) return;
  const picker = pickerOf(group);
  const typed = textOf(group).value.replace(" ", "T");
  picker.value = READABLE[picker.type].test(typed) ? typed : "";
  picker.showPicker();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches(".tf-calendar-picker")) return;
  const text = textOf(event.target.previousElementSibling);
  if (event.target.value) text.value = event.target.value.replace("T", " ");
  text.focus();
});
