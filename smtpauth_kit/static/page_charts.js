// The charts of a page's report: how each is drawn, and what it shows of a choice: `smtpauth.pageCharts`.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= /** @type {Smtpauth} */ ({}));
  const { drawChart, chartTable, visible, figures } = smtpauth;
  const { isoDay } = figures;

  const COLORED = { "sending-volume": "sender_domain", "tls-usage": "tls_version", "auth-protocol": "auth_protocol",
    "tls-by-day": "tls_version", "auth-by-day": "auth_protocol" };


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
        sentence?.replaceChildren(...visible(finding));
        if (handle) {
          await (await handle).patch(columns, { values, label: finding });
          return;
        }
        handle = drawChart(place, spec, columns, { values, label: finding, onSelect,
          onBrush: (range) => onBrush(self, range?.map(isoDay) ?? null) });
        await handle;
      },
    };
    return self;
  }

  /** What was clicked on a chart: the field and the value to filter by. */
  function clicked(datum, chart) {
    const colored = COLORED[chart];   // a legend entry is a value of it
    const named = datum.domain !== undefined ? { sender_domain: datum.domain } : {};
    const chosen = { ...(typeof datum.value === "string" ? { [colored]: datum.value } : {}), ...datum, ...named };
    return ["sender_address", "sender_domain", "tls_version", "auth_protocol"]
      .filter((field) => typeof chosen[field] === "string").map((field) => [field, chosen[field]])[0];
  }

  // --- charts: their columns, named values and sentence -------------------------------------------

  /** Columns with the titles of a column's values, for the table below a chart. */
  const named = (columns, column, titles) => ({ ...columns, [column]: columns[column].map((value) => titles[value]) });

  const volumeNow = ({ choice, counts, facts }) => figures.volumeIn(facts, counts, choice);

  function volumeChart(report) {
    const { choice, data, facts, known, words } = report;
    const volume = volumeNow(report);
    const values = { ...figures.volumeValues(volume, known, choice, words), gaps: figures.gapsIn(data.covered, choice) };
    const covered = data.covered.filter((day) => day >= choice.start && day <= choice.end);
    return { columns: figures.volumeColumns(facts, volume, values, covered), values,
      finding: figures.volumeFinding(volume, words) };
  }

  const usageChart = (column) => ({ choice, data, facts, splits, words }) => {
    const columns = figures.usage(facts, choice, splits[column]);
    const titles = data.titles[column];
    return { columns, finding: figures.usageFinding(splits[column].values, columns, titles, words),
      named: named(columns, column, titles) };
  };

  const byDayChart = (column) => ({ choice, data, facts, splits, words }) => {
    const split = splits[column];
    const titles = data.titles[column];
    const columns = figures.byDay(facts, choice, split);
    return { columns, values: figures.splitValues(columns, split, data.covered, choice),
      finding: figures.overTimeFinding(columns, split, titles, words), named: named(columns, column, titles) };
  };

  function rankingChart({ data, words }, field, names, found) {
    const columns = figures.ranking(field, names, found, data.top, words);
    return { columns, finding: figures.rankingFinding(columns, words), named: { ...columns, [field]: columns.label } };
  }

  const bySenderChart = (report) =>
    rankingChart(report, "sender_address", report.senders.sender_address, report.senders.message_count);

  function byDomainChart(report) {
    const busiest = figures.ranked(volumeNow(report));
    return rankingChart(report, "sender_domain", busiest.map(({ name }) => name), busiest.map(({ count }) => count));
  }

  function sendersByTlsChart({ data, senders, words }) {
    const columns = figures.sendersByTls(senders, data.tls_versions);
    const titles = data.titles.tls_version;
    return { columns, finding: figures.sendersByTlsFinding(columns, titles, words),
      named: named(columns, "tls_version", titles) };
  }

  const CHARTS = {
    "sending-volume": volumeChart,
    "tls-usage": usageChart("tls_version"),
    "auth-protocol": usageChart("auth_protocol"),
    "volume-by-sender": bySenderChart,
    "volume-by-domain": byDomainChart,
    "senders-by-tls": sendersByTlsChart,
    "tls-by-day": byDayChart("tls_version"),
    "auth-by-day": byDayChart("auth_protocol"),
  };

  smtpauth.pageCharts = { CHARTS, clicked, drawing };
})();
