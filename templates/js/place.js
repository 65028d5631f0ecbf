// Keeps the place on the page when the reader changes the language.
"use strict";
(() => {
  const links = document.querySelectorAll(".top nav a[hreflang]");
  const places = Array.from(document.querySelectorAll("main :is(h2, h3, table, .figure)[id]"));
  if (!links.length || !places.length) return;

  // The last place above the upper third of the window; none at the top of the page.
  const current = () => {
    const passed = places.filter((place) => (
      !place.closest("details:not([open])") && place.getBoundingClientRect().top < innerHeight / 3
    ));
    return scrollY > 0 && passed.length ? passed[passed.length - 1].id : "";
  };

  const update = () => {
    const id = current();
    for (const link of links) {
      const address = link.href.split("#")[0];
      link.href = id ? `${address}#${id}` : address;
    }
  };

  // At the moment of use, by pointer or keyboard, so that scrolling costs nothing.
  for (const link of links) {
    for (const kind of ["pointerdown", "focus", "click"]) link.addEventListener(kind, update);
  }
})();
