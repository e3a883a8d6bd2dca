// Beside a list whose rows can be ticked: how many are, and a button that ticks all of the page, or none.

const bar = document.querySelector("[data-ticks]");
const boxes = [...document.querySelectorAll("input[type=checkbox][form=bulk]")];
const [button, count] = bar.children;

const tell = () => {
  const ticked = boxes.filter((box) => box.checked).length;
  count.textContent = ticked ? `${bar.dataset.label} ${ticked}` : "";
};

button.addEventListener("click", () => {
  const isTicked = boxes.some((box) => !box.checked);
  for (const box of boxes) box.checked = isTicked;
  tell();
});
document.addEventListener("change", tell);
window.addEventListener("pageshow", tell); // browsers restore ticks after "back"
bar.hidden = false;
