// The flyout of an incident: its story, its proof, who else was there, what somebody found out. It
// stands before the script of a screen that lists incidents; the kernel answers everything.

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

/**
 * What opens the incidents of a screen: `open(id)` asks for one, `hear` takes what the kernel sends.
 * `back(id)` puts the focus where it was opened from; `said` is the screen's own line for what fails.
 */
function incidentFlyout({ smtpauth, model, el, said, back, openSender }) {
  const language = model.get("words");
  const words = smtpauth.speak(language);
  let flyout = null; // {handle, told, content, at}: the incident on screen

  const goTo = (address) => {
    flyout?.handle.close();
    openSender(address);
  };

  /** Ask for more of the open incident; the flyout says that it may take a moment. */
  const askKernel = (message) => {
    flyout.done.textContent = words("Working…");
    model.send(message);
  };

  const askFor = ({ text, ask }) =>
    ask.sender
      ? buttonOf(text, () => goTo(ask.sender))
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
            if (!document.activeElement || document.activeElement === document.body) back(told.incident_id);
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

  const hear = (message) => {
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

  return { open: (id) => model.send({ open: id }), hear, close: () => flyout?.handle.close() };
}
