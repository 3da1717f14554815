// The report below its controls: chips, status line, charts, details table, notes, the sender's flyout.
// The kernel answers everything. Some answers it sends ahead of the question: when a domain that has
// one is chosen, it is shown at once, and replaced by the kernel's answer to the choice itself.
export default {
  async render({ model, el }) {
    const smtpauth = await ready({ model, el });
    const { make } = smtpauth;
    const words = model.get("words");
    const say = smtpauth.speak(words);
    const button = (text, message, attributes = {}) => {
      const element = make("button", { type: "button", class: "smtpauth-button", ...attributes }, text);
      element.addEventListener("click", () => model.send(message));
      return element;
    };
    const chips = make("ul", { class: "smtpauth-chips", "aria-label": say("Active filters") });
    const status = make("p", { class: "smtpauth-status", role: "status", "aria-live": "polite", tabindex: -1 });
    // What the status says to scripts and screen readers, for the eye.
    const line = make("p", { class: "smtpauth-line", "aria-hidden": "true" });
    const said = make("p", { class: "smtpauth-said", role: "status", "aria-live": "polite" });
    const working = workingLine(smtpauth, model, el, status);
    const heading = make("h3");
    const finding = make("p", { class: "smtpauth-finding" });
    const empty = make("div", { class: "smtpauth-empty", hidden: true });
    const places = Object.fromEntries(
      ["sending-volume", "tls-usage", "auth-protocol"].map((view) => [
        view,
        make("div", { class: "smtpauth-chart", hidden: true }),
      ]),
    );
    const morePlace = make("div", { class: "smtpauth-more", hidden: true });
    const rowsPlace = make("div", { class: "smtpauth-rows", hidden: true });
    const notes = make("ul", { class: "smtpauth-notes" });
    el.replaceChildren(
      chips,
      status,
      line,
      said,
      working.line,
      heading,
      finding,
      empty,
      ...Object.values(places),
      rowsPlace,
      morePlace,
      notes,
    );
    const release = keepKeys(el);
    const handles = {};
    let table = null;
    let flyout = null;
    let painted = {}; // what is on screen
    let drawn = Promise.resolve(); // once that is on screen, whole
    let confirmed = true; // the kernel said so itself
    const ahead = { base: null, answers: new Map() };

    const pick = (datum) => {
      // A legend entry is a value of the column that colours the chart.
      const colored = {
        "sending-volume": "sender_domain",
        "tls-usage": "tls_version",
        "auth-protocol": "auth_protocol",
      };
      const named = datum.domain !== undefined ? { sender_domain: datum.domain } : {};
      const legend = typeof datum.value === "string" ? { [colored[painted.view]]: datum.value } : {};
      const chosen = { ...legend, ...datum, ...named };
      const field = ["sender_address", "sender_domain", "tls_version", "auth_protocol"].find(
        (name) => typeof chosen[name] === "string",
      );
      if (field) model.send({ pick: { [field]: chosen[field] } });
    };

    const numbers = {};
    /** Put the numbers of the view's chart into the folded table below it. */
    const tell = (view, table, label) => {
      numbers[view] ??= smtpauth.chartTable(places[view], words);
      numbers[view].patch({ ...table, label });
    };

    /** Charts and numbers of the answer before are dimmed until those of this one come. */
    const waits = (late) => {
      for (const place of [morePlace, ...Object.values(numbers).map(({ element }) => element)])
        place.classList.toggle("smtpauth-waiting", late);
    };

    const below = {};
    /** Draw each chart below the first once; from then on it is patched. */
    const drawMore = async () => {
      const more = model.get("more");
      if (more.about !== painted.about || !painted.chart) return;
      tell(more.view, more.table, painted.title);
      numbers[more.view].element.hidden = false;
      for (const { name, title, columns, values, label, table: rows } of more.charts) {
        if (more.about !== painted.about) return;
        if (!below[name]) {
          const place = make("div", { class: "smtpauth-chart" });
          const block = make("section", { "data-chart": name }, make("h3", {}, title), place);
          morePlace.append(block);
          const handle = smtpauth.drawChart(place, model.get("charts")[name], columns, {
            values,
            label,
            onSelect: pick,
            onBrush: brush,
          });
          below[name] = { block, handle, numbers: smtpauth.chartTable(place, words) };
          await handle;
        } else await (await below[name].handle).patch(columns, { values: { ...values, ...unbrushed(name) }, label });
        below[name].numbers.patch({ ...rows, label: title });
      }
      for (const [name, { block }] of Object.entries(below))
        block.hidden = !more.charts.some((chart) => chart.name === name);
      morePlace.hidden = false;
      waits(more.about !== painted.about);
    };

    const day = (instant) => new Date(instant).toISOString().slice(0, 10);
    let brushed = null;
    const unbrushed = (name) =>
      !painted.days && (model.get("charts")[name].signals ?? []).some((signal) => signal.name === "brush")
        ? { brush: null }
        : {};
    const brush = (range) => {
      const days = range && [day(Math.min(...range)), day(Math.max(...range))];
      if (JSON.stringify(days) === JSON.stringify(brushed)) return;
      brushed = days;
      model.send({ brush: days });
    };

    const drawing = async (shown) => {
      const { view, chart } = shown;
      const spec = model.get("charts")[view];
      handles[view] ??= smtpauth.drawChart(places[view], spec, chart.columns, {
        values: chart.values,
        label: shown.finding,
        onSelect: pick,
        onBrush: brush,
      });
      const handle = await handles[view];
      if (painted !== shown) return;
      const values = { ...chart.values, ...unbrushed(view) };
      brushed = shown.days;
      await handle.patch(chart.columns, { values, label: shown.finding });
    };

    const rows = ({
      title,
      table: { columns, rows: values, label, totals, total, offset, sort, descending, search },
    }) => {
      const state = { columns, label, name: title, totals, total, offset, sort, descending, find: search };
      if (table) return table.patch({ ...values }, state); // its own: cells are filled in later
      table = smtpauth.drawTable(rowsPlace, {
        ...state,
        rows: { ...values },
        words,
        ask: (wanted) => model.send({ rows: wanted }),
        onSelect: (_index, row) => model.send({ select: row.sender_address }),
      });
    };

    const chip = ({ key, text }) => {
      const off = button(
        "✕",
        { drop: key },
        { class: "smtpauth-chip-off", "aria-label": say("Take off: {choice}", { choice: text }) },
      );
      off.addEventListener("click", () => status.focus());
      return make("li", { class: "smtpauth-chip" }, make("bdi", {}, ...smtpauth.visible(text)), off);
    };

    const nothing = ({ text, drop, action, switches = [] }) => [
      make("p", {}, ...smtpauth.visible(text)),
      ...switches.map(({ source, text }) => button(text, { source }, { class: "smtpauth-button smtpauth-primary" })),
      ...(drop ? [button(action, { drop }, { class: "smtpauth-button smtpauth-primary" })] : []),
    ];

    const paint = (shown) => (drawn = draw(shown));
    const draw = async (shown) => {
      painted = shown;
      chips.replaceChildren(...shown.chips.map(chip));
      chips.hidden = !shown.chips.length;
      heading.textContent = shown.title;
      finding.replaceChildren(...smtpauth.visible(shown.finding));
      if (empty.contains(document.activeElement)) status.focus();
      empty.replaceChildren(...(shown.empty ? nothing(shown.empty) : []));
      empty.hidden = !shown.empty;
      finding.hidden = !shown.finding;
      heading.hidden = !shown.chart && !shown.table;
      status.classList.toggle("smtpauth-alone", heading.hidden && !shown.empty);
      for (const [view, place] of Object.entries(places)) place.hidden = !shown.chart || view !== shown.view;
      for (const [view, folded] of Object.entries(numbers)) {
        folded.element.hidden = places[view].hidden;
        if (places[view].hidden) folded.fold();
      }
      if (!shown.chart) for (const each of Object.values(below)) each.numbers.fold();
      rowsPlace.hidden = !shown.table;
      morePlace.hidden = !shown.chart || model.get("more").view !== shown.view;
      waits(model.get("more").about !== shown.about);
      notesList(smtpauth, notes, shown.notes);
      if (shown.chart) await drawing(shown);
      if (painted !== shown) return;
      if (shown.table) rows(shown);
      // Last: who hears the new status finds the new chart or table on screen.
      status.classList.toggle("smtpauth-unseen", Boolean(shown.line));
      line.replaceChildren(...smtpauth.visible(shown.line));
      line.hidden = !shown.line;
      status.textContent = shown.status;
      said.textContent = "";
      el.dispatchEvent(new CustomEvent("smtpauth-shown", { bubbles: true }));
    };

    const written = (shown) => JSON.stringify({ ...shown, number: 0 });
    const show = async () => {
      const shown = model.get("shown");
      if (shown.status === undefined) return;
      const asPainted = !confirmed && written(shown) === written(painted);
      confirmed = true;
      if (!asPainted) await paint(shown);
    };

    /** Show the answer held for the domain just chosen; the kernel hears of the choice all the same. */
    const early = ({ target }) => {
      const control = target.closest?.(".smtpauth-domain");
      if (!control || !el.closest(".smtpauth-screen")?.contains(control)) return;
      const domain = target.selectedIndex === 0 ? "" : (target.selectedOptions?.[0].textContent ?? target.value);
      const shown = painted.base === ahead.base && ahead.answers.get(domain);
      if (!shown || shown.about === painted.about) return;
      confirmed = false;
      paint(shown);
    };

    const hold = ({ base, answers }) => {
      if (base !== ahead.base) ahead.answers.clear();
      ahead.base = base;
      for (const [domain, shown] of Object.entries(answers)) ahead.answers.set(domain, shown);
    };

    /** Let the browser keep a file that the kernel made. */
    const keep = ({ name, type }, content) => {
      const link = make("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    };

    const told = async (message, buffers) => {
      if (message.download) keep(message.download, buffers[0]);
      if (message.said) said.textContent = message.said;
      if (message.ahead) hold(message.ahead);
      if (message.fill) await drawn; // else the cells of the table before are filled
      if (message.fill && message.about === painted.about) table?.fill(message.fill);
      if (!message.flyout) return;
      const { content, draw } = await senderContent(smtpauth, message.flyout, model.get("charts"), words);
      flyout?.close();
      flyout = smtpauth.drawFlyout(el, { title: message.flyout.title, content, words });
      await draw();
    };

    model.on("change:shown", show);
    model.on("change:more", drawMore);
    model.on("msg:custom", told);
    document.addEventListener("change", early);
    model.send({ drawn: true });
    await show();
    await drawMore();
    return async () => {
      model.off("change:shown", show);
      model.off("change:more", drawMore);
      working.release();
      model.off("msg:custom", told);
      document.removeEventListener("change", early);
      release();
      flyout?.close();
      table?.finalize();
      for (const handle of [...Object.values(handles), ...Object.values(below).map((each) => each.handle)])
        (await handle).finalize();
    };
  },
};
