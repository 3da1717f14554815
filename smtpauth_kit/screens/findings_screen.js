// The list of incidents below its filters, and the flyout of one: its story, its proof, what
// somebody found out. The kernel answers everything.

/** What was found out: a note, and whether it is acknowledged or allowed. `send` hears what is typed. */
function saidForm({ words, told, send }) {
  const note = make("textarea", { rows: 2, maxlength: 1000, autocomplete: "off" });
  const until = inputOf("date", "");
  const several = told.own.length > 1;
  const all = choiceOf(
    "checkbox",
    "all",
    "all",
    words("All {n} findings of this incident", { n: told.own.length }),
    true,
  );
  const untilRow = controlOf("until", words("Allowed until"), until, { help: words("Empty: for good.") });
  untilRow.hidden = true;
  const form = make(
    "form",
    { class: "smtpauth-form smtpauth-found-out", novalidate: true },
    fieldsetOf(
      words("What was found out"),
      choiceOf("radio", "how", "acknowledge", words("Acknowledge: somebody looked at it"), true),
      choiceOf("radio", "how", "allow", words("Allow: it is meant to be, also next time"), false),
      controlOf("note", words("Note"), note),
      untilRow,
      ...(several ? [all] : []),
    ),
  );
  const how = () => /** @type {HTMLInputElement} */ (form.querySelector("input[name=how]:checked")).value;
  const typed = (kind) => ({
    how: kind,
    note: note.value,
    until: until.value,
    all: !several || all.querySelector("input").checked,
  });
  const submit = make(
    "button",
    { type: "submit", class: "smtpauth-button smtpauth-primary", "data-lm-suppress-shortcuts": "true" },
    words("Save"),
  );
  const undo = told.state === "new" ? [] : [buttonOf(words("Take it back"), () => send(typed("undo")))];
  form.append(make("div", { class: "smtpauth-buttons" }, submit, ...undo));
  form.addEventListener("change", () => {
    untilRow.hidden = how() !== "allow";
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(typed(how()));
  });
  return { form, note };
}

