// Words, tables and flyouts: `smtpauth.speak`, `drawTable`, `drawFlyout`. Every value of an export is
// written with textContent or a text node: it can never become markup.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= {});
  const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

  /** Make an element: `make("td", {class: "x"}, "text", node, …)`. */
  const make = (smtpauth.make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(key, "");
      else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  });

  /** Text as nodes; a character that hides or reorders others is boxed in and named by its code. */
  smtpauth.visible = (text) => {
    const nodes = [];
    let from = 0;
    for (const found of text.matchAll(INVISIBLE)) {
      const code = found[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
      nodes.push(text.slice(from, found.index));
      nodes.push(make("bdi", { class: "smtpauth-invisible", "data-code": `U+${code}` }, found[0]));
      from = found.index + found[0].length;
    }
    return [...nodes, text.slice(from)];
  };

  /** The words of a language, as `Words.for_script()` sends them; the twin of words.py. */
  smtpauth.speak = ({ language, texts }) => {
    const plural = new Intl.PluralRules(language);
    const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
    const two = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const upToTwo = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
    const days = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
    const count = (number) => whole.format(number);
    const say = (key, values = {}) => {
      const entry = texts[key];
      const text = typeof entry === "object" ? entry[plural.select(values.n ?? 0)] ?? entry.other : entry;
      return text.replace(/\{(\w+)\}/g, (_, name) =>
        typeof values[name] === "number" ? count(values[name]) : String(values[name]));
    };
    const percent = (share, digits) => {
      const places = digits === undefined ? upToTwo : two;
      const near = Math.round(share * 1e4);
      const [mark, shown] = share > 0 && near === 0 ? ["<", 0.01]
        : share < 1 && near === 10000 ? [">", 99.99] : ["", share * 100];
      return `${mark}${places.format(shown)}${digits === undefined ? "%" : " %"}`;
    };
    const date = (iso) => (iso ? days.format(new Date(`${iso}T00:00:00Z`)) : "");
    return Object.assign(say, { language, count, percent, date });
  };

  /** What a cell shows; the twin of tables.cell. `tls`: a share and its count; `part`: a count and its total. */
  smtpauth.cell = (column, row, words) => {
    const [first, second] = (column.of ?? [column.name]).map((name) => row[name]);
    if (first === null || first === undefined) return "";
    switch (column.kind) {
      case "count": return words.count(first);
      case "some": return first ? words.count(first) : "";
      case "date": return words.date(first);
      case "tls": return `${words.percent(first)}(${words.count(second)})`;
      case "part": return `${words.percent(second ? first / second : 0)}(${words.count(first)})`;
      case "list": return first.join(", ");
      default: return String(first);
    }
  };

  function order(column, rows, language) {
    const [name, total] = column.of ?? [column.name];
    const values = column.kind === "part" ? rows[name].map((count, n) => count / rows[total][n]) : rows[name];
    const compare = column.kind === "text" ? new Intl.Collator(language).compare : undefined;
    return (a, b) => {
      if (compare) return compare(values[a], values[b]);
      const [x, y] = [values[a] ?? -Infinity, values[b] ?? -Infinity];
      return x < y ? -1 : x > y ? 1 : 0;
    };
  }

  const KEYS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

  /**
   * Draw a table of `rows` ({name: [value, …]}).
   *
   * `columns` are `tables.Column`s as dicts: {name, title, kind, align, of, help}. One row at a time
   * is reached by Tab, the others by arrow keys; Enter, Space or a click gives its index to
   * `onSelect`. Sorting, searching and paging happen here. The handle has `patch(rows, {columns,
   * label})`, `focus(index)` and `finalize()`.
   */
  smtpauth.drawTable = (element, options) => {
    const words = smtpauth.speak(options.words);
    const { page = 50, onSelect, search = true } = options;
    let { columns, rows, label } = options;
    let sorted = { name: null, down: false };
    let wanted = "";
    let sequence = [];       // row numbers in the order on screen, all pages
    let at = 0;              // the place in `sequence` that Tab reaches
    const head = make("thead");
    const body = make("tbody");
    const caption = make("caption");
    const table = make("table", { class: "smtpauth-table", role: onSelect ? "grid" : undefined },
      caption, head, body);
    const find = make("input", { type: "search", class: "smtpauth-search",
      placeholder: words("Search"), "aria-label": words("Search"), "data-lm-suppress-shortcuts": "true" });
    const pager = make("div", { class: "smtpauth-pager" });
    const tools = make("div", { class: "smtpauth-table-tools" }, find, pager);
    element.replaceChildren(tools, make("div", { class: "smtpauth-table-frame" }, table));

    const size = () => (rows[(columns[0].of ?? [columns[0].name])[0]] ?? []).length;
    const rowAt = (index) => Object.fromEntries(Object.keys(rows).map((name) => [name, rows[name][index]]));
    const firstShown = () => Math.floor(at / page) * page;

    function arrange() {
      sequence = Array.from({ length: size() }, (_, i) => i);
      const texts = columns.filter((each) => each.kind === "text").map((each) => rows[each.name]);
      const needle = wanted.trim().toLowerCase();
      if (needle) sequence = sequence.filter((i) => texts.some((text) => String(text[i]).toLowerCase().includes(needle)));
      const column = columns.find((each) => each.name === sorted.name);
      if (column) {
        const compare = order(column, rows, words.language);
        sequence.sort((a, b) => (sorted.down ? compare(b, a) : compare(a, b)) || a - b);
      }
      at = 0;
    }

    function drawHead() {
      head.replaceChildren(make("tr", {}, ...columns.map((column) => {
        const here = sorted.name === column.name;
        const button = make("button", { type: "button", class: "smtpauth-sort", title: column.help,
          "data-lm-suppress-shortcuts": "true" }, column.title);
        button.addEventListener("click", () => {
          const numbers = column.kind !== "text";
          sorted = { name: column.name, down: here ? !sorted.down : numbers };
          draw(column.name);
        });
        return make("th", { scope: "col", class: `smtpauth-${column.align}`,
          "aria-sort": here ? (sorted.down ? "descending" : "ascending") : "none" }, button);
      })));
    }

    function drawRow(place) {
      const index = sequence[place];
      const row = rowAt(index);
      const tr = make("tr", onSelect ? { tabindex: place === at ? 0 : -1, "data-place": place,
        "aria-haspopup": "dialog", "data-lm-suppress-shortcuts": "true" } : {});
      tr.append(...columns.map((column) => make("td", { class: `smtpauth-${column.align}` },
        make("bdi", {}, ...smtpauth.visible(smtpauth.cell(column, row, words))))));
      return tr;
    }

    function drawPager() {
      const total = sequence.length;
      tools.hidden = size() <= 10;
      find.hidden = !search;
      const from = firstShown();
      const to = Math.min(from + page, total);
      const step = (text, target) => {
        const button = make("button", { type: "button", class: "smtpauth-button",
          disabled: target < 0 || target >= total, "data-lm-suppress-shortcuts": "true" }, text);
        button.addEventListener("click", () => {
          const previous = target < at;
          at = target;
          drawBody();
          const buttons = pager.querySelectorAll("button");
          const same = buttons[previous ? 0 : 1];
          (same.disabled ? buttons[previous ? 1 : 0] : same).focus();
        });
        return button;
      };
      const shown = make("span", { role: "status" },
        words("{from}–{to} of {n} rows", { from: total ? from + 1 : 0, to, n: total }));
      pager.replaceChildren(shown,
        ...(total > page ? [step(words("Previous"), from - page), step(words("Next"), from + page)] : []));
    }

    function drawBody() {
      const from = firstShown();
      const places = sequence.slice(from, from + page).map((_, i) => from + i);
      body.replaceChildren(...places.map(drawRow));
      if (!places.length) {
        body.append(make("tr", {}, make("td", { colspan: columns.length, class: "smtpauth-nothing" },
          words("No rows match."))));
      }
      drawPager();
    }

    function draw(sortedBy) {
      arrange();
      caption.textContent = label ?? "";
      drawHead();
      drawBody();
      if (sortedBy) head.querySelectorAll("button")[columns.findIndex((c) => c.name === sortedBy)].focus();
    }

    function reach(place) {
      const old = firstShown();
      at = Math.max(0, Math.min(place, sequence.length - 1));
      if (firstShown() !== old) drawBody();
      for (const tr of body.querySelectorAll("tr[tabindex]")) tr.tabIndex = Number(tr.dataset.place) === at ? 0 : -1;
      body.querySelector(`tr[data-place="${at}"]`)?.focus();
    }

    function select(tr) {
      at = Number(tr.dataset.place);
      reach(at);
      onSelect(sequence[at]);
    }

    if (onSelect) {
      body.addEventListener("click", (event) => {
        const tr = event.target.closest("tr[tabindex]");
        if (tr) select(tr);
      });
      body.addEventListener("keydown", (event) => {
        const tr = event.target.closest("tr[tabindex]");
        if (!tr || event.ctrlKey || event.altKey || event.metaKey) return;
        if (event.key in KEYS) reach(at + KEYS[event.key]);
        else if (event.key === "Enter" || event.key === " ") select(tr);
        else return;
        event.preventDefault();
        event.stopPropagation();
      });
    }
    find.addEventListener("input", () => { wanted = find.value; arrange(); drawBody(); });
    find.addEventListener("keydown", (event) => event.stopPropagation());
    draw();
    return {
      element: table,
      patch(nextRows, next = {}) {
        rows = nextRows;
        columns = next.columns ?? columns;
        label = next.label ?? label;
        draw();
      },
      order: () => [...sequence],   // rows as they stand: found, sorted, all pages
      focus: (index) => reach(Math.max(0, sequence.indexOf(index))),
      finalize: () => element.replaceChildren(),
    };
  };

  /** A definition list of the `fields` of one `row`; a field without a value is left out. */
  smtpauth.details = (fields, row, words) => make("dl", { class: "smtpauth-fields" },
    ...fields.flatMap((field) => {
      const text = smtpauth.cell(field, row, words);
      return text === "" ? [] : [make("dt", {}, field.title),
        make("dd", {}, make("bdi", {}, ...smtpauth.visible(text)))];
    }));

  /**
   * Slide a panel over the page: role=dialog, closed by ✕, Esc or a click beside it; the focus goes
   * in and comes back. `content` is a list of nodes. The handle has `body` and `close()`.
   */
  smtpauth.drawFlyout = (element, options) => {
    const words = smtpauth.speak(options.words);
    const { title, content = [], onClose, kind = "" } = options;
    const before = document.activeElement;
    const heading = make("h2", { tabindex: -1 }, make("bdi", {}, ...smtpauth.visible(title)));
    const button = make("button", { type: "button", class: "smtpauth-close",
      "aria-label": words("Close"), title: words("Close"), "data-lm-suppress-shortcuts": "true" }, "✕");
    const body = make("div", { class: "smtpauth-flyout-body" }, ...content);
    const dialog = make("dialog", { class: `smtpauth smtpauth-flyout ${kind}`, role: "dialog",
      "aria-modal": "true", "aria-label": title, "data-lm-suppress-shortcuts": "true" },
      make("header", {}, heading, button), body);
    let open = true;
    const close = () => {
      if (!open) return;
      open = false;
      dialog.close();
      dialog.remove();
      if (before?.isConnected) before.focus();
      onClose?.();
    };
    button.addEventListener("click", close);
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); });
    dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();   // JupyterLab's own keys stay out of it
      if (event.key === "Escape") { event.preventDefault(); close(); }
    });
    element.append(dialog);
    dialog.showModal();
    button.focus();
    return { element: dialog, body, close };
  };
})();
