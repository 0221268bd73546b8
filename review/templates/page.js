"use strict";
// Long tables start folded on a narrow screen, and nothing of them is missing from print.
function foldOnNarrow() {
  if (innerWidth > 900) return;
  for (const part of document.querySelectorAll("details.part")) part.open = false;
}
// A link to a row inside a folded list opens the list, so that the reader lands on the row.
function unfold() {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let box = place; box; box = box.parentElement) {
    if (box instanceof HTMLDetailsElement) box.open = true;
  }
  if (place) place.scrollIntoView();
}
addEventListener("DOMContentLoaded", () => { foldOnNarrow(); unfold(); });
addEventListener("hashchange", unfold);
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details.part")) part.open = true;
});
