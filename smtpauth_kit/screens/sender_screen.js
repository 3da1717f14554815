// Everything known of one sender: its card, and below it what is unusual, what stops it, to whom it
// writes, where the sources differ and whom it is like. Each part is folded until it is opened.

/** A part of the page, folded: its sentence is always there, its rows are drawn when it opens. */
function foldOf(name) {
  const title = make("h3");
  const said = make("span");
  const body = make("div", { class: "smtpauth-part-body" });
  const fold = /** @type {HTMLDetailsElement} */ (
    make(
      "details",
      { class: `smtpauth-part smtpauth-about-${name}` },
      make("summary", { "data-lm-suppress-shortcuts": "true" }, title, " ", said),
      body,
    )
  );
  let draw = null; // what draws the body, until it is drawn
  const open = () => {
    if (!fold.open || !draw) return;
    const drawing = draw;
    draw = null;
    drawing(body);
  };
  fold.addEventListener("toggle", open);
  const say = (told) => {
    title.textContent = told.title;
    said.replaceChildren(...globalThis.smtpauth.visible(told.said));
  };
  const show = (told, how) => {
    say(told);
    fold.classList.toggle("smtpauth-leaf", !how);
    draw = how;
    body.replaceChildren();
    open();
  };
  return { fold, say, show };
}

export default {
  async render({ model, el }) {
    el.classList.add("smtpauth-card");
    const smtpauth = await ready({ model, el });
    const language = model.get("words");
    const words = smtpauth.speak(language);
    const release = keepKeys(el);
    const place = make("div", { class: "smtpauth-sender", tabindex: -1 });
    const said = saidOf();
    const working = workingLine(smtpauth, model, el, place);
    el.replaceChildren(working.line, place);
    const folds = {}; // those on screen, by name
    const first = make("div", { class: "smtpauth-parts" });
    const below = make("div", { class: "smtpauth-parts" });
    let list = null; // the table of incidents
    let edited = null; // the table in which owner, state, due date and note are written

    const back = (id) => {
      const rows = model.get("more").parts?.find(({ name }) => name === "unusual")?.table?.rows;
      const index = rows?.incident_id.indexOf(id) ?? -1;
      if (index >= 0 && list) list.focus(index);
      else place.focus();
    };
    const openSender = (sender) => {
      model.send({ sender });
      place.focus();
    };
    const flyout = incidentFlyout({ smtpauth, model, el, said, back, openSender });

    const drawTable = (body, told, more = {}) => {
      const rows = make("div", { class: "smtpauth-sender-rows" });
      const { columns, rows: values } = told.table;
      const table = smtpauth.drawTable(rows, {
        columns,
        rows: values,
        words: language,
        label: told.title,
        page: 15,
        search: false,
        ...more,
      });
      const left = told.more
        ? [make("p", { class: "smtpauth-more-rows" }, words("{n} more rows.", { n: told.more }))]
        : [];
      body.append(rows, ...left);
      return table;
    };

    const drawFields = (body, { fields, row, edits, title }) => {
      const facts = make("div", {}, smtpauth.details(fields, row, words));
      body.append(facts);
      edited = null;
      if (!edits) return;
      const rows = make("div", { class: "smtpauth-sender-rows" });
      const help = words("Owner, state, due date and note are kept as you write them.");
      body.append(make("p", { class: "smtpauth-help" }, help), rows);
      const table = smtpauth.drawTable(rows, {
        ...edits,
        words: language,
        label: title,
        search: false,
        onEdit: (_row, column, text) => model.send({ write: { field: column.name, text } }),
      });
      edited = { table, facts };
    };

    /** Show new values where somebody writes: the control keeps the focus. */
    const patchFields = ({ fields, row, edits }) => {
      edited.facts.replaceChildren(smtpauth.details(fields, row, words));
      edited.table.patch(edits.rows, { columns: edits.columns, stay: true });
    };

    /** How the body of a part is drawn; null: its sentence is all there is. */
    const howOf = (told) => {
      if (told.fields) return (body) => drawFields(body, told);
      if (!told.table?.columns.length) return null;
      if (told.name === "unusual") {
        const onSelect = (_index, row) => flyout.open(row.incident_id);
        return (body) => {
          list = drawTable(body, told, { onSelect });
        };
      }
      if (told.name === "comparable") {
        const onSelect = (_index, row) => openSender(row.sender_address);
        return (body) => drawTable(body, told, { onSelect });
      }
      return (body) => drawTable(body, told);
    };

    const showPart = (told) => {
      const part = (folds[told.name] ??= foldOf(told.name));
      if (edited && told.edits && part.fold.contains(edited.facts)) {
        part.say(told);
        return patchFields(told);
      }
      part.show(told, howOf(told));
      const where = told.name === "unusual" ? first : below;
      if (part.fold.parentNode !== where) where.append(part.fold);
    };

    const drawn = {}; // what each part shows, so that one that stays is not drawn again
    const showMore = () => {
      const { parts = [], failed } = model.get("more");
      for (const told of parts) {
        const now = JSON.stringify(told);
        if (drawn[told.name] === now) continue;
        drawn[told.name] = now;
        showPart(told);
      }
      if (failed) said.replaceChildren(...smtpauth.visible(failed));
    };

    const whoElse = (places) => {
      if (!places?.length) return [];
      const part = foldOf("who-else");
      const title = words("Who else");
      part.show({ title, said: words("Accounts that used its addresses, networks and countries.") }, (body) =>
        body.append(
          make(
            "div",
            { class: "smtpauth-buttons" },
            ...places.map(({ text, ask }) => buttonOf(text, () => model.send(ask), { "aria-haspopup": "dialog" })),
          ),
        ),
      );
      return [part.fold];
    };

    const show = async () => {
      const shown = model.get("shown");
      if (shown.title === undefined) return;
      const hadFocus = place.contains(document.activeElement);
      const title = make("h2", {}, ...smtpauth.visible(shown.title));
      const { content, draw } = await senderContent(smtpauth, shown, model.get("charts"), language);
      if (shown.action) content[0].append(sendButton(smtpauth, model, shown.action, { elsewhere: true }));
      first.replaceChildren();
      below.replaceChildren();
      for (const name of Object.keys(folds)) {
        delete folds[name];
        delete drawn[name];
      }
      said.replaceChildren();
      const notes = content.length > 1 ? [content.pop()] : [];
      place.replaceChildren(title, said, first, ...content, ...whoElse(shown.places), below, ...notes);
      showMore();
      if (hadFocus) place.focus();
      await draw();
    };

    const hear = (message) => {
      if (message.kept) said.replaceChildren(...smtpauth.visible(message.kept));
      if (message.wrong) {
        const control = edited?.table.control(model.get("shown").title, message.wrong.column);
        control?.setAttribute("aria-invalid", "true");
        if (control) delete control.dataset.sent;
        said.replaceChildren(...smtpauth.visible(message.wrong.text));
      }
      flyout.hear(message);
    };

    model.on("change:shown", show);
    model.on("change:more", showMore);
    model.on("msg:custom", hear);
    await show();
    return () => {
      model.off("change:shown", show);
      model.off("change:more", showMore);
      model.off("msg:custom", hear);
      flyout.close();
      working.release();
      release();
    };
  },
};
