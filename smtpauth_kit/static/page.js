// Brings the screens of a page to life without a server: every `.smtpauth-report` and
// `.smtpauth-insight` has its own facts in a JSON island, and its filters add them up again.
(() => {
  "use strict";
  const { drawChart, drawTable, drawFlyout, details, speak, make } = globalThis.smtpauth;
  const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
  const SERIES = 7;   // as charts.COLORS: the eighth is for all others

  const dataOf = (screen) => JSON.parse(screen.querySelector(":scope > .smtpauth-data").textContent);
  const byCount = (a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1);
  const add = (map, key, count) => map.set(key, (map.get(key) ?? 0) + count);
  const slug = (version) => `tls_${version.replace(".", "_")}`;

  /** The rows of `facts` that a choice of domain, days and sender leaves. */
  function* chosen(facts, { domain, start, end, sender }) {
    const inside = facts.periods.map(([from, to]) => from >= start && to <= end);
    for (let i = 0; i < facts.count.length; i++) {
      const who = facts.sender[i];
      if (!inside[facts.period[i]]) continue;
      if (sender !== undefined ? who !== sender : domain && facts.domains[who] !== domain) continue;
      yield i;
    }
  }

  /** Days that the source has any message on, of any domain: a domain without one sent none. */
  function coveredDays(facts, { start, end }) {
    return facts.periods.filter(([from, to]) => from === to && from >= start && to <= end).map(([day]) => day);
  }

  /** Messages per period and domain: [[first day, last day, domain, count], …]; added up once. */
  function volumeOf(facts) {
    const counts = new Map();
    facts.count.forEach((count, i) => {
      const domain = facts.domains[facts.sender[i]];
      if (!counts.has(domain)) counts.set(domain, new Array(facts.periods.length).fill(0));
      counts.get(domain)[facts.period[i]] += count;
    });
    return [...counts].flatMap(([domain, byPeriod]) => byPeriod.flatMap((count, period) =>
      (count ? [[...facts.periods[period], domain, count]] : [])));
  }

  /** The rows to draw: other domains added up, a zero on each covered day without a message. */
  function volumeColumns(volume, { series, others }, covered) {
    const counts = new Map();
    for (const [from, to, name, count] of volume) {
      add(counts, JSON.stringify([from, to, series.includes(name) ? name : others]), count);
    }
    const rows = [...counts].map(([key, count]) => [...JSON.parse(key), count]);
    const banded = new Set(rows.filter(([from, to]) => from !== to).map((row) => row[2]));
    for (const name of new Set(rows.map((row) => row[2]))) {
      if (banded.has(name)) continue;
      const quiet = covered.filter((day) => !counts.has(JSON.stringify([day, day, name])));
      rows.push(...quiet.map((day) => [day, day, name, 0]));
    }
    const column = (n) => rows.map((row) => row[n]);
    return { period_start: column(0), period_end: column(1), sender_domain: column(2), message_count: column(3) };
  }

  /** The count and share of each of `values`; `which` says for each row of `facts` which it is. */
  function usageOf(facts, choice, column, values, which) {
    const counts = values.map(() => 0);
    for (const i of chosen(facts, choice)) counts[which[i]] += facts.count[i];
    const total = counts.reduce((sum, count) => sum + count, 0);
    return { [column]: values, message_count: counts, share: counts.map((count) => (total ? count / total : 0)) };
  }

  /** One row per sender, busiest first, with the columns of `answers.senders`. */
  function sendersOf(facts, choice, data) {
    const whole = choice.start === data.start && choice.end === data.end;
    const rows = new Map();
    for (const i of chosen(facts, choice)) {
      const who = facts.sender[i];
      if (!rows.has(who)) rows.set(who, { who, count: 0, tls: data.tls_versions.map(() => 0), auth: data.auth_protocols.map(() => 0), first: "9999", last: "" });
      const row = rows.get(who);
      const [from, to] = facts.periods[facts.period[i]];
      row.count += facts.count[i];
      row.tls[facts.tls[i]] += facts.count[i];
      row.auth[facts.auth[i]] += facts.count[i];
      if (from < row.first) row.first = from;
      if (to > row.last) row.last = to;
    }
    const address = ({ who }) => facts.senders[who];
    const ordered = [...rows.values()].sort((a, b) => b.count - a.count || (address(a) < address(b) ? -1 : 1));
    const table = {
      who: ordered.map((row) => row.who),
      sender_address: ordered.map(address),
      sender_domain: ordered.map((row) => facts.domains[row.who]),
      message_count: ordered.map((row) => row.count),
      first_seen: ordered.map((row) => row.first),
      last_seen: ordered.map((row) => row.last),
      // Which addresses belong to which day is not in the file: known for the whole range only.
      client_ip_count: ordered.map((row) => (whole ? facts.client_ip_counts[row.who] : null)),
    };
    data.tls_versions.forEach((version, n) => {
      table[`${slug(version)}_count`] = ordered.map((row) => row.tls[n]);
      table[`${slug(version)}_share`] = ordered.map((row) => row.tls[n] / row.count);
    });
    data.auth_protocols.forEach((name, n) => {
      table[name === "unknown" ? "unknown_auth_count" : `${name}_count`] = ordered.map((row) => row.auth[n]);
    });
    return table;
  }

  function busiest(names, counts) {
    const totals = new Map();
    names.forEach((name, i) => add(totals, name, counts[i]));
    return [...totals].sort(byCount);
  }

  const rank = (volume) => busiest(volume.map((row) => row[2]), volume.map((row) => row[3]));

  /** The twin of charts.volume_values: a domain keeps its colour when others leave the screen. */
  function volumeValues(volume, known, { start, end }, words) {
    const shown = rank(volume).map(([name]) => name);
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

  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

  function volumeFinding(volume, words) {
    const ranked = rank(volume);
    if (!ranked.length) return words("No messages match.");
    return words("{messages} from {domains}; most from {domain}: {count}.", {
      messages: words("{n} messages", { n: sum(volume.map((row) => row[3])) }),
      domains: words("{n} sender domains", { n: ranked.length }),
      domain: ranked[0][0], count: ranked[0][1],
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
  function drawing(block, spec) {
    const sentence = block.querySelector(".smtpauth-finding");
    const place = block.querySelector(".smtpauth-chart");
    place.removeAttribute("role");
    place.removeAttribute("aria-label");
    let handle;
    return {
      block,
      async show(columns, values, finding) {
        sentence.replaceChildren(...globalThis.smtpauth.visible(finding));
        handle ??= drawChart(place, spec, columns, { values, label: finding });
        await (await handle).patch(columns, { values, label: finding });
      },
    };
  }

  function startReport(screen) {
    const data = dataOf(screen);
    const { facts } = data;
    if (!data.start || !facts.count.length) return;
    const words = speak(data.words);
    const find = (name) => screen.querySelector(`.smtpauth-${name}`);
    const [domain, view, from, to] = ["domain", "view", "start", "end"]
      .map((name) => find(name).querySelector("select, input"));
    const [button, status, rowsPlace, notes] = ["details", "status", "rows", "notes"].map(find);
    const all = volumeOf(facts);
    const known = rank(all).map(([name]) => name);
    const drawings = Object.fromEntries([...screen.querySelectorAll(".smtpauth-drawing")]
      .map((block) => [block.dataset.view, drawing(block, data.charts[block.dataset.view])]));
    let choice = { domain: "", start: data.start, end: data.end };
    let table = null;
    let asTable = false;
    let rows = {};

    const option = (name) => make("option", { value: name },
      name.replace(INVISIBLE, (found) => `[U+${found.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`));
    domain.append(make("option", { value: "" }, words("All sender domains")), ...known.map(option));
    for (const input of [from, to]) [input.min, input.max] = [data.start, data.end];
    [from.value, to.value] = [data.start, data.end];
    find("bar").hidden = false;
    rowsPlace.replaceChildren();

    function openSender(index) {
      const row = Object.fromEntries(Object.keys(rows).map((name) => [name, rows[name][index]]));
      const place = make("div", { class: "smtpauth-chart" });
      drawFlyout(screen, { title: row.sender_address, words: data.words, content: [
        details(data.fields, row, words), make("h3", {}, words("Messages per day")), place] });
      const days = { period_start: [], period_end: [], tls_version: [], message_count: [] };
      for (const i of chosen(facts, { ...choice, sender: row.who })) {
        const [start, end] = facts.periods[facts.period[i]];
        days.period_start.push(start);
        days.period_end.push(end);
        days.tls_version.push(data.tls_versions[facts.tls[i]]);
        days.message_count.push(facts.count[i]);
      }
      const shown = data.tls_versions.filter((version) => days.tls_version.includes(version));
      drawChart(place, data.charts.trend, days, {
        values: { first_day: choice.start, last_day: choice.end, shown },
        label: words("{n} messages", { n: row.message_count }),
      });
    }

    /** Say which counts of several days the chosen days cut through: they are in no total. */
    function showNotes() {
      for (const item of notes.querySelectorAll("[data-cut]")) item.remove();
      const cut = facts.periods.filter(([first, last]) => first !== last
        && (first < choice.start || last > choice.end) && first <= choice.end && last >= choice.start);
      notes.append(...cut.map(([first, last]) => {
        const rows = all.filter((row) => row[0] === first && row[1] === last && (!choice.domain || row[2] === choice.domain));
        const period = words("{start} to {end} ({messages})", { start: words.date(first), end: words.date(last),
          messages: words("{n} messages", { n: sum(rows.map((row) => row[3])) }) });
        return make("li", { "data-cut": true }, words("Not wholly inside these dates, so in no total: {period}.", { period }));
      }));
    }

    function showTable() {
      const columns = columnsFor(data.columns[view.value], rows);
      const label = view.selectedOptions[0].textContent;
      if (table) table.patch(rows, { columns, label });
      else table = drawTable(rowsPlace, { columns, rows, label, words: data.words, onSelect: openSender });
    }

    async function show() {
      for (const [name, { block }] of Object.entries(drawings)) {
        if (asTable || name !== view.value) block.remove();
        else rowsPlace.before(block);
      }
      rowsPlace.hidden = !asTable;
      button.textContent = words(asTable ? "View report" : "View details table");
      rows = sendersOf(facts, choice, data);
      showNotes();
      if (asTable) showTable();
      status.textContent = statusText(sum(rows.message_count), rows.who.length, choice, data.source, words);
      if (asTable) return;
      const split = { "tls-usage": ["tls_version", data.tls_versions, facts.tls],
        "auth-protocol": ["auth_protocol", data.auth_protocols, facts.auth] }[view.value];
      if (split) {
        const usage = usageOf(facts, choice, ...split);
        await drawings[view.value].show(usage, {}, usageFinding(split[1], usage, data.titles[split[0]], words));
      } else {
        const volume = all.filter(([first, last, name]) => first >= choice.start && last <= choice.end
          && (!choice.domain || name === choice.domain));
        const values = volumeValues(volume, known, choice, words);
        const columns = volumeColumns(volume, values, coveredDays(facts, choice));
        await drawings["sending-volume"].show(columns, values, volumeFinding(volume, words));
      }
    }

    function pick() {
      const backwards = from.value > to.value;
      to.setCustomValidity(backwards ? words("The end date is before the start date.") : "");
      if (!from.value || !to.value || backwards || !from.checkValidity() || !to.checkValidity()) {
        status.textContent = to.validationMessage || from.validationMessage || words("Choose both dates.");
        return;
      }
      choice = { domain: domain.value, start: from.value, end: to.value };
      show();
    }

    for (const control of [domain, view, from, to]) control.addEventListener("change", pick);
    button.addEventListener("click", () => { asTable = !asTable; show(); });
    show();
  }

  /** `openReport` shows the report when the page has none yet (in a notebook, below the card). */
  function startInsight(screen, { openReport } = {}) {
    const data = dataOf(screen);
    const words = speak(data.words);
    const more = screen.querySelector(".smtpauth-insight-more");
    const button = screen.querySelector(".smtpauth-number-button");
    const place = more.querySelector(".smtpauth-chart");
    const finding = place.getAttribute("aria-label");
    const reportHere = () => document.querySelector(".smtpauth-report");
    more.remove();
    place.after(screen.querySelector(".smtpauth-tls").cloneNode(true));
    more.querySelector(".smtpauth-report-link").hidden = !openReport && !reportHere();
    let drawn = false;
    button.addEventListener("click", async () => {
      const flyout = drawFlyout(screen, { title: words("SMTP Auth clients"), words: data.words, content: [more] });
      more.querySelector(".smtpauth-link").onclick = () => {
        flyout.close();
        if (openReport) {
          openReport();
          return;
        }
        reportHere().scrollIntoView();
        reportHere().focus();
      };
      if (drawn) return;
      drawn = true;
      place.removeAttribute("role");
      place.removeAttribute("aria-label");
      await drawChart(place, data.pie, data.usage, { label: finding });
    });
  }

  /** An Altair chart of the notebook's author: drawn again so that its tooltips live. */
  function startAltair(block) {
    const spec = dataOf(block);
    drawChart(block.querySelector(".smtpauth-chart"), spec, null, { label: spec.description ?? "" });
  }

  Object.assign(globalThis.smtpauth, { startInsight });

  const start = () => {
    document.querySelectorAll(".smtpauth-altair").forEach(startAltair);
    for (const screen of document.querySelectorAll(".smtpauth-report")) {
      if (screen.querySelector(":scope > .smtpauth-data")) startReport(screen);
    }
    for (const screen of document.querySelectorAll(".smtpauth-insight")) {
      if (screen.querySelector(":scope > .smtpauth-data")) startInsight(screen);
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
