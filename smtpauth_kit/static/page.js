// Brings the screens of a page to life without a server: every `.smtpauth-insight` has its data in
// a JSON island, every `.smtpauth-report` its own packed, and its facts, which its filters add up.
(() => {
  "use strict";
  const { drawChart, chartTable, drawTable, drawFlyout, details, speak, make, coded,
    unpack, readCube, volumeOf, usageOf, rowsOf, usersOf, sendersOf, figures } = globalThis.smtpauth;
  const { sum, isoDay } = figures;

  const dataOf = async (screen) => JSON.parse(new TextDecoder().decode(await unpack(screen.querySelector(":scope > .smtpauth-data"))));

  function statusText(count, accounts, { start, end }, source, words) {
    return words("{digits} {messages} from {accounts}, {start} to {end}, source: {source}", {
      digits: String(count), messages: words("messages", { n: count }),
      accounts: words("{n} accounts", { n: accounts }), start, end, source,
    });
  }

  /** Columns as the whole report has them, without a TLS version nobody of these rows used. */
  function columnsFor(columns, rows) {
    return columns.filter((column) => column.kind !== "tls" || /^TLS1\.[012]%$/.test(column.title)
      || sum(rows[column.of[1]]) > 0);
  }

  /** One drawing (heading, sentence, chart) that is drawn when first shown, then patched. */
  function drawing(block, spec, { numbers, words, onBrush, onSelect }) {
    const sentence = block.querySelector(".smtpauth-finding");
    const place = block.querySelector(".smtpauth-chart");
    place.removeAttribute("role");
    place.removeAttribute("aria-label");
    let handle;
    const table = chartTable(place, words);
    const brushes = (spec.signals ?? []).some(({ name }) => name === "brush");
    const self = {
      block,
      clear: async () => { if (brushes) (await handle)?.view.signal("brush", null).runAsync(); },
      async show({ columns, values = {}, finding, named = columns }) {
        table.patch({ columns: numbers, rows: named, label: finding });
        sentence?.replaceChildren(...globalThis.smtpauth.visible(finding));
        if (handle) {
          await (await handle).patch(columns, { values, label: finding });
          return;
        }
        handle = drawChart(place, spec, columns, { values, label: finding, onSelect,
          onBrush: (range) => onBrush(self, range && range.map(isoDay)) });
        await handle;
      },
    };
    return self;
  }

  /** What was clicked: the field and the value to filter by. A legend entry is a value of `colored`. */
  function clicked(datum, colored) {
    const named = datum.domain !== undefined ? { sender_domain: datum.domain } : {};
    const chosen = { ...(typeof datum.value === "string" ? { [colored]: datum.value } : {}), ...datum, ...named };
    return ["sender_address", "sender_domain", "tls_version", "auth_protocol"]
      .filter((field) => typeof chosen[field] === "string").map((field) => [field, chosen[field]])[0];
  }

  // --- CSV, as spreadsheets.csv_text and words.inert_cell write it ------------------------------

  // Tabs and line ends are named by their code before: they need no care here.
  const STARTS = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/u;
  const STARTS_INSIDE = /[,;|"']\s*(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;

  function inertCell(text) {
    const inside = text.replace(STARTS_INSIDE, "$&'");
    return STARTS.test(text) ? `'${inside}` : inside;
  }

  function csvCell(value, kind) {
    if (value === null || value === undefined) return "";
    if (kind === "share") return (100 * value).toFixed(4).replace(/0+$/, "").replace(/\.$/, "");
    const text = typeof value === "string" ? inertCell(coded(value)) : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function csvText(columns, rows, order) {
    const lines = order.map((n) => columns.map(({ name, kind }) => csvCell(rows[name][n], kind)));
    return [columns.map(({ title }) => csvCell(title)), ...lines].map((line) => `${line.join(",")}\r\n`).join("");
  }

  function offer(name, text) {
    const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
    make("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  /** On paper every row of the selection, in the order on screen, as a plain table. */
  function printRows(place, columns, rows, order, words, label) {
    const names = columns.flatMap(({ of }) => of);
    const row = (n) => Object.fromEntries(names.map((name) => [name, rows[name][n]]));
    const cell = (column, of) => make("td", { class: `smtpauth-${column.align}` },
      make("bdi", {}, ...globalThis.smtpauth.visible(globalThis.smtpauth.cell(column, of, words))));
    const body = make("tbody");
    for (const n of order) {
      const of = row(n);
      body.append(make("tr", {}, ...columns.map((column) => cell(column, of))));
    }
    const head = columns.map((column) => make("th", { scope: "col", class: `smtpauth-${column.align}` }, column.title));
    place.replaceChildren(make("table", { class: "smtpauth-table" }, make("caption", {}, label),
      make("thead", {}, make("tr", {}, ...head)), body));
  }

  function startReport(screen, data, facts, before) {
    if (!data.start || !facts.count.length) return null;
    const words = speak(data.words);
    const find = (name) => screen.querySelector(`.smtpauth-${name}`);
    const controls = ["domain", "view", "start", "end", "uses"].map((name) => find(name).querySelector("select, input"));
    const [domain, view, from, to, uses] = controls;
    const [button, status, rowsPlace, notes, paper, brushed, more] =
      ["details", "status", "rows", "notes", "paper", "brushed", "more"].map(find);
    const range = { start: data.start, end: data.end };
    const splits = Object.fromEntries(["tls_version", "auth_protocol"].map((column) => [column, figures.splitOf(column, facts, data)]));
    const all = volumeOf(facts, { ...range, domains: null });
    const known = figures.ranked(figures.volumeIn(facts, all, { ...range, domains: null })).map(({ name }) => name);
    let choice = { domains: null, ...range };
    let days = null;         // the days brushed on a chart: they narrow the table
    let brusher = null;      // the drawing they are brushed on
    let counts = all;        // of the senders chosen
    let table = null;
    let asTable = before?.asTable ?? false;
    let rows = {};           // of the table
    let senders = {};        // the same of the whole choice: charts know no brushed days
    let asked = 0;

    const drawn = (block, name) => drawing(block, data.charts[name], { numbers: data.numbers[name], words: data.words,
      onBrush: brush, onSelect: (datum) => choose(...(clicked(datum, data.views[name].field) ?? [])) });
    const drawings = Object.fromEntries([...screen.querySelectorAll(".smtpauth-drawing")]
      .map((block) => [block.dataset.view, drawn(block, block.dataset.view)]));
    const below = Object.fromEntries([...more.querySelectorAll("[data-chart]")]
      .map((block) => [block.dataset.chart, drawn(block, block.dataset.chart)]));

    const option = (name) => make("option", { value: `@${name}` }, coded(name));
    domain.append(make("option", { value: "" }, words("All sender domains")), ...known.map(option));
    const opening = data.domains ?? [];
    if (opening.length > 1) domain.append(make("option", { value: "asked" }, coded(opening.join(", "))));
    uses.append(make("option", { value: "" }, words("(anything)")), ...Object.values(splits).map(({ column, values, which }) => {
      const found = usageOf(facts, { ...range, domains: null }, which, values.length);
      return make("optgroup", { label: data.headings[column] }, ...values.flatMap((value, n) => (found[n]
        ? [make("option", { value: `${column} ${value}` }, data.titles[column][value])] : [])));
    }));
    for (const input of [from, to]) [input.min, input.max] = [data.start, data.end];
    [from.value, to.value] = [before?.start ?? data.start, before?.end ?? data.end];
    const first = opening.length > 1 ? "asked" : opening.length ? `@${opening[0]}` : "";
    domain.value = before?.domain ?? first;
    if (domain.selectedIndex < 0) domain.value = "";
    if (before) [view.value, uses.value] = [before.view, before.uses];
    for (const name of ["bar", "csv"]) find(name).hidden = false;
    rowsPlace.replaceChildren();
    if (data.filtered) notes.firstElementChild.remove();   // it is said anew of each choice

    /** A choice with the senders it is of: those who used what is asked, in its days. */
    function ofSenders(chosen) {
      if (!uses.value) return chosen;
      const [column, value] = uses.value.split(" ");
      const { which, values } = splits[column];
      return { ...chosen, who: usersOf(facts, chosen, which, values.indexOf(value)) };
    }

    const narrowed = () => (days ? ofSenders({ domains: choice.domains, ...days }) : choice);

    function openSender(index) {
      const row = Object.fromEntries(["who", ...rows.names].map((name) => [name, rows[name][index]]));
      const { start, end } = narrowed();
      const place = make("div", { class: "smtpauth-chart" });
      drawFlyout(screen, { title: row.sender_address, words: data.words, content: [
        details(data.fields, row, words), make("h3", {}, words("Messages per day")), place] });
      const found = rowsOf(facts, { start, end, domains: [row.sender_domain] }, row.who);
      const columns = {
        period_start: found.map((i) => facts.periods[facts.period[i]][0]),
        period_end: found.map((i) => facts.periods[facts.period[i]][1]),
        tls_version: found.map((i) => data.tls_versions[facts.tls[i]]),
        message_count: found.map((i) => facts.count[i]),
      };
      const shown = data.tls_versions.filter((version) => columns.tls_version.includes(version));
      drawChart(place, data.charts.trend, columns, {
        values: { first_day: start, last_day: end, shown },
        label: words("{n} messages", { n: row.message_count }),
      });
    }

    const note = (text) => make("li", { "data-now": true }, ...globalThis.smtpauth.visible(text));

    /** Say what narrows the figures, and which counts of several days the days cut through. */
    function showNotes() {
      for (const item of notes.querySelectorAll("[data-now]")) item.remove();
      const { start, end } = narrowed();
      const whole = start === data.start && end === data.end;
      const held = words("{start} to {end}", { start: words.date(data.start), end: words.date(data.end) });
      const filters = [...data.filters, ...data.conditions.map((each) => (whole ? each : `${each} (${held})`)),
        ...(domain.value ? [words("Sender domain {domains}", { domains: domain.selectedOptions[0].textContent })] : []),
        ...(uses.value ? [words("senders who used {what}", { what: uses.selectedOptions[0].textContent })] : [])];
      if (filters.length) notes.prepend(note(words("Filters: {filters}.", { filters: filters.join("; ") })));
      const isFirst = domain.value === first && !uses.value && start === data.start && end === data.end;
      if (data.not_shown && !isFirst) notes.append(note(words("What other sources hold is said of what this file showed first.")));
      facts.periods.forEach(([first, last], n) => {
        const cut = first !== last && (first < start || last > end) && first <= end && last >= start;
        if (!cut) return;
        const names = choice.domains ?? facts.domains;
        const messages = sum(names.map((name) => all[facts.domains.indexOf(name) * facts.periods.length + n] || 0));
        const period = words("{start} to {end} ({messages})", { start: words.date(first), end: words.date(last),
          messages: words("{n} messages", { n: messages }) });
        notes.append(note(words("Not wholly inside these dates, so in no total: {period}.", { period })));
      });
    }

    const columns = () => columnsFor(data.columns[view.value], rows);
    const label = () => (asTable ? view.selectedOptions[0].textContent : words("Senders"));

    function showTable() {
      const shown = { columns: columns(), label: label() };
      const needed = Object.fromEntries(shown.columns.flatMap(({ of }) => of).map((name) => [name, rows[name]]));
      if (table) table.patch(needed, shown);
      else table = drawTable(rowsPlace, { ...shown, rows: needed, page: 25, words: data.words, onSelect: openSender });
    }

    function showRows() {
      const now = narrowed();
      rows = sendersOf(facts, now, { ...data, whole: now.start === data.start && now.end === data.end });
      showNotes();
      showTable();
      brushed.hidden = !days;
      if (days) brushed.querySelector("span").textContent = words("{start} to {end}",
        { start: words.date(days.start), end: words.date(days.end) });
      status.textContent = statusText(sum(rows.message_count), rows.who.length, now, data.source, words);
    }

    const what = (name) => figures.shown(name, { facts, data, words, choice, counts, known, senders });

    /** The charts below come after the first one is on screen; a newer choice stops them. */
    async function showBelow(mine) {
      for (const name of data.below[view.value]) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        if (mine !== asked) return;
        await below[name].show(what(name));
      }
    }

    async function show() {
      const mine = ++asked;
      for (const [name, { block }] of Object.entries(drawings)) {
        if (asTable || name !== view.value) block.remove();
        else more.before(block);
      }
      more.hidden = asTable;
      for (const [name, { block }] of Object.entries(below)) block.hidden = !data.below[view.value].includes(name);
      button.textContent = words(asTable ? "View report" : "View details table");
      counts = choice.who ? volumeOf(facts, choice) : all;
      showRows();
      senders = rows;
      if (asTable) return;
      await drawings[view.value].show(what(view.value));
      await showBelow(mine);
    }

    /** Days were dragged over on a chart, or taken back on the one that has them. */
    function brush(on, chosen) {
      if (!chosen && brusher !== on) return;
      const before = brusher;
      brusher = chosen ? on : null;
      if (before !== brusher) before?.clear();
      days = chosen ? { start: chosen[0], end: chosen[1] } : null;
      showRows();
    }

    function unbrush() {
      const before = brusher;
      [brusher, days] = [null, null];
      before?.clear();
    }

    /** A mark or a legend entry was clicked: show only that, and all when it is clicked again. */
    function choose(field, value) {
      if (!field) return;
      if (field === "sender_address") {
        if (rows.sender_address.includes(value)) openSender(rows.sender_address.indexOf(value));
        return;
      }
      const [control, wanted] = field === "sender_domain" ? [domain, `@${value}`] : [uses, `${field} ${value}`];
      const before = control.value;
      control.value = before === wanted ? "" : wanted;
      if (control.selectedIndex < 0) control.value = before;   // "Other domains" is none to choose
      else pick();
    }

    function pick() {
      const backwards = from.value > to.value;
      to.setCustomValidity(backwards ? words("The end date is before the start date.") : "");
      if (!from.value || !to.value || backwards || !from.checkValidity() || !to.checkValidity()) {
        status.textContent = to.validationMessage || from.validationMessage || words("Choose both dates.");
        return;
      }
      const domains = domain.value === "asked" ? opening : domain.value ? [domain.value.slice(1)] : null;
      unbrush();
      choice = ofSenders({ domains, start: from.value, end: to.value });
      show();
    }

    for (const control of controls) control.addEventListener("change", pick);
    button.addEventListener("click", () => { asTable = !asTable; unbrush(); show(); });
    brushed.querySelector("button").addEventListener("click", () => { unbrush(); showRows(); domain.focus(); });
    screen.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !days) return;
      unbrush();
      showRows();
    });
    find("csv").addEventListener("click", () => {
      const { start, end } = narrowed();
      offer(`smtp-auth-senders_${start}_${end}.csv`, csvText(data.csv, rows, table.order()));
    });
    addEventListener("beforeprint", () => {
      if (screen.isConnected) printRows(paper, columns(), rows, table.order(), words, label());
    });
    addEventListener("afterprint", () => paper.replaceChildren());
    pick();
    return () => ({ domain: domain.value, view: view.value, start: from.value, end: to.value, uses: uses.value, asTable });
  }

  /** An Altair chart of the notebook's author: drawn again so that its tooltips live. */
  function startAltair(block) {
    const spec = JSON.parse(block.querySelector(":scope > .smtpauth-data").textContent);
    drawChart(block.querySelector(".smtpauth-chart"), spec, null, { label: spec.description ?? "" });
  }

  const facts = new Map();   // of each packed island, read once whatever the language
  const choices = new Map();

  async function wake(root) {
    root.querySelectorAll(".smtpauth-altair").forEach(startAltair);
    const screens = [...root.querySelectorAll(".smtpauth-report")];
    for (const [n, screen] of screens.entries()) {
      const packed = screen.querySelector(":scope > .smtpauth-facts");
      if (packed) facts.set(n, readCube(await unpack(packed)));
      if (facts.has(n)) choices.set(n, startReport(screen, await dataOf(screen), facts.get(n), choices.get(n)?.()));
    }
    for (const screen of root.querySelectorAll(".smtpauth-insight")) {
      if (screen.querySelector(":scope > .smtpauth-data")) globalThis.smtpauth.startInsight(screen);
    }
    speakOthers(root);
  }

  /** The page in every language it holds: what is on screen first, as it came. */
  function languagesHere() {
    const { lang } = document.documentElement;
    if (!document.querySelector(".smtpauth-other")) return new Map();
    const first = document.querySelector("main").cloneNode(true);
    for (const packed of first.querySelectorAll(".smtpauth-facts")) packed.remove();
    const others = [...document.querySelectorAll(".smtpauth-other")].map((other) => [other.lang,
      { name: other.dataset.name, main: async () => new DOMParser()
        .parseFromString(new TextDecoder().decode(await unpack(other)), "text/html").querySelector("main") }]);
    const name = document.querySelector(".smtpauth-languages")?.dataset.name;
    return new Map([[lang, { name, main: async () => first.cloneNode(true) }], ...others]);
  }

  let languages;

  /** A button for each other language: the same page, the same choice, in its words. */
  function speakOthers(root) {
    const bar = root.querySelector(".smtpauth-languages");
    if (!bar) return;
    for (const [lang, { name, main }] of languages) {
      if (lang === document.documentElement.lang) continue;
      const button = make("button", { type: "button", class: "smtpauth-button", lang }, name);
      button.addEventListener("click", async () => {
        const next = await main();
        document.querySelector("main").replaceWith(next);
        document.documentElement.lang = lang;
        document.title = next.querySelector("h1").textContent;
        await wake(next);
        next.querySelector(".smtpauth-languages button").focus();
      });
      bar.append(button);
    }
  }

  const start = () => {
    document.querySelector(".smtpauth-page")?.classList.add("smtpauth-alive");
    languages = languagesHere();
    return wake(document);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
