// The report below its controls: status line, chart or details table, notes, the sender's flyout.
export default {
  async render({ model, el }) {
    el.classList.add("smtpauth");
    const smtpauth = await ready();
    const { make } = smtpauth;
    const words = model.get("words");
    const status = make("p", { class: "smtpauth-status", role: "status", "aria-live": "polite" });
    const heading = make("h3");
    const finding = make("p", { class: "smtpauth-finding" });
    const empty = make("p", { class: "smtpauth-empty", hidden: true });
    const places = Object.fromEntries(Object.keys(model.get("charts")).filter((view) => view !== "trend")
      .map((view) => [view, make("div", { class: "smtpauth-chart", hidden: true })]));
    const rowsPlace = make("div", { class: "smtpauth-rows", hidden: true });
    const notes = make("ul", { class: "smtpauth-notes" });
    el.replaceChildren(status, heading, finding, empty, ...Object.values(places), rowsPlace, notes);
    const release = keepKeys(el);
    const handles = {};
    let table = null;
    let flyout = null;

    const drawing = async (shown) => {
      const { view, chart } = shown;
      handles[view] ??= smtpauth.drawChart(places[view], model.get("charts")[view], chart.columns,
        { values: chart.values, label: shown.finding });
      const handle = await handles[view];
      if (model.get("shown") === shown) await handle.patch(chart.columns, { values: chart.values, label: shown.finding });
    };

    const rows = (shown) => {
      const { columns, rows: values } = shown.table;
      const select = (index) => model.send({ select: model.get("shown").table.rows.sender_address[index] });
      if (table) table.patch(values, { columns, label: shown.title });
      else table = smtpauth.drawTable(rowsPlace, { columns, rows: values, label: shown.title, words, onSelect: select });
    };

    const show = async () => {
      const shown = model.get("shown");
      if (shown.status === undefined) return;
      const isChart = Boolean(shown.chart);
      heading.textContent = shown.title;
      finding.replaceChildren(...smtpauth.visible(shown.finding));
      empty.textContent = shown.empty;
      empty.hidden = !shown.empty;
      finding.hidden = Boolean(shown.empty);
      for (const [view, place] of Object.entries(places)) place.hidden = !isChart || view !== shown.view;
      rowsPlace.hidden = !shown.table;
      notesList(smtpauth, notes, shown.notes);
      if (isChart) await drawing(shown);
      if (shown.table) rows(shown);
      // Last: who hears the new status finds the new chart or table on screen.
      status.textContent = shown.status;
      el.dispatchEvent(new CustomEvent("smtpauth-shown", { bubbles: true }));
    };

    const told = async (message) => {
      if (!message.flyout) return;
      const { content, draw } = await senderContent(smtpauth, message.flyout, model.get("charts"), words);
      flyout?.close();
      flyout = smtpauth.drawFlyout(el, { title: message.flyout.title, content, words });
      await draw();
    };

    model.on("change:shown", show);
    model.on("msg:custom", told);
    await show();
    return async () => {
      model.off("change:shown", show);
      model.off("msg:custom", told);
      release();
      flyout?.close();
      for (const handle of Object.values(handles)) (await handle).finalize();
    };
  },
};
