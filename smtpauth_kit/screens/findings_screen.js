// The list of incidents below its filters; one opens in `incident_flyout.js`. The kernel answers
// everything.

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
        key: "incident_id",
        onSelect: (_index, row) => flyout.open(row.incident_id),
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
    const back = (id) => {
      const index = model.get("shown").table?.rows.incident_id.indexOf(id) ?? -1;
      if (index >= 0) table.focus(index);
      else status.focus();
    };

    /** Show everything about a sender below the list, and go there once it stands. */
    const openSender = (address) => {
      model.send({ sender: address });
      goToSender(el, address);
    };
    const flyout = incidentFlyout({ smtpauth, model, el, said, back, openSender });

    model.on("change:shown", show);
    model.on("msg:custom", flyout.hear);
    show();
    return () => {
      model.off("change:shown", show);
      model.off("msg:custom", flyout.hear);
      working.release();
      release();
      flyout.close();
      table?.finalize();
    };
  },
};
