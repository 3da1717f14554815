// The charts of a page's report: how each is drawn, and what a click on it chooses: `smtpauth.pageCharts`.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= /** @type {Smtpauth} */ ({}));
  const { drawChart, chartTable, speak, visible, figures } = smtpauth;
  const { isoDay } = figures;

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
      clear: async () => {
        if (brushes) (await handle)?.view.signal("brush", null).runAsync();
      },
      async show({ columns, values = {}, finding, named = columns }) {
        const parts = new Set(/** @type {any} */ (values).parts);
        const covered = (columns.period_start ?? []).map((day) => (parts.has(day) ? speak(words)("in part") : ""));
        const shown = numbers.filter(({ name }) => name !== "covered" || covered.some(Boolean));
        table.patch({ columns: shown, rows: { ...named, covered }, label: finding });
        sentence?.replaceChildren(...visible(finding));
        if (handle) {
          await (await handle).patch(columns, { values, label: finding });
          return;
        }
        handle = drawChart(place, spec, columns, {
          values,
          label: finding,
          onSelect,
          onBrush: (range) => onBrush(self, range?.map(isoDay) ?? null),
        });
        await handle;
      },
    };
    return self;
  }

  /** What was clicked on a chart: the field and the value to filter by; a legend entry is a value of `colored`. */
  function clicked(datum, colored) {
    const named = datum.domain !== undefined ? { sender_domain: datum.domain } : {};
    const chosen = { ...(typeof datum.value === "string" ? { [colored]: datum.value } : {}), ...datum, ...named };
    return ["sender_address", "sender_domain", "tls_version", "auth_protocol"]
      .filter((field) => typeof chosen[field] === "string")
      .map((field) => [field, chosen[field]])[0];
  }

  smtpauth.pageCharts = { clicked, drawing };
})();
