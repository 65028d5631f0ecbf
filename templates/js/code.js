// A button that copies each listing, and folds that open for the line an address names.
"use strict";
(() => {
  const RESET_MS = 2000;

  // Where the page may not use the clipboard, a field's text can still be copied.
  const copyFromField = (text, button) => {
    const field = document.createElement("textarea");
    field.className = "skip";
    field.value = text;
    button.after(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    button.focus();
    return isCopied;
  };

  const copy = async (text, button) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyFromField(text, button);
    }
  };

  for (const listing of document.querySelectorAll(".listing[data-copy]")) {
    const code = listing.querySelector("pre > code");
    const button = document.createElement("button");
    const told = document.createElement("span");
    let reset = 0;
    button.type = "button";
    button.className = "copy";
    button.textContent = listing.dataset.copy;
    told.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      const isCopied = await copy(code.textContent, button);
      told.textContent = isCopied ? listing.dataset.copied : listing.dataset.failed;
      clearTimeout(reset);
      reset = setTimeout(() => { told.textContent = ""; }, RESET_MS);
    });
    listing.querySelector(".actions").append(button, told);
  }

  const open = () => {
    let id = "";
    try {
      id = decodeURIComponent(location.hash.slice(1));
    } catch {
      return;
    }
    const target = id && document.getElementById(id);
    if (!target) return;
    let fold = target.closest("details:not([open])");
    if (!fold) return;
    for (; fold; fold = target.closest("details:not([open])")) fold.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
})();
