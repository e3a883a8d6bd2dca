// Typing @ in a comment offers the people of the list below it; choosing one puts the name into the text.

const LIST = "mention-offers";
const MOST = 6;

const offers = () => document.getElementById(LIST);

function begun(text) {
  const before = text.value.slice(0, text.selectionStart);
  const found = before.match(/(?:^|\s)@([^@\n]{0,40})$/);
  return found ? found[1] : null;
}

function people(text, word) {
  const boxes = text.form.querySelectorAll(`input[name="${text.dataset.mentions}"]`);
  const names = [...boxes].map((box) => text.form.querySelector(`label[for="${box.id}"]`).textContent.trim());
  return names.filter((name) => name.toLowerCase().includes(word.toLowerCase())).slice(0, MOST);
}

function close(text) {
  offers()?.remove();
  text.removeAttribute("aria-controls");
  text.removeAttribute("aria-activedescendant");
}

function choose(text, name) {
  const word = begun(text);
  if (word !== null) {
    text.setRangeText(`${name} `, text.selectionStart - word.length, text.selectionStart, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
  close(text);
  text.focus();
}

function mark(text, option) {
  for (const each of offers().children) each.setAttribute("aria-selected", String(each === option));
  text.setAttribute("aria-activedescendant", option.id);
}

function open(text, names) {
  const list = document.createElement("ul");
  list.id = LIST;
  list.className = "tf-offers";
  list.setAttribute("role", "listbox");
  names.forEach((name, place) => {
    const option = document.createElement("li");
    option.id = `${LIST}-${place}`;
    option.setAttribute("role", "option");
    option.textContent = name;
    // Before the text loses the focus.
    option.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      choose(text, name);
    });
    list.append(option);
  });
  text.after(list);
  text.setAttribute("aria-controls", LIST);
  mark(text, list.firstElementChild);
}

document.addEventListener("input", (event) => {
  const text = event.target;
  if (!text.matches("[data-mentions]")) return;
  close(text);
  const word = begun(text);
  const names = word === null ? [] : people(text, word);
  // A name that is there already needs no offer.
  if (names.length && names[0] !== word.trim()) open(text, names);
});

document.addEventListener("keydown", (event) => {
  const text = event.target;
  if (!text.matches?.("[data-mentions]") || !offers()) return;
  const options = [...offers().children];
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) mark(text, options[(at + step + options.length) % options.length]);
  else if (event.key === "Enter" || event.key === "Tab") choose(text, options[at].textContent);
  else if (event.key === "Escape") close(text);
  else return;
  event.preventDefault();
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches("[data-mentions]")) close(event.target);
});
