// Senders at stake below their filters, written in where they stand; a switch-off above them, the
// weeks and who is silent below. The kernel answers everything.

/** What goes off in the simulation, and on which day: a form whose every change is a question. */
function offForm({ words, change }) {
  const place = make("div", { class: "smtpauth-choices" });
  const day = inputOf("date", "");
  const form = make(
    "form",
    { class: "smtpauth-form smtpauth-off-form", novalidate: true },
    fieldsetOf(words("What goes off"), place),
    controlOf("on", words("On"), day),
  );
  const boxes = () => [.../** @type {NodeListOf<HTMLInputElement>} */ (place.querySelectorAll("input"))];
  const tell = () => {
    if (day.validity.badInput) return;
    const off = boxes()
      .filter((box) => box.checked)
      .map((box) => box.value);
    change({ off, on: day.value });
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  place.addEventListener("change", tell);
  day.addEventListener("change", tell);
  const show = ({ choices, on }) => {
    if (!boxes().length)
      place.replaceChildren(
        ...choices.map(({ name, text, is_off }) => choiceOf("checkbox", "off", name, text, is_off)),
      );
    for (const [n, box] of boxes().entries()) box.checked = choices[n].is_off;
    if (document.activeElement !== day) day.value = on;
  };
  return { form, show };
}

/** A part of the screen: its heading, a sentence, and what is in it. */
function partOf(kind, title) {
  const said = make("p", { class: "smtpauth-finding" });
  const section = make(
    "section",
    { class: `smtpauth-part smtpauth-${kind}`, hidden: true },
    make("h3", {}, title),
    said,
  );
  return { section, said };
}

export default {
  async render({ model, el }) {
    const smtpauth = await ready({ model, el });
    const language = model.get("words");
    const words = smtpauth.speak(language);
    const release = keepKeys(el);
    const status = make("p", { class: "smtpauth-status", role: "status", "aria-live": "polite", tabindex: -1 });
    const said = saidOf();
    const working = workingLine(smtpauth, model, el, status);
    const empty = make("div", { class: "smtpauth-empty", hidden: true });
    const off = partOf("off", words("Simulated switch-off"));
    const offChoice = offForm({ words, change: (asked) => model.send(asked) });
    const later = make("p", { class: "smtpauth-later", hidden: true });
    const ways = make("div", { class: "smtpauth-sender-rows" });
    const stopping = make("div", { class: "smtpauth-fold" });
    off.said.before(offChoice.form);
    off.section.append(later, ways, stopping);
    const rowsPart = make(
      "section",
      { class: "smtpauth-part", hidden: true },
      make("h3", {}, words("Senders at stake")),
    );
    const exceptions = make("ul", { class: "smtpauth-notes", hidden: true });
    const help = make(
      "p",
      { class: "smtpauth-help" },
      words("Owner, state, due date and note are kept as you write them."),
    );
    const rowsPlace = make("div", { class: "smtpauth-rows" });
    rowsPart.append(exceptions, help, said, rowsPlace);
    const weeks = partOf("weeks", words("Burn-down"));
    const weeksHelp = make("p", { class: "smtpauth-help" });
    const below = make("div", { class: "smtpauth-below" });
    const notes = make("ul", { class: "smtpauth-notes", hidden: true });
    el.replaceChildren(status, working.line, empty, off.section, rowsPart, weeks.section, below, notes);
    const tables = {}; // those drawn, by name
    const drawings = {}; // the charts drawn, by name
    let weeksTable = null;
    let flyout = null;

    const fill = (name, place, data, more = {}) => {
      place.hidden = !data;
      if (!data) return;
      const { columns, rows } = data;
      if (tables[name]) tables[name].patch(rows, { columns, ...more.patch });
      else tables[name] = smtpauth.drawTable(place, { columns, rows, words: language, ...more });
    };

    const drawOff = (told) => {
      off.section.hidden = !told;
      if (!told) return;
      offChoice.show(told);
      off.said.textContent = told.statement;
      later.hidden = told.later.length === 0;
      later.replaceChildren(
        make("strong", {}, words("Due after that day:")),
        ...told.later.flatMap((sender, n) => [n ? ", " : " ", make("bdi", {}, ...smtpauth.visible(sender))]),
      );
      const label = words("What each way out would carry");
      fill("ways", ways, told.ways, { label, search: false, page: 10 });
      stopping.hidden = !told.senders;
      if (told.senders) stoppingTable.patch({ ...told.senders, label: words("Senders that stop") });
    };
    const stoppingTable = smtpauth.chartTable(stopping, language, words("Senders that stop"));

    const drawWeeks = async (told) => {
      weeks.section.hidden = !told;
      if (!told) return;
      weeks.said.textContent = told.statement;
      for (const { name, heading, columns, values } of told.charts) {
        const label = `${heading}: ${told.statement}`;
        if (drawings[name]) await (await drawings[name]).patch(columns, { values, label });
        else {
          const place = make("div", { class: "smtpauth-chart" });
          weeks.section.append(make("div", { class: "smtpauth-drawing" }, make("h4", {}, heading), place));
          drawings[name] = smtpauth.drawChart(place, model.get("charts")[name], columns, { values, label });
          await drawings[name];
        }
      }
      weeksHelp.textContent = told.help;
      if (!weeksTable) {
        weeks.section.append(weeksHelp);
        weeksTable = smtpauth.chartTable(weeksHelp, language);
      }
      weeksTable.patch(told.table);
    };

    const drawRows = ({ table, title, can_save }) => {
      rowsPart.hidden = !table;
      help.hidden = !can_save;
      fill("rows", rowsPlace, table, {
        name: title,
        page: 25,
        patch: { stay: true },
        onSelect: (_index, row) => model.send({ open: row.sender_address }),
        onEdit: can_save
          ? (row, column, text) => model.send({ write: { sender: row.sender_address, field: column.name, text } })
          : undefined,
      });
    };

    const button = ({ text, drop, action }) => [
      make("p", {}, ...smtpauth.visible(text)),
      ...(drop ? [sendButton(smtpauth, model, action, { drop })] : []),
    ];

    const show = async () => {
      const shown = model.get("shown");
      if (shown.status === undefined) return;
      if (empty.contains(document.activeElement)) status.focus();
      empty.replaceChildren(...(shown.empty ? button(shown.empty) : []));
      empty.hidden = !shown.empty;
      drawOff(shown.off);
      notesList(smtpauth, exceptions, shown.exceptions);
      drawRows(shown);
      notesList(smtpauth, notes, shown.notes);
      status.classList.toggle("smtpauth-alone", !shown.table && !shown.empty);
      // Last: who hears the new status finds the new list on screen.
      status.textContent = [shown.status, shown.fresh].filter(Boolean).join(" ");
      await drawWeeks(shown.weeks);
      el.dispatchEvent(new CustomEvent("smtpauth-shown", { bubbles: true }));
    };

    const showBelow = () => {
      const { parts = [], failed } = model.get("more");
      if (failed) below.replaceChildren(make("p", {}, ...smtpauth.visible(failed)));
      for (const { name, title, statement, empty: none, table } of parts) {
        const part = (tables[`part-${name}`] ??= partOf(name, title));
        const place = (part.place ??= make("div", { class: "smtpauth-sender-rows" }));
        if (!part.section.isConnected) {
          part.section.append(place);
          below.append(part.section);
        }
        part.section.hidden = false;
        part.said.textContent = none || statement;
        fill(name, place, table, { name: title, page: 15 });
      }
    };

    /** Show everything about a sender below the list, and go there once it stands. */
    const openSender = (address) => {
      flyout?.close();
      model.send({ sender: address });
      goToSender(el, address);
    };

    const openFlyout = (told) => {
      flyout = smtpauth.drawFlyout(el, {
        title: told.title,
        content: [
          smtpauth.details(told.fields, told.row, words),
          make(
            "div",
            { class: "smtpauth-buttons" },
            buttonOf(told.more, () => openSender(told.sender)),
          ),
        ],
        words: language,
        kind: "smtpauth-at-stake",
      });
    };

    const hear = (message) => {
      if (message.flyout) openFlyout(message.flyout);
      if (message.kept) said.replaceChildren(...smtpauth.visible(message.kept));
      if (message.failed) said.replaceChildren(...smtpauth.visible(message.failed));
      if (message.wrong) {
        const { sender, column, text } = message.wrong;
        const control = tables.rows?.control(sender, column);
        control?.setAttribute("aria-invalid", "true");
        if (control) delete control.dataset.sent;
        said.replaceChildren(...smtpauth.visible(text));
      }
    };

    model.on("change:shown", show);
    model.on("change:more", showBelow);
    model.on("msg:custom", hear);
    await show();
    showBelow();
    return () => {
      model.off("change:shown", show);
      model.off("change:more", showBelow);
      model.off("msg:custom", hear);
      working.release();
      release();
      flyout?.close();
      for (const table of Object.values(tables)) table.finalize?.();
      for (const drawing of Object.values(drawings)) drawing.then((chart) => chart.finalize());
    };
  },
};
