// Brings the screens of a page to life without a server: every `.smtpauth-insight` has its data in
// a JSON island, every `.smtpauth-report` its facts in a packed one, which its filters add up again.
(() => {
  "use strict";
  const { drawChart, chartTable, drawTable, drawFlyout, details, speak, make,
    unpack, readCube, volumeOf, usageOf, daysOf, sendersOf } = globalThis.smtpauth;
  const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
  const DAY = 86_400_000;
  const SERIES = 7;   // as charts.COLORS: the eighth is for all others

  const dataOf = (screen) => JSON.parse(screen.querySelector(":scope > .smtpauth-data").textContent);
  const isoDay = (time) => new Date(time).toISOString().slice(0, 10);
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const coded = (text) => text.replace(INVISIBLE, (found) =>
    `[U+${found.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);

  /** Messages per period and domain inside a choice: a row of periods for each domain. */
  function volumeIn(facts, counts, choice) {
    const size = facts.periods.length;
    const inside = facts.periods.map(([from, to]) => from >= choice.start && to <= choice.end);
    const names = choice.domains ?? facts.domains;
    return names.flatMap((name) => {
      const at = facts.domains.indexOf(name) * size;
      const row = inside.map((is, period) => (is && at >= 0 ? counts[at + period] : 0));
      const count = sum(row);
      return count ? [{ name, row, count }] : [];
    });
  }

  /** Domains busiest first, as charts._busiest. */
  const ranked = (volume) => [...volume].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));

  /** The twin of charts.volume_values: a domain keeps its colour when others leave the screen. */
  function volumeValues(volume, known, { start, end }, words) {
    const shown = ranked(volume).map(({ name }) => name);
    const series = known.slice(0, SERIES);
    for (const name of shown) {
      if (series.includes(name)) continue;
      const free = series.findLastIndex((held) => !shown.includes(held));
      if (series.length < SERIES) series.push(name);
      else if (free >= 0) series[free] = name;
    }
    const others = words("Other domains");
    const drawn = series.filter((name) => shown.includes(name));
    return { first_day: start, last_day: end, others, series: [...series, others],
      shown: drawn.length < shown.length ? [...drawn, others] : drawn };
  }

  /** The twin of charts.gaps: stretches of days the source says nothing about, [[first, last], …]. */
  function gapsIn(covered, { start, end }) {
    const known = new Set(covered);
    const found = [];
    for (let time = Date.parse(start); time <= Date.parse(end); time += DAY) {
      const day = isoDay(time);
      if (known.has(day)) continue;
      const last = found.at(-1);
      if (last && Date.parse(last[1]) + DAY === time) last[1] = day;
      else found.push([day, day]);
    }
    return found;
  }

  /** The rows to draw: other domains added up, a zero on each covered day without a message. */
  function volumeColumns(facts, volume, { series, others }, covered) {
    const lines = new Map();
    for (const { name, row } of volume) {
      const line = series.includes(name) ? name : others;
      const before = lines.get(line);
      lines.set(line, before ? before.map((count, n) => count + row[n]) : row);
    }
    const rows = [...lines].flatMap(([name, row]) => {
      const counted = row.flatMap((count, n) => (count ? [[...facts.periods[n], name, count]] : []));
      if (counted.some(([first, last]) => first !== last)) return counted;
      const have = new Set(counted.map(([day]) => day));
      return [...counted, ...covered.filter((day) => !have.has(day)).map((day) => [day, day, name, 0])];
    });
    const column = (n) => rows.map((row) => row[n]);
    return { period_start: column(0), period_end: column(1), sender_domain: column(2), message_count: column(3) };
  }

  function volumeFinding(volume, words) {
    if (!volume.length) return words("No messages match.");
    const [top] = ranked(volume);
    return words("{messages} from {domains}; most from {domain}: {count}.", {
      messages: words("{n} messages", { n: sum(volume.map(({ count }) => count)) }),
      domains: words("{n} sender domains", { n: volume.length }),
      domain: top.name, count: top.count,
    });
  }

  function usageFinding(values, usage, titles, words) {
    const parts = values.flatMap((value, n) => (usage.message_count[n]
      ? [`${titles[value]}: ${words.percent(usage.share[n], 2)} (${words.count(usage.message_count[n])})`] : []));
    return parts.length ? `${parts.join(", ")}.` : words("No messages match.");
  }

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
  function drawing(block, spec, { numbers, words, onDays }) {
    const sentence = block.querySelector(".smtpauth-finding");
    const place = block.querySelector(".smtpauth-chart");
    place.removeAttribute("role");
    place.removeAttribute("aria-label");
    let handle;
    const table = chartTable(place, words);
    const onBrush = onDays && ((range) => onDays(...(range ?? []).map(isoDay)));
    return {
      block,
      clear: async () => (await handle)?.view.signal("brush", null).runAsync(),
      async show(columns, values, finding, named = columns) {
        table.patch({ columns: numbers, rows: named, label: finding });
        sentence.replaceChildren(...globalThis.smtpauth.visible(finding));
        if (handle) {
          await (await handle).patch(columns, { values, label: finding });
          return;
        }
        handle = drawChart(place, spec, columns, { values, label: finding, onBrush });
        await handle;
      },
    };
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
    if (kind === "share") return value.toFixed(6).replace(/0+$/, "").replace(/\.$/, "");
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

  function startReport(screen, facts, before) {
    const data = dataOf(screen);
    if (!data.start || !facts.count.length) return null;
    const words = speak(data.words);
    const find = (name) => screen.querySelector(`.smtpauth-${name}`);
    const [domain, view, from, to] = ["domain", "view", "start", "end"]
      .map((name) => find(name).querySelector("select, input"));
    const [button, status, rowsPlace, notes, paper, brushed] =
      ["details", "status", "rows", "notes", "paper", "brushed"].map(find);
    const counts = volumeOf(facts);
    const range = { start: data.start, end: data.end };
    const known = ranked(volumeIn(facts, counts, { ...range, domains: null })).map(({ name }) => name);
    const drawings = Object.fromEntries([...screen.querySelectorAll(".smtpauth-drawing")].map((block) =>
      [block.dataset.view, drawing(block, data.charts[block.dataset.view], {
        numbers: data.numbers[block.dataset.view], words: data.words,
        onDays: block.dataset.view === "sending-volume" ? brush : null })]));
    let choice = { domains: null, ...range };
    let days = null;         // the days brushed on the chart: they narrow the table
    let table = null;
    let asTable = before?.asTable ?? false;
    let rows = {};

    const option = (name) => make("option", { value: `@${name}` }, coded(name));
    domain.append(make("option", { value: "" }, words("All sender domains")), ...known.map(option));
    const asked = data.domains ?? [];
    if (asked.length > 1) domain.append(make("option", { value: "asked" }, coded(asked.join(", "))));
    for (const input of [from, to]) [input.min, input.max] = [data.start, data.end];
    [from.value, to.value] = [before?.start ?? data.start, before?.end ?? data.end];
    domain.value = before?.domain ?? (asked.length > 1 ? "asked" : asked.length ? `@${asked[0]}` : "");
    if (domain.selectedIndex < 0) domain.value = "";
    if (before) view.value = before.view;
    for (const name of ["bar", "csv"]) find(name).hidden = false;
    rowsPlace.replaceChildren();

    const narrowed = () => ({ ...choice, ...days });

    function openSender(index) {
      const row = Object.fromEntries(["who", ...rows.names].map((name) => [name, rows[name][index]]));
      const place = make("div", { class: "smtpauth-chart" });
      drawFlyout(screen, { title: row.sender_address, words: data.words, content: [
        details(data.fields, row, words), make("h3", {}, words("Messages per day")), place] });
      const found = daysOf(facts, { ...narrowed(), domains: [row.sender_domain] }, row.who);
      const columns = {
        period_start: found.map((i) => facts.periods[facts.period[i]][0]),
        period_end: found.map((i) => facts.periods[facts.period[i]][1]),
        tls_version: found.map((i) => data.tls_versions[facts.tls[i]]),
        message_count: found.map((i) => facts.count[i]),
      };
      const shown = data.tls_versions.filter((version) => columns.tls_version.includes(version));
      drawChart(place, data.charts.trend, columns, {
        values: { first_day: narrowed().start, last_day: narrowed().end, shown },
        label: words("{n} messages", { n: row.message_count }),
      });
    }

    /** Say which counts of several days the chosen days cut through: they are in no total. */
    function showNotes() {
      for (const item of notes.querySelectorAll("[data-cut]")) item.remove();
      const { start, end } = narrowed();
      facts.periods.forEach(([first, last], n) => {
        const cut = first !== last && (first < start || last > end) && first <= end && last >= start;
        if (!cut) return;
        const names = choice.domains ?? facts.domains;
        const messages = sum(names.map((name) => counts[facts.domains.indexOf(name) * facts.periods.length + n] || 0));
        const period = words("{start} to {end} ({messages})", { start: words.date(first), end: words.date(last),
          messages: words("{n} messages", { n: messages }) });
        notes.append(make("li", { "data-cut": true },
          words("Not wholly inside these dates, so in no total: {period}.", { period })));
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
      const whole = narrowed().start === data.start && narrowed().end === data.end;
      rows = sendersOf(facts, narrowed(), { ...data, whole });
      showNotes();
      showTable();
      brushed.hidden = !days;
      if (days) brushed.querySelector("span").textContent = words("{start} to {end}",
        { start: words.date(days.start), end: words.date(days.end) });
      status.textContent = statusText(sum(rows.message_count), rows.who.length, narrowed(), data.source, words);
    }

    async function showChart() {
      const split = { "tls-usage": ["tls_version", data.tls_versions, facts.tls],
        "auth-protocol": ["auth_protocol", data.auth_protocols, facts.auth] }[view.value];
      if (split) {
        const [column, values, which] = split;
        const found = usageOf(facts, choice, which, values.length);
        const total = sum(found);
        const usage = { [column]: values, message_count: found, share: found.map((count) => (total ? count / total : 0)) };
        await drawings[view.value].show(usage, {}, usageFinding(values, usage, data.titles[column], words),
          { ...usage, [column]: values.map((value) => data.titles[column][value]) });
      } else {
        const volume = volumeIn(facts, counts, choice);
        const values = { ...volumeValues(volume, known, choice, words), gaps: gapsIn(data.covered, choice) };
        const covered = data.covered.filter((day) => day >= choice.start && day <= choice.end);
        await drawings["sending-volume"].show(volumeColumns(facts, volume, values, covered), values, volumeFinding(volume, words));
      }
    }

    async function show() {
      for (const [name, { block }] of Object.entries(drawings)) {
        if (asTable || name !== view.value) block.remove();
        else brushed.before(block);
      }
      button.textContent = words(asTable ? "View report" : "View details table");
      showRows();
      if (!asTable) await showChart();
    }

    function brush(first, last) {
      days = first ? { start: first, end: last } : null;
      showRows();
    }

    function unbrush() {
      drawings["sending-volume"]?.clear();
      days = null;
    }

    function pick() {
      const backwards = from.value > to.value;
      to.setCustomValidity(backwards ? words("The end date is before the start date.") : "");
      if (!from.value || !to.value || backwards || !from.checkValidity() || !to.checkValidity()) {
        status.textContent = to.validationMessage || from.validationMessage || words("Choose both dates.");
        return;
      }
      const domains = domain.value === "asked" ? asked : domain.value ? [domain.value.slice(1)] : null;
      choice = { domains, start: from.value, end: to.value };
      unbrush();
      show();
    }

    for (const control of [domain, view, from, to]) control.addEventListener("change", pick);
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
    return () => ({ domain: domain.value, view: view.value, start: from.value, end: to.value, asTable });
  }

  /** An Altair chart of the notebook's author: drawn again so that its tooltips live. */
  function startAltair(block) {
    const spec = dataOf(block);
    drawChart(block.querySelector(".smtpauth-chart"), spec, null, { label: spec.description ?? "" });
  }

  const facts = new Map();   // of each packed island, read once whatever the language
  const choices = new Map();

  async function wake(root) {
    root.querySelectorAll(".smtpauth-altair").forEach(startAltair);
    for (const screen of root.querySelectorAll(".smtpauth-insight")) {
      if (screen.querySelector(":scope > .smtpauth-data")) globalThis.smtpauth.startInsight(screen);
    }
    const screens = [...root.querySelectorAll(".smtpauth-report")];
    for (const [n, screen] of screens.entries()) {
      const packed = screen.querySelector(":scope > .smtpauth-facts");
      if (packed) facts.set(n, readCube(await unpack(packed)));
      if (facts.has(n)) choices.set(n, startReport(screen, facts.get(n), choices.get(n)?.()));
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
    languages = languagesHere();
    return wake(document);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
