// The report of a page: its controls, charts and table, added up anew from its facts for each choice:
// `smtpauth.startReport`. What is chosen and what is shown stand in one object, the report.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= /** @type {Smtpauth} */ ({}));
  const {
    drawChart,
    drawTable,
    drawFlyout,
    details,
    speak,
    make,
    visible,
    coded,
    volumeOf,
    usageOf,
    rowsOf,
    usersOf,
    sendersOf,
    countedReports,
    messagesOfReports,
    figures,
  } = smtpauth;
  const { csvText } = smtpauth.csv;
  const { clicked, drawing } = smtpauth.pageCharts;
  const { sum } = figures;

  function statusText(count, senders, { start, end }, source, words) {
    return words("{digits} {messages} from {senders}, {start} to {end}, source: {source}", {
      digits: String(count),
      messages: words("messages", { n: count }),
      senders: words("{n} sender addresses", { n: senders }),
      start,
      end,
      source,
    });
  }

  /** The same for the eye. */
  function lineText(count, senders, { start, end }, source, words) {
    return words("{messages} from {senders}, {start} to {end}; source: {source}", {
      messages: words("{n} messages", { n: count }),
      senders: words("{n} sender addresses", { n: senders }),
      start: words.date(start),
      end: words.date(end),
      source,
    });
  }

  /** Columns as the whole report has them, without a TLS version nobody of these rows used. */
  function columnsFor(columns, rows) {
    return columns.filter(
      (column) => column.kind !== "tls" || /^TLS1\.[012]%$/.test(column.title) || sum(rows[column.of[1]]) > 0,
    );
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
    const cell = (column, of) =>
      make("td", { class: `smtpauth-${column.align}` }, make("bdi", {}, ...visible(smtpauth.cell(column, of, words))));
    const body = make("tbody");
    for (const n of order) {
      const of = row(n);
      body.append(make("tr", {}, ...columns.map((column) => cell(column, of))));
    }
    const head = columns.map((column) => make("th", { scope: "col", class: `smtpauth-${column.align}` }, column.title));
    place.replaceChildren(
      make(
        "table",
        { class: "smtpauth-table" },
        make("caption", {}, label),
        make("thead", {}, make("tr", {}, ...head)),
        body,
      ),
    );
  }

  const FIELDS = ["domain", "view", "start", "end", "uses"];
  const PLACES = ["details", "status", "line", "rows", "notes", "paper", "brushed", "more"];

  /**
   * Bring a report to life.
   *
   * @param {HTMLElement} screen
   * @param {any} data what the page says of it (reports.py)
   * @param {Facts} facts
   * @param {any} before what another language of the page had chosen
   * @returns {(() => any) | null} tells what is chosen now
   */
  smtpauth.startReport = (screen, data, facts, before) => {
    if (!data.start || !facts.count.length) return null;
    const report = reportOf(screen, data, facts);
    report.asTable = before?.asTable ?? false;
    report.drawings = drawingsOf(report, ".smtpauth-drawing", "view");
    report.below = drawingsOf(report, ".smtpauth-more [data-chart]", "chart");
    offerChoices(report);
    choose(report, before);
    for (const name of ["bar", "csv"]) report.find(name).hidden = false;
    report.places.rows.replaceChildren();
    const overlapped = new Set(data.overlapped);
    for (const item of [...report.places.notes.children]) if (overlapped.has(item.textContent)) item.remove();
    if (data.filtered) report.places.notes.firstElementChild.remove(); // it is said anew of each choice
    listen(report);
    pick(report);
    return () => chosenIn(report);
  };

  /** What a report is of, and all it has chosen and shows. */
  function reportOf(screen, data, facts) {
    const find = (name) => screen.querySelector(`.smtpauth-${name}`);
    const control = (name) => find(name).querySelector("select, input");
    const range = { start: data.start, end: data.end };
    const whole = /** @type {Choice} */ ({ domains: null, ...range });
    const all = volumeOf(facts, whole);
    const opening = data.domains ?? [];
    return {
      screen,
      data,
      facts,
      find,
      whole,
      all,
      opening,
      words: speak(data.words),
      controls: Object.fromEntries(FIELDS.map((name) => [name, control(name)])),
      places: Object.fromEntries(PLACES.map((name) => [name, find(name)])),
      breakdowns: Object.fromEntries(
        ["tls_version", "auth_protocol"].map((column) => [column, figures.breakdownOf(column, facts, data)]),
      ),
      known: figures.ranked(figures.volumeIn(facts, all, whole)).map(({ name }) => name),
      first: opening.length > 1 ? "asked" : opening.length ? `@${opening[0]}` : "",
      drawings: {},
      below: {},
      choice: whole,
      days: null, // the days brushed on a chart: they narrow the table
      brusher: null, // the drawing they are brushed on
      counts: all, // of the senders chosen
      table: null,
      asTable: false,
      rows: /** @type {any} */ ({}), // of the table
      senders: /** @type {any} */ ({}), // the same of the whole choice: charts know no brushed days
      asked: 0,
    };
  }

  // --- choosing ---------------------------------------------------------------------------------

  function drawingsOf(report, selector, key) {
    const { data, screen } = report;
    const drawn = (block, name) =>
      drawing(block, data.charts[name], {
        numbers: data.numbers[name],
        words: data.words,
        onBrush: (on, days) => brush(report, on, days),
        onSelect: (datum) => select(report, ...(clicked(datum, data.views[name].field) ?? [])),
      });
    return Object.fromEntries(
      [...screen.querySelectorAll(selector)].map((block) => [block.dataset[key], drawn(block, block.dataset[key])]),
    );
  }

  /** Fill the controls with what there is to choose. */
  function offerChoices({ data, facts, words, controls, known, opening, breakdowns, whole }) {
    const option = (name) => make("option", { value: `@${name}` }, coded(name));
    const { domain, uses, start, end } = controls;
    domain.append(make("option", { value: "" }, words("All sender domains")), ...known.map(option));
    if (opening.length > 1) domain.append(make("option", { value: "asked" }, coded(opening.join(", "))));
    const used = ({ column, values, which }) => {
      const found = usageOf(facts, whole, which, values.length);
      return make(
        "optgroup",
        { label: data.headings[column] },
        ...values.flatMap((value, n) =>
          found[n] ? [make("option", { value: `${column} ${value}` }, data.titles[column][value])] : [],
        ),
      );
    };
    uses.append(make("option", { value: "" }, words("(anything)")), ...Object.values(breakdowns).map(used));
    for (const input of [start, end]) [input.min, input.max] = [data.start, data.end];
  }

  /** Choose what was chosen before, in another language; else what the page was asked for. */
  function choose({ data, controls, first }, before) {
    controls.start.value = before?.start ?? data.start;
    controls.end.value = before?.end ?? data.end;
    controls.domain.value = before?.domain ?? first;
    if (controls.domain.selectedIndex < 0) controls.domain.value = "";
    if (before) [controls.view.value, controls.uses.value] = [before.view, before.uses];
  }

  const chosenIn = ({ controls, asTable }) => ({
    ...Object.fromEntries(FIELDS.map((name) => [name, controls[name].value])),
    asTable,
  });

  function listen(report) {
    const { controls, find, places, screen } = report;
    for (const name of FIELDS) controls[name].addEventListener("change", () => pick(report));
    places.details.addEventListener("click", () => {
      report.asTable = !report.asTable;
      unbrush(report);
      show(report);
    });
    places.brushed.querySelector("button").addEventListener("click", () => {
      unbrush(report);
      showRows(report);
      controls.domain.focus();
    });
    screen.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !report.days) return;
      unbrush(report);
      showRows(report);
    });
    find("csv").addEventListener("click", () => offerCsv(report));
    addEventListener("beforeprint", () => {
      if (screen.isConnected) print(report);
    });
    addEventListener("afterprint", () => places.paper.replaceChildren());
  }

  /** Why the days in the controls cannot be shown; empty: they can. */
  function wrongDays({ words, controls: { start, end } }) {
    const backwards = start.value > end.value;
    end.setCustomValidity(backwards ? words("The end date is before the start date.") : "");
    if (start.value && end.value && !backwards && start.checkValidity() && end.checkValidity()) return "";
    return end.validationMessage || start.validationMessage || words("Choose both dates.");
  }

  /** Show what the controls say. */
  function pick(report) {
    const {
      controls: { domain, start, end },
      opening,
      places,
    } = report;
    const wrong = wrongDays(report);
    if (wrong) {
      places.status.textContent = wrong;
      places.status.classList.remove("smtpauth-unseen");
      places.line.hidden = true;
      return;
    }
    const domains = domain.value === "asked" ? opening : domain.value ? [domain.value.slice(1)] : null;
    unbrush(report);
    report.choice = ofSenders(report, { domains, start: start.value, end: end.value });
    show(report);
  }

  /** A mark or a legend entry was clicked: show only that, and all when it is clicked again. */
  function select(report, field, value) {
    const { controls, rows } = report;
    if (!field) return;
    if (field === "sender_address") {
      if (rows.sender_address.includes(value)) openSender(report, rows.sender_address.indexOf(value));
      return;
    }
    const [control, wanted] =
      field === "sender_domain" ? [controls.domain, `@${value}`] : [controls.uses, `${field} ${value}`];
    const before = control.value;
    control.value = before === wanted ? "" : wanted;
    if (control.selectedIndex < 0)
      control.value = before; // "Other domains" is none to choose
    else pick(report);
  }

  /** Days were dragged over on a chart, or taken back on the one that has them. */
  function brush(report, on, chosen) {
    if (!chosen && report.brusher !== on) return;
    const before = report.brusher;
    report.brusher = chosen ? on : null;
    if (before !== report.brusher) before?.clear();
    report.days = chosen ? { start: chosen[0], end: chosen[1] } : null;
    showRows(report);
  }

  function unbrush(report) {
    const before = report.brusher;
    [report.brusher, report.days] = [null, null];
    before?.clear();
  }

  /** A choice with the senders it is of: those who used what is asked, in its days. */
  function ofSenders({ controls: { uses }, facts, breakdowns }, chosen) {
    if (!uses.value) return chosen;
    const [column, value] = uses.value.split(" ");
    const { which, values } = breakdowns[column];
    return { ...chosen, who: usersOf(facts, chosen, which, values.indexOf(value)) };
  }

  /** The choice, of the days brushed. */
  const narrowed = (report) =>
    report.days ? ofSenders(report, { domains: report.choice.domains, ...report.days }) : report.choice;

  const isWhole = ({ data }, { start, end }) => start === data.start && end === data.end;

  // --- showing ----------------------------------------------------------------------------------

  /** Show the choice: the rows and the first chart at once, the charts below a moment later. */
  async function show(report) {
    const {
      asTable,
      below,
      choice,
      controls: { view },
      data,
      drawings,
      places,
      words,
    } = report;
    const mine = ++report.asked;
    for (const [name, { block }] of Object.entries(drawings)) {
      if (asTable || name !== view.value) block.remove();
      else places.more.before(block);
    }
    places.more.hidden = asTable;
    for (const [name, { block }] of Object.entries(below)) block.hidden = !data.below[view.value].includes(name);
    places.details.textContent = words(asTable ? "View report" : "View details table");
    report.counts = volumeOf(report.facts, choice);
    showRows(report);
    report.senders = report.rows;
    if (asTable) return;
    await drawings[view.value].show(figures.shown(view.value, report));
    await showBelow(report, mine);
  }

  /** The charts below come after the first one is on screen; a newer choice stops them. */
  async function showBelow(report, mine) {
    for (const name of report.data.below[report.controls.view.value]) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      if (mine !== report.asked) return;
      await report.below[name].show(figures.shown(name, report));
    }
  }

  function showRows(report) {
    const { data, days, facts, places, words } = report;
    const now = narrowed(report);
    report.rows = sendersOf(facts, now, { ...data, whole: isWhole(report, now) });
    showNotes(report, now);
    showTable(report);
    places.brushed.hidden = !days;
    if (days)
      places.brushed.querySelector("span").textContent = words("{start} to {end}", {
        start: words.date(days.start),
        end: words.date(days.end),
      });
    const told = [sum(report.rows.message_count), report.rows.who.length, now, data.source, words];
    places.line.textContent = lineText(...told);
    places.line.hidden = false;
    places.status.classList.add("smtpauth-unseen");
    places.status.textContent = statusText(...told);
    if (!report.rows.who.length && cutBy(facts, now).length)
      places.status.textContent += `. ${words("No report period lies wholly inside these dates.")}`;
  }

  const columnsOf = ({ data, controls, rows }) => columnsFor(data.columns[controls.view.value], rows);

  const labelOf = ({ asTable, controls: { view }, words }) =>
    asTable ? view.selectedOptions[0].textContent : words("Senders");

  function showTable(report) {
    const { data, places, rows } = report;
    const shown = { columns: columnsOf(report), label: labelOf(report) };
    const needed = Object.fromEntries(shown.columns.flatMap(({ of }) => of).map((name) => [name, rows[name]]));
    if (report.table) report.table.patch(needed, shown);
    else
      report.table = drawTable(places.rows, {
        ...shown,
        rows: needed,
        page: 25,
        sort: "message_count",
        descending: true,
        words: data.words,
        onSelect: (index) => openSender(report, index),
      });
  }

  /** Say what narrows the figures, and which counts of several days the days cut through. */
  function showNotes(report, now) {
    const {
      controls: { domain, uses },
      data,
      first,
      places: { notes },
      words,
    } = report;
    const note = (text) => make("li", { "data-now": true }, ...visible(text));
    for (const item of notes.querySelectorAll("[data-now]")) item.remove();
    const filters = filtersSaid(report, now);
    if (filters.length) notes.prepend(note(words("Filters: {filters}.", { filters: filters.join("; ") })));
    const isFirst = domain.value === first && !uses.value && isWhole(report, now);
    if (data.not_shown && !isFirst)
      notes.append(note(words("What other sources hold is said of what this file showed first.")));
    notes.append(...[...cutReports(report, now), ...overlappedReports(report, now)].map(note));
  }

  /** What narrows the figures, one text a filter. */
  function filtersSaid(report, now) {
    const {
      controls: { domain, uses },
      data,
      words,
    } = report;
    const held = words("{start} to {end}", { start: words.date(data.start), end: words.date(data.end) });
    const whole = isWhole(report, now);
    return [
      ...data.filters,
      ...data.conditions.map((each) => (whole ? each : `${each} (${held})`)),
      ...(domain.value ? [words("Sender domain {domains}", { domains: domain.selectedOptions[0].textContent })] : []),
      ...(uses.value ? [words("senders who used {what}", { what: uses.selectedOptions[0].textContent })] : []),
    ];
  }

  /** The days and messages of some reports, as a sentence names them. */
  function named(reports, { choice, facts, words }) {
    const counts = messagesOfReports(facts, choice.domains);
    return reports.map((report) =>
      words("{start} to {end} ({messages})", {
        start: words.date(report[0]),
        end: words.date(report[1]),
        messages: words("{n} messages", { n: counts.get(String(report)) }),
      }),
    );
  }

  /** The reports that the days cut through: they are in no total. */
  const cutBy = ({ reports }, { start, end }) =>
    reports.filter(([first, last]) => (first < start || last > end) && first <= end && last >= start);

  /** A sentence for each report that the days cut through. */
  function cutReports(report, now) {
    const { facts, words } = report;
    const text = "Only partly inside these dates, so in no total: {period}.";
    return named(cutBy(facts, now), report).map((period) => words(text, { period }));
  }

  /** A sentence for each report inside the days that overlaps ones that count. */
  function overlappedReports(report, now) {
    const { facts, words } = report;
    const counted = new Set(countedReports(facts, now).map(String));
    const left = facts.reports.filter(
      (each) => each[0] >= now.start && each[1] <= now.end && !counted.has(String(each)),
    );
    const text = "Overlaps a report that counts, so in no total: {period}.";
    return named(left, report).map((period) => words(text, { period }));
  }

  /** All that is known of one sender, in a flyout. */
  function openSender(report, index) {
    const { data, facts, rows, screen, words } = report;
    const row = Object.fromEntries(["who", ...rows.names].map((name) => [name, rows[name][index]]));
    const { start, end } = narrowed(report);
    const place = make("div", { class: "smtpauth-chart" });
    drawFlyout(screen, {
      title: row.sender_address,
      words: data.words,
      content: [details(data.fields, row, words), make("h3", {}, words("Messages per day")), place],
    });
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

  function offerCsv(report) {
    const { start, end } = narrowed(report);
    offer(`smtp-auth-senders_${start}_${end}.csv`, csvText(report.data.csv, report.rows, report.table.order()));
  }

  function print(report) {
    const { places, rows, table, words } = report;
    printRows(places.paper, columnsOf(report), rows, table.order(), words, labelOf(report));
  }
})();
