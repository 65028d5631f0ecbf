// Served by `seikaku serve` only; no site contains it.
// Learns of each build, and loads anew, swaps the styles, or tells what to mend.
"use strict";
(() => {
  const shown = document.currentScript.dataset.page;
  const KEPT = "seikaku-preview";
  const OPEN = "seikaku-preview-open";
  const LOST_MS = 1500;
  const RETRY_MS = 1000;

  // A page loaded anew comes back as it was left.
  const details = () => [...document.querySelectorAll("details")];

  const loadAnew = (wanted) => {
    sessionStorage.setItem(KEPT, JSON.stringify({
      path: location.pathname,
      x: scrollX,
      y: scrollY,
      open: details().map((element) => element.open),
      wanted,
    }));
    history.scrollRestoration = "manual";
    location.reload();
  };

  const takeKept = () => {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    sessionStorage.removeItem(KEPT);
    return kept?.path === location.pathname ? kept : null;
  };

  const kept = takeKept();
  if (kept) {
    const now = details();
    if (now.length === kept.open.length) {
      now.forEach((element, index) => { element.open = kept.open[index]; });
    }
    const scroll = () => scrollTo({left: kept.x, top: kept.y, behavior: "instant"});
    scroll();
    const reached = scrollY;
    addEventListener("load", () => {
      if (scrollY === reached) scroll();
      history.scrollRestoration = "auto";
    }, {once: true});
  }

  // Styles are swapped when the new ones are there, so that nothing flashes.
  const swapStyles = (styles) => {
    const links = [...document.querySelectorAll('link[rel="stylesheet"]:not([data-old])')];
    links.forEach((link, index) => {
      const address = new URL(styles[index] ?? "", document.baseURI).href;
      if (styles[index] === undefined || link.href === address) return;
      const next = link.cloneNode();
      link.dataset.old = "";
      next.href = address;
      next.addEventListener("load", () => link.remove());
      next.addEventListener("error", () => loadAnew(shown));
      link.after(next);
    });
  };

  // All text is set as text: it may hold anything an author or a model wrote.
  const element = (name, text, className) => {
    const made = document.createElement(name);
    made.textContent = text ?? "";
    if (className) made.className = className;
    return made;
  };

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; position: fixed; inset: auto 0 0 0; z-index: 2147483647; }
    @media print { :host { display: none; } }
    section { box-sizing: border-box; max-height: 60vh; overflow: auto; padding: 1em 1.5em;
      font: 15px/1.5 system-ui, sans-serif; color: #fff; background: #7a1420;
      border-top: 4px solid #ff8a80; }
    section.note { padding-block: .5em; color: #1b1b1b; background: #fff3cd;
      border-top-color: #d9a400; }
    summary { cursor: pointer; }
    h2 { margin: 0 2em .5em 0; font-size: 1.1em; }
    p { margin: 0; overflow-wrap: anywhere; }
    ol { margin: 0; padding-left: 1.5em; }
    ol:empty { display: none; }
    li + li { margin-top: .75em; }
    code { font: 13px/1.5 ui-monospace, monospace; }
    .remedy { font-weight: 600; }
    button { float: right; font: inherit; color: inherit; background: none;
      border: 1px solid currentColor; border-radius: 4px; cursor: pointer; }
  `);
  let host = null;
  let told = "";
  let closed = "";

  const itemOf = (fault) => {
    const item = element("li");
    const line = fault.line === null ? "" : `:${fault.line}`;
    if (fault.file) {
      const place = element("p");
      place.append(element("code", fault.file + line));
      item.append(place);
    }
    item.append(element("p", fault.what));
    if (fault.remedy) item.append(element("p", fault.remedy, "remedy"));
    return item;
  };

  const tell = (title, faults, isNote) => {
    const saying = JSON.stringify([title, faults]);
    if (saying === told || saying === closed) return;
    hush();
    host = element("seikaku-preview");
    host.lang = "en";
    const root = host.attachShadow({mode: "open"});
    root.adoptedStyleSheets = [sheet];
    const section = element("section", "", isNote ? "note" : "");
    section.setAttribute("role", isNote ? "status" : "alert");
    const close = element("button", "Close");
    close.addEventListener("click", () => { hush(); closed = saying; });
    const list = element("ol");
    list.append(...faults.map(itemOf));
    if (isNote && faults.length) {
      const fold = element("details");
      fold.open = sessionStorage.getItem(OPEN) === "true";
      fold.addEventListener("toggle", () => sessionStorage.setItem(OPEN, fold.open));
      fold.append(element("summary", title), list);
      section.append(close, fold);
    } else {
      section.append(close, element("h2", title), list);
    }
    root.append(section);
    document.documentElement.append(host);
    told = saying;
  };

  const hush = () => {
    host?.remove();
    host = null;
    told = "";
    closed = "";
  };

  const hear = (state) => {
    if (state.page !== shown) {
      // Once only: a page that never becomes the one announced must not reload forever.
      if (kept?.wanted !== state.page) loadAnew(state.page);
      return;
    }
    swapStyles(state.styles);
    if (!state.isCurrent) {
      tell("The site could not be built; this is the last good one", state.problems, false);
    } else if (state.problems.length) {
      tell(`To mend before it is published: ${state.problems.length}`, state.problems, true);
    } else {
      hush();
    }
    if (state.open && state.open !== location.pathname) location.assign(state.open);
  };

  // Browsers keep six connections to a server: a page that nobody sees gives its own back.
  let source = null;
  let lost = 0;
  const found = () => {
    clearTimeout(lost);
    lost = 0;
  };
  const hangUp = () => {
    found();
    source?.close();
    source = null;
  };

  const connect = () => {
    hangUp();
    if (!document.hidden) connectAgain();
  };

  const connectAgain = () => {
    source?.close();
    source = new EventSource(`/__seikaku/events?path=${encodeURIComponent(location.pathname)}`);
    source.addEventListener("open", found);
    source.addEventListener("message", (event) => hear(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      lost ||= setTimeout(() => {
        tell("The preview has stopped; this page does not follow your edits", [], true);
      }, LOST_MS);
      // Some browsers give up where nobody listens; the server may come back.
      if (source?.readyState === EventSource.CLOSED) setTimeout(connectAgain, RETRY_MS);
    });
  };

  document.addEventListener("visibilitychange", connect);
  addEventListener("pagehide", hangUp);
  addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
  connect();
})();
