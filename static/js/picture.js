// A picture that is wider than the screen begins where the workflow does, not at its empty corner.

const prepare = (root) => {
  for (const frame of root.querySelectorAll(".tf-picture-frame")) {
    const first = frame.querySelector(".tf-picture-node .tf-picture-shape");
    if (!first || frame.scrollWidth <= frame.clientWidth) continue;
    const place = first.getBoundingClientRect();
    const middle = place.left + place.width / 2 - frame.getBoundingClientRect().left;
    frame.scrollLeft = frame.scrollLeft + middle - frame.clientWidth / 2;
  }
};

prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.target));
