// Sorts tables that hold numbers: a button in each header; up, down, and as it was.
"use strict";
(() => {
  const ORDERS = ["none", "ascending", "descending"];
  const words = new Intl.Collator(document.documentElement.lang, { numeric: true });

  // The first number of a cell, as in "(12.9)" or "p = 0.010"; "unknown" has none.
  const numberOf = (cell) => {
    const found = cell.textContent.replaceAll(",", "").match(/[-−]?\d+(\.\d+)?/);
    return found ? Number(found[0].replace("−", "-")) : null;
  };

  const comparing = (column, isNumber, sign) => (a, b) => {
    const [first, second] = [a.cells[column], b.cells[column]];
    if (!isNumber) return sign * words.compare(first.textContent, second.textContent);
    const [x, y] = [numberOf(first), numberOf(second)];
    // What is not known stands last, whichever way the rest runs.
    if (x === null || y === null) return (x === null) - (y === null);
    return sign * (x - y);
  };

  const prepare = (table) => {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    const heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort") || "none";
        const next = ORDERS[(ORDERS.indexOf(now) + 1) % ORDERS.length];
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        const sorted = rows.slice();
        if (next !== "none") {
          head.setAttribute("aria-sort", next);
          const isNumber = head.classList.contains("number");
          sorted.sort(comparing(column, isNumber, next === "ascending" ? 1 : -1));
        }
        body.append(...sorted);
      });
    });
  };

  for (const table of document.querySelectorAll(".table > table")) {
    const hasNumbers = table.tHead && table.tHead.querySelector(".number");
    if (hasNumbers && table.tBodies[0].rows.length > 1) prepare(table);
  }
})();