export default {
  async render({ model, el }) {
    const smtpauth = await ready({ model, el });
    const language = model.get("words");
    const words = smtpauth.speak(language);
    const release = keepKeys(el);
    const status = make("p", { class: "smtpauth-status", role: "status", "aria-live": "polite", tabindex: -1 });
    const checked = make("p", { class: "smtpauth-checked" });
    const said = saidOf();
    const working = workingLine(smtpauth, model, el, status);
    const empty = make("div", { class: "smtpauth-empty", hidden: true });
    const rowsPlace = make("div", { class: "smtpauth-rows", hidden: true });
    const lacking = make("section", { class: "smtpauth-unchecked", hidden: true });
    el.replaceChildren(status, said, working.line, empty, rowsPlace, checked, lacking);
    let table = null;
    let flyout = null; // {handle, told, content, at}: the incident on screen

    const button = (text, message) =>
      buttonOf(text, () => model.send(message), { class: "smtpauth-button smtpauth-primary" });

    const nothing = ({ text, drop, action }) => [
      make("p", {}, ...smtpauth.visible(text)),
      ...(drop ? [button(action, { drop })] : []),
    ];

    const drawRows = ({ table: { columns, rows }, title }) => {
      if (table) return table.patch(rows, { columns });
      table = smtpauth.drawTable(rowsPlace, {
        columns,
        rows,
        name: title,
        words: language,
        page: 25,
        onSelect: (_index, row) => model.send({ open: row.incident_id }),
      });
    };

    const drawLacking = (reasons) => {
      lacking.hidden = reasons.length === 0;
      lacking.replaceChildren(
        make("h3", {}, words("Not checked")),
        make(
          "ul",
          { class: "smtpauth-notes" },
          ...reasons.map(({ why, titles }) => make("li", {}, make("strong", {}, titles.join(", ")), ": ", why)),
        ),
      );
    };

    const show = () => {
      const shown = model.get("shown");
      if (shown.status === undefined) return;
      if (empty.contains(document.activeElement)) status.focus();
      empty.replaceChildren(...(shown.empty ? nothing(shown.empty) : []));
      empty.hidden = !shown.empty;
      checked.replaceChildren(...smtpauth.visible(shown.checked));
      checked.hidden = !shown.checked;
      drawLacking(shown.not_checked);
      rowsPlace.hidden = !shown.table;
      if (shown.table) drawRows(shown);
      status.classList.toggle("smtpauth-alone", !shown.table && !shown.empty);
      // The box below says the same to the eye.
      status.classList.toggle("smtpauth-unseen", Boolean(shown.empty));
      // Last: who hears the new status finds the new list on screen.
      status.textContent = [shown.status, shown.fresh].filter(Boolean).join(" ");
      el.dispatchEvent(new CustomEvent("smtpauth-shown", { bubbles: true }));
    };

    /** Back to the row that the flyout was opened from, if the list was drawn anew meanwhile. */
    const backToRow = (id) => {
      if (document.activeElement && document.activeElement !== document.body) return;
      const index = model.get("shown").table?.rows.incident_id.indexOf(id) ?? -1;
      if (index >= 0) table.focus(index);
      else status.focus();
    };

    /** Show everything about a sender below the list, and go there once it stands. */
    const openSender = (address) => {
      flyout?.handle.close();
      model.send({ sender: address });
      const screen = el.closest(".smtpauth-screen");
      const go = () => {
        const card = /** @type {HTMLElement | null} */ (screen.querySelector(".smtpauth-sender"));
        const isIt = card?.querySelector("h2")?.textContent.toLowerCase() === address.toLowerCase();
        if (!card || !isIt) return false;
        card.scrollIntoView({ block: "start" });
        card.focus({ preventScroll: true });
        return true;
      };
      if (go()) return;
      const arriving = new MutationObserver(() => {
        if (go()) arriving.disconnect();
      });
      arriving.observe(screen, { childList: true, subtree: true });
    };

    /** Ask for more of the open incident; the flyout says that it may take a moment. */
    const askKernel = (message) => {
      flyout.done.textContent = words("Working…");
      model.send(message);
    };

    const askFor = ({ text, ask }) =>
      ask.sender
        ? buttonOf(text, () => openSender(ask.sender))
        : buttonOf(text, () => askKernel(ask), { "aria-haspopup": "dialog" });

    const proofActions = (id) => flyout.content.proofs[id]?.actions ?? [];
    const drawActions = (actions) => flyout.actions.replaceChildren(...actions.map(askFor));

    const openFlyout = async (told) => {
      const again = flyout?.told.incident_id === told.incident_id;
      // What proves it has not changed by what somebody said of it.
      if (again) told = { ...told, proofs: { ...flyout.content.proofs, ...told.proofs } };
      const content = smtpauth.incidentContent(told, model.get("charts"), language, {
        ask: (id) => {
          flyout.at = id;
          askKernel({ prove: id });
        },
      });
      const done = saidOf();
      const send = (typed) => model.send({ say: { ...typed, finding: flyout.at } });
      const found = told.can_save ? saidForm({ words, told, send }) : null;
      const actions = make("div", { class: "smtpauth-buttons" });
      const [lead, story, proof] = content.content;
      const toForm = () => {
        found.form.scrollIntoView({ block: "center" });
        found.note.focus();
      };
      const jump = found ? [buttonOf(words("Acknowledge or allow"), toForm)] : [];
      const doing = { role: "group", "aria-label": words("More") };
      const nodes = [
        lead,
        done,
        story,
        make("div", { class: "smtpauth-buttons smtpauth-doing", ...doing }, ...jump, actions),
        proof,
        ...(found ? [found.form] : []),
      ];
      if (again) flyout.handle.body.replaceChildren(...nodes);
      const handle = again
        ? flyout.handle
        : smtpauth.drawFlyout(el, {
            title: told.title,
            content: nodes,
            words: language,
            kind: "smtpauth-incident",
            onClose: () => {
              flyout = null;
              backToRow(told.incident_id);
            },
          });
      flyout = { handle, told, content, at: told.shown, actions, done, found };
      drawActions(proofActions(told.shown));
      if (told.said) {
        done.textContent = told.said;
        done.tabIndex = -1;
        done.focus();
        done.scrollIntoView({ block: "center" });
      }
      await content.draw();
    };

    const whoFlyout = ({ title, text, table: rows }) => {
      const place = make("div", { class: "smtpauth-sender-rows" });
      const more = rows.more ? [make("p", { class: "smtpauth-more-rows" }, rows.more)] : [];
      const content = [make("p", { class: "smtpauth-finding" }, text), place, ...more];
      smtpauth.drawFlyout(el, { title, content, words: language, kind: "smtpauth-who" });
      smtpauth.drawTable(place, { ...rows, words: language, label: rows.title, page: 25 });
    };

    const told = (message) => {
      if (flyout && (message.proof || message.there)) flyout.done.textContent = "";
      if (message.flyout) openFlyout(message.flyout);
      if (message.proof && flyout) {
        flyout.at = message.proof.finding_id;
        flyout.content.add(message.proof);
        drawActions(message.proof.actions);
      }
      if (message.there) whoFlyout(message.there);
      if (message.errors && flyout?.found) {
        showWrong(flyout.found.form, message.errors);
        flyout.found.form.querySelector("[aria-invalid]")?.focus();
      }
      if (message.failed) (flyout?.done ?? said).replaceChildren(...smtpauth.visible(message.failed));
    };

    model.on("change:shown", show);
    model.on("msg:custom", told);
    show();
    return () => {
      model.off("change:shown", show);
      model.off("msg:custom", told);
      working.release();
      release();
      flyout?.handle.close();
      table?.finalize();
    };
  },
};
