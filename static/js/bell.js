// The bell asks for news each minute, but not while nobody sees the page.

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.target.matches(".tf-bell")) event.preventDefault();
});
