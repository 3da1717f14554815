// Words, tables and flyouts: `smtpauth.speak`, `drawTable`, `drawFlyout`. Every value of an export is
// written with textContent or a text node: it can never become markup.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= /** @type {Smtpauth} */ ({}));
  const UNTOLD = "\u2013"; // stands for a figure that no source tells
  const FIGURES = ["count", "rate", "tls", "part"];
  const LEVELS = ["high", "medium", "low"];
  // The same characters as INVISIBLE in words/inert.py.
  const INVISIBLE =
    /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\u{13430}-\u{1343f}\u{13441}\u{13442}\u{16fe4}\u{1bca0}-\u{1bca3}\u{1d159}\u{1d173}-\u{1d17a}\u{1fffe}\u{1ffff}\u{2fffe}\u{2ffff}\u{3fffe}\u{3ffff}\u{4fffe}\u{4ffff}\u{5fffe}\u{5ffff}\u{6fffe}\u{6ffff}\u{7fffe}\u{7ffff}\u{8fffe}\u{8ffff}\u{9fffe}\u{9ffff}\u{afffe}\u{affff}\u{bfffe}\u{bffff}\u{cfffe}\u{cffff}\u{dfffe}\u{dffff}\u{efffe}\u{effff}\u{ffffe}\u{fffff}\u{10fffe}\u{10ffff}\u{e0000}-\u{e0fff}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/gu;

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

  const codeOf = (sign) => `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

  /** Text with its code for every character that hides or reorders others: where there are no nodes. */
  smtpauth.coded = (text) => text.replace(INVISIBLE, (sign) => `[${codeOf(sign)}]`);

  const NAMED = /(?<!\S)(?=\S*[\p{L}\p{N}_]-[\p{L}\p{N}_])(?=\S*(?:[\d@._/]|-\p{Lu}))(\S{1,48}(?: \d\d:\d\d)?)(?!\S)/u;

  const WORD = /(?<!\S)(\S*[\p{L}\p{N}]-[\p{L}\p{N}]\S*)/u;

  /** Text as nodes, a name, an address or a day in one line, whatever hyphens are in it. */
  const unbroken = (text, what = NAMED) =>
    text.includes("-")
      ? text.split(what).map((part, n) => (n % 2 ? make("span", { class: "smtpauth-whole" }, part) : part))
      : [text];

  /** The title of a column as nodes: a word with a hyphen is no two lines. */
  const titled = (text) => unbroken(text, WORD);

  /** Text as nodes; a character that hides or reorders others is boxed in and named by its code. */
  smtpauth.visible = (text) => {
    const nodes = [];
    let from = 0;
    for (const found of text.matchAll(INVISIBLE)) {
      nodes.push(...unbroken(text.slice(from, found.index)));
      nodes.push(make("bdi", { class: "smtpauth-invisible", "data-code": codeOf(found[0]) }, found[0]));
      from = found.index + found[0].length;
    }
    return [...nodes, ...unbroken(text.slice(from))];
  };

  /** The words of a language, as `Words.for_script()` sends them: texts, counts, shares and days. */
  smtpauth.speak = ({ language, texts }) => {
    const plural = new Intl.PluralRules(language);
    const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
    const two = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const upToTwo = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
    const one = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
    const days = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
    const decimal = (number) => one.format(number);
    const count = (number) => (number === null ? UNTOLD : whole.format(number));
    const say = (key, values = {}) => {
      const entry = texts[key];
      const text = typeof entry === "object" ? (entry[plural.select(values.n ?? 0)] ?? entry.other) : entry;
      return text.replace(/\{(\w+)\}/g, (_, name) =>
        typeof values[name] === "number" || values[name] === null ? count(values[name]) : String(values[name]),
      );
    };
    const percent = (share, digits) => {
      if (share === null) return UNTOLD;
      const places = digits === undefined ? upToTwo : two;
      const near = Math.round(share * 1e4);
      const [mark, shown] =
        share > 0 && near === 0 ? ["<", 0.01] : share < 1 && near === 10000 ? [">", 99.99] : ["", share * 100];
      const number = `${mark}${places.format(shown)}`;
      return digits === undefined ? `${number}%` : say("{number} %", { number });
    };
    const date = (iso) => (iso ? days.format(new Date(`${iso}T00:00:00Z`)) : "");
    return Object.assign(say, { language, count, decimal, percent, date });
  };

  const OLD_TLS = ["tls_none", "tls_1_0", "tls_1_1"];

  /** How a cell looks, as details_table.look does: what is zero is muted, what is old is marked. */
  smtpauth.look = (column, row) => {
    const of = column.of ?? [column.name];
    const [first, second] = of.map((name) => row[name]);
    const counted = column.kind === "tls" ? second : first;
    if (FIGURES.includes(column.kind) && counted === 0) return "smtpauth-zero";
    if (column.kind === "severity") return `smtpauth-level-${second}`;
    const isOld = OLD_TLS.includes(column.name) || of[0] === "basic_count";
    return isOld && counted ? "smtpauth-old" : "";
  };

  /**
   * What a cell shows, as details_table.cell does. `tls`: a share and its count; `part`: a count and
   * its total. A figure that is null no source tells; one that the row does not have is left out.
   */
  smtpauth.cell = (column, row, words) => {
    const [first, second] = (column.of ?? [column.name]).map((name) => row[name]);
    if (first === undefined || (first === null && column.kind !== "auth"))
      return first === null && FIGURES.includes(column.kind) ? UNTOLD : "";
    switch (column.kind) {
      case "count":
        return words.count(first);
      case "rate":
        return words.decimal(first);
      case "date":
        return words.date(first);
      case "tls":
        return `${words.percent(first)}(${words.count(second)})`;
      case "part":
        return `${words.percent(second ? first / second : 0)}(${words.count(first)})`;
      case "auth":
        return [words("Basic auth"), words("OAuth"), words("Authentication unknown")]
          .map((title, n) => [title, row[column.of[n]]])
          .filter(([, count]) => count)
          .sort((a, b) => b[1] - a[1])
          .map(([title]) => title)
          .join(", ");
      case "list":
        return first.join(", ");
      default:
        return String(first);
    }
  };

  function comparing(column, rows, language) {
    const [name, total] = column.of ?? [column.name];
    if (column.kind === "severity") return (a, b) => LEVELS.indexOf(rows[total][b]) - LEVELS.indexOf(rows[total][a]);
    const part = (count, n) => (count === null ? null : count / rows[total][n]);
    const values = column.kind === "part" ? rows[name].map(part) : rows[name];
    const compare = column.kind === "text" ? new Intl.Collator(language).compare : undefined;
    return (a, b) => {
      if (compare) return compare(values[a], values[b]);
      const [x, y] = [values[a] ?? -Infinity, values[b] ?? -Infinity];
      return x < y ? -1 : x > y ? 1 : 0;
    };
  }

  const lengthOf = (rows) => (Object.values(rows)[0] ?? []).length;
  const pick = (rows, places) =>
    Object.fromEntries(Object.entries(rows).map(([name, values]) => [name, places.map((i) => values[i])]));

  /** Answers a table's questions from rows that are all here. */
  function inMemory(columns, rows, language, page) {
    const order = (wanted) => {
      let sequence = Array.from({ length: lengthOf(rows) }, (_, i) => i);
      const texts = columns.filter((each) => each.kind === "text").map((each) => rows[each.name]);
      const needle = wanted.search.trim().toLowerCase();
      if (needle)
        sequence = sequence.filter((i) => texts.some((text) => String(text[i]).toLowerCase().includes(needle)));
      const column = columns.find((each) => each.name === wanted.sort);
      if (column) {
        const compare = comparing(column, rows, language);
        sequence.sort((a, b) => (wanted.descending ? compare(b, a) : compare(a, b)) || a - b);
      }
      return sequence;
    };
    const ask = (wanted, arrived) => {
      const sequence = order(wanted);
      const shown = sequence.slice(wanted.offset, wanted.offset + page);
      arrived({ rows: pick(rows, shown), indexes: shown, offset: wanted.offset, total: sequence.length });
    };
    return Object.assign(ask, { order });
  }

  const KEYS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
  const SUPPRESS = { "data-lm-suppress-shortcuts": "true" };

  /**
   * Draw a table.
   *
   * `columns` are `details_table.Column`s as dicts: {name, title, kind, align, of, help}. Either `rows`
   * ({name: [value, …]}) are all of them, and sorting, searching and paging happen here; or `ask`
   * hears what is wanted, {sort, descending, search, offset}, and the page asked for comes with
   * `patch(rows, {offset, total, …})`. One row at a time is reached by Tab, the others by arrow
   * keys; Enter, Space or a click gives its index and the row to `onSelect`. With `onEdit` the cells
   * of columns with `edit` are controls, and it hears the row, the column and what was written.
   * `totals` is one more row, below all. Where `key` names the values that tell rows apart, the focus
   * goes with its row when rows that are all here come anew. The handle has `patch(rows, {columns,
   * label, totals, stay, …})` (`stay`: on the same page), `fill(columns)` for cells that come later,
   * `control(key, column)`, `focus(index)` and `finalize()`.
   */
  smtpauth.drawTable = (element, options) => {
    const words = smtpauth.speak(options.words);
    const { page = 50, onSelect, onEdit, search = true, key } = options;
    let { columns, rows, label, totals, name } = options;
    let ask = options.ask ?? inMemory(columns, rows, words.language, page);
    let wanted = {
      sort: options.sort ?? null,
      descending: options.descending ?? false,
      search: options.find ?? "",
      offset: options.offset ?? 0,
    };
    let shown = { rows: {}, indexes: null, offset: 0, total: 0 };
    let at = wanted.offset; // the place, of all rows in their order, that Tab reaches
    let isDrawing = false;
    let drawn = null; // the columns that the rows on screen were drawn with
    let focusNext = null; // what gets the focus when the rows asked for arrive
    const head = make("thead");
    const body = make("tbody");
    const foot = make("tfoot");
    const caption = make("caption");
    const table = make(
      "table",
      { class: onSelect ? "smtpauth-table" : "smtpauth-table smtpauth-lines", role: onSelect ? "grid" : undefined },
      caption,
      head,
      body,
      foot,
    );
    const find = make("input", {
      type: "search",
      class: "smtpauth-search",
      placeholder: words("Search"),
      "aria-label": words("Search"),
      ...SUPPRESS,
    });
    find.value = wanted.search;
    const pager = make("div", { class: "smtpauth-pager" });
    const tools = make("div", { class: "smtpauth-table-tools" }, find, pager);
    const about = make("details", { class: "smtpauth-about" });
    const frame = make("div", { class: "smtpauth-table-frame", role: "group" }, table);
    element.replaceChildren(tools, frame, about);

    const cells = (row, place) =>
      columns.map((column) => {
        const text = smtpauth.cell(column, row, words);
        const isEdited = onEdit && column.edit && place !== undefined;
        return make(
          "td",
          {
            class: `smtpauth-${column.align} ${isEdited ? "smtpauth-edited" : smtpauth.look(column, row)}`.trim(),
            "data-column": column.name,
            title: titleOf(text),
          },
          isEdited ? editor(column, row, place) : make("bdi", {}, ...smtpauth.visible(text)),
        );
      });
    /** The control of a cell that is written in; Tab reaches those of the row that it reaches. */
    const editor = (column, row, place) => {
      const value = String(row[(column.of ?? [column.name]).at(-1)] ?? "");
      const attributes = {
        class: "smtpauth-edit",
        "aria-label": smtpauth.coded(`${column.title}: ${smtpauth.cell(columns[0], row, words)}`),
        "data-column": column.name,
        "data-was": value,
        tabindex: place === at ? 0 : -1,
        ...SUPPRESS,
      };
      const options = (column.choices ?? []).map(([name, title]) => make("option", { value: name }, title));
      const control =
        column.edit === "choice"
          ? make("select", attributes, ...options)
          : make("input", { type: column.edit === "day" ? "date" : "text", autocomplete: "off", ...attributes });
      control.value = value;
      const write = () => {
        const { value: now, dataset } = control;
        // A day that is written half is no day yet, and what is drawn anew was not left by anybody.
        if (isDrawing || control.validity.badInput || now === (dataset.sent ?? dataset.was)) return;
        dataset.sent = now;
        control.removeAttribute("aria-invalid");
        onEdit(row, column, now);
      };
      // Typed on the way to a day, or over the states with arrow keys: kept once somebody is done.
      if (column.edit === "choice") control.addEventListener("change", write);
      else control.addEventListener("blur", write);
      control.addEventListener("keydown", (event) => {
        event.stopPropagation();
        if (event.key === "Enter" && column.edit !== "choice") write();
        if (event.key !== "Escape") return;
        control.value = control.dataset.was;
        delete control.dataset.sent;
        control.removeAttribute("aria-invalid");
        control.closest("tr").focus();
      });
      return control;
    };
    /** A text that may be cut stands whole under the mouse. */
    const titleOf = (text) => (text.length > 40 ? smtpauth.coded(text) : undefined);
    const rowAt = (place) =>
      Object.fromEntries(Object.entries(shown.rows).map(([name, values]) => [name, values[place - shown.offset]]));

    function want(change, focus = null) {
      wanted = { ...wanted, ...change };
      focusNext = focus;
      drawHead();
      ask({ ...wanted }, arrived);
    }

    /** The control that is written in just now, to be found again when the rows are drawn anew. */
    function writing() {
      const control = /** @type {HTMLInputElement} */ (document.activeElement);
      if (!control?.matches?.(".smtpauth-edit") || !body.contains(control)) return null;
      const { column, was } = control.dataset;
      const key = rowAt(Number(control.closest("tr").dataset.place))[columns[0].name];
      return { column, key, typed: control.value === was ? null : control.value };
    }

    /** The control of a column in the row whose first column has the value `key`; null: not shown. */
    function controlOf(key, column) {
      const row = (shown.rows[columns[0].name] ?? []).indexOf(key);
      if (row < 0) return null;
      return body.querySelector(`tr[data-place="${row + shown.offset}"] .smtpauth-edit[data-column="${column}"]`);
    }

    /** Whether the rows on screen, which are written in, are about the same as `before`. */
    function isSame(before) {
      const [{ name: key }] = columns;
      const told = (page) => JSON.stringify([page.offset, page.total, page.rows[key]]);
      return Boolean(onEdit) && !focusNext && drawn === columns && told(before) === told(shown);
    }

    /** Show new values in the rows that are there: who writes in one is not disturbed. */
    function update() {
      for (const tr of body.querySelectorAll("tr[data-place]")) {
        const row = rowAt(Number(tr.dataset.place));
        for (const [n, td] of cells(row, Number(tr.dataset.place)).entries()) {
          const [old, control] = [tr.children[n], tr.children[n].querySelector(".smtpauth-edit")];
          if (!control) old.replaceWith(td);
          else if (control !== document.activeElement || control.value === control.dataset.sent) {
            const next = td.querySelector(".smtpauth-edit");
            if (control.value !== next.value) control.value = next.value;
            control.dataset.was = next.dataset.was;
            delete control.dataset.sent;
          }
        }
      }
      drawPager();
    }

    function arrived(next) {
      const [written, before] = [writing(), shown];
      shown = next;
      const last = shown.offset + lengthOf(shown.rows) - 1;
      at = Math.max(shown.offset, Math.min(at, last));
      const hadFocus = body.contains(document.activeElement);
      if (isSame(before)) return update();
      isDrawing = true;
      draw();
      isDrawing = false;
      const control = written && controlOf(written.key, written.column);
      if (control) {
        if (written.typed !== null) control.value = written.typed;
        control.focus();
      } else if (hadFocus) body.querySelector(`tr[data-place="${at}"]`)?.focus();
      focusNext?.();
      focusNext = null;
    }

    function drawHead() {
      head.replaceChildren(
        make(
          "tr",
          {},
          ...columns.map((column) => {
            const here = wanted.sort === column.name;
            const button = make(
              "button",
              {
                type: "button",
                class: "smtpauth-sort",
                title: column.help || undefined,
                "aria-description": column.help || undefined,
                ...SUPPRESS,
              },
              ...titled(column.title),
            );
            button.addEventListener("click", () => {
              const numbers = column.align === "number";
              want({ sort: column.name, descending: here ? !wanted.descending : numbers, offset: 0 }, () =>
                head.querySelectorAll("button")[columns.findIndex((c) => c.name === column.name)]?.focus(),
              );
            });
            return make(
              "th",
              {
                scope: "col",
                class: `smtpauth-${column.align}`,
                "aria-sort": here ? (wanted.descending ? "descending" : "ascending") : "none",
              },
              button,
            );
          }),
        ),
      );
      const explained = columns.filter((column) => column.help);
      about.hidden = !explained.length;
      const open = about.open;
      about.replaceChildren(
        make("summary", SUPPRESS, words("About the columns")),
        make("dl", {}, ...explained.flatMap((column) => [make("dt", {}, column.title), make("dd", {}, column.help)])),
      );
      about.open = open;
    }

    function drawRow(place) {
      const tr = make(
        "tr",
        onSelect
          ? { tabindex: place === at ? 0 : -1, "data-place": place, "aria-haspopup": "dialog", ...SUPPRESS }
          : {},
      );
      tr.append(...cells(rowAt(place), place));
      return tr;
    }

    /** The focus goes to a button of the pager, to the other one where it leads nowhere. */
    function focusStep(n) {
      const buttons = pager.querySelectorAll("button");
      (buttons[n]?.disabled ? buttons[1 - n] : buttons[n])?.focus();
    }

    function drawPager() {
      // An answer may come while the next one is under way: the focus stays through both.
      const held = [...pager.querySelectorAll("button")].indexOf(
        /** @type {HTMLButtonElement} */ (document.activeElement),
      );
      const { offset, total } = shown;
      const to = Math.min(offset + page, total);
      tools.hidden = total <= 10 && !wanted.search && !find.value;
      find.hidden = !search;
      const step = (text, target) => {
        const button = make(
          "button",
          { type: "button", class: "smtpauth-button", disabled: target < 0 || target >= total, ...SUPPRESS },
          text,
        );
        button.addEventListener("click", () => {
          const previous = target < offset;
          at = target;
          want({ offset: target }, () => focusStep(previous ? 0 : 1));
        });
        return button;
      };
      const said = make(
        "span",
        { role: "status" },
        words("{from}–{to} of {n} rows", { from: total ? offset + 1 : 0, to, n: total }),
      );
      pager.replaceChildren(
        said,
        ...(total > page ? [step(words("Previous"), offset - page), step(words("Next"), offset + page)] : []),
      );
      if (held >= 0) focusStep(held);
    }

    function draw() {
      drawn = columns;
      const count = lengthOf(shown.rows);
      body.replaceChildren(...Array.from({ length: count }, (_, i) => drawRow(shown.offset + i)));
      if (!count) {
        body.append(
          make("tr", {}, make("td", { colspan: columns.length, class: "smtpauth-nothing" }, words("No rows match."))),
        );
      }
      foot.replaceChildren(...(totals && count ? [make("tr", {}, ...cells(totals))] : []));
      caption.textContent = label ?? "";
      const title = label || name || words("Senders");
      table.setAttribute("aria-label", title);
      frame.setAttribute("aria-label", title);
      // It scrolls sideways: the keyboard reaches it by a row, or by itself where no row can be reached.
      if (onSelect && count) frame.removeAttribute("tabindex");
      else frame.tabIndex = 0;
      drawPager();
    }

    const pageOf = (place) => Math.floor(place / page) * page;

    const mark = () => {
      for (const tr of body.querySelectorAll("tr[tabindex]")) {
        const tab = Number(tr.dataset.place) === at ? 0 : -1;
        for (const each of [tr, ...tr.querySelectorAll(".smtpauth-edit")]) each.tabIndex = tab;
      }
    };

    function reach(place) {
      at = Math.max(0, Math.min(place, shown.total - 1));
      const focus = () => {
        mark();
        body.querySelector(`tr[data-place="${at}"]`)?.focus();
      };
      const first = pageOf(at);
      if (first === shown.offset) focus();
      else want({ offset: first }, focus);
    }

    function select(tr) {
      reach(Number(tr.dataset.place));
      onSelect(shown.indexes ? shown.indexes[at - shown.offset] : at, rowAt(at));
    }

    if (onSelect) {
      body.addEventListener("click", (event) => {
        const tr = event.target.closest("tr[tabindex]");
        if (tr && !event.target.closest(".smtpauth-edited")) select(tr);
      });
      body.addEventListener("focusin", (event) => {
        at = Number(event.target.closest("tr[tabindex]")?.dataset.place ?? at);
        mark();
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
    let typed = null;
    find.addEventListener("input", () => {
      clearTimeout(typed);
      const search = () => {
        at = 0;
        want({ search: find.value, offset: 0 });
      };
      // A kernel is asked when the typing pauses.
      if (options.ask) typed = setTimeout(search, 150);
      else search();
    });
    find.addEventListener("keydown", (event) => event.stopPropagation());
    drawHead();
    if (options.ask) arrived({ rows, indexes: null, offset: wanted.offset, total: options.total });
    else want({});
    return {
      element: table,
      patch(nextRows, next = {}) {
        const sameColumns = next.columns === undefined || JSON.stringify(next.columns) === JSON.stringify(columns);
        if (!sameColumns) columns = next.columns;
        label = next.label ?? label;
        name = next.name ?? name;
        totals = next.totals ?? totals;
        if (options.ask) {
          const { sort, descending, find: sought, offset, total } = next;
          const asWanted = wanted.sort === sort && wanted.descending === descending && wanted.offset === offset;
          wanted = { sort, descending, search: sought, offset };
          if (document.activeElement !== find) find.value = sought;
          if (!sameColumns || !asWanted) drawHead();
          arrived({ rows: nextRows, indexes: null, offset, total });
          return;
        }
        const focused = key && body.contains(document.activeElement) ? rowAt(at)[key] : undefined;
        rows = nextRows;
        ask = inMemory(columns, rows, words.language, page);
        const place = focused === undefined ? -1 : ask.order(wanted).indexOf(rows[key].indexOf(focused));
        if (place >= 0) at = place;
        else if (!next.stay) at = 0;
        want({ offset: place >= 0 ? pageOf(place) : next.stay ? wanted.offset : 0 });
      },
      order: () => ask.order(wanted), // rows that are all here as they stand: found, sorted, all pages
      fill(more) {
        Object.assign(shown.rows, more);
        for (const column of columns.filter(({ name }) => name in more)) {
          const places = body.querySelectorAll(`td[data-column="${column.name}"]`);
          for (const [i, td] of places.entries()) {
            const text = smtpauth.cell(column, rowAt(shown.offset + i), words);
            td.replaceChildren(make("bdi", {}, ...smtpauth.visible(text)));
          }
        }
      },
      control: controlOf,
      focus(index) {
        reach(options.ask ? index : ask.order(wanted).indexOf(index));
      },
      finalize: () => {
        clearTimeout(typed);
        element.replaceChildren();
      },
    };
  };

  /** A definition list of the `fields` of one `row`; a field without a value is left out. */
  smtpauth.details = (fields, row, words) =>
    make(
      "dl",
      { class: "smtpauth-fields" },
      ...fields.flatMap((field) => {
        const text = smtpauth.cell(field, row, words);
        return text === ""
          ? []
          : [make("dt", {}, field.title), make("dd", {}, make("bdi", {}, ...smtpauth.visible(text)))];
      }),
    );

  /**
   * Slide a panel over the page: role=dialog, closed by ✕, Esc or a click beside it; the focus goes
   * in and comes back. `content` is a list of nodes. The handle has `body` and `close()`.
   */
  smtpauth.drawFlyout = (element, options) => {
    const words = smtpauth.speak(options.words);
    const { title, content = [], onClose, kind = "" } = options;
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    const heading = make("h2", { tabindex: -1 }, make("bdi", {}, ...smtpauth.visible(title)));
    const button = make(
      "button",
      {
        type: "button",
        class: "smtpauth-close",
        "aria-label": words("Close"),
        title: words("Close"),
        "data-lm-suppress-shortcuts": "true",
      },
      "✕",
    );
    const body = make("div", { class: "smtpauth-flyout-body" }, ...content);
    const dialog = make(
      "dialog",
      {
        class: `smtpauth smtpauth-flyout ${kind}`,
        role: "dialog",
        "aria-modal": "true",
        "aria-label": title,
        "data-lm-suppress-shortcuts": "true",
      },
      make("header", {}, heading, button),
      body,
    );
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
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close();
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) close();
    });
    dialog.addEventListener("keydown", (event) => {
      event.stopPropagation(); // JupyterLab's own keys stay out of it
      if (event.key === "Escape") {
        event.preventDefault();
        close();
      }
    });
    element.append(dialog);
    dialog.showModal();
    button.focus();
    return { element: dialog, body, close };
  };
})();
