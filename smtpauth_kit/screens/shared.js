// Stands before the script of every screen: what several of them need.

/**
 * Set the language of `el`, and wait until the runtime has arrived: the chart library and the kit's
 * own scripts, which `Runtime` in browser_view.py sends.
 */
function ready({ model, el }) {
  el.classList.add("smtpauth");
  el.lang = model.get("words").language; // JupyterLab's page is in another: read aloud as this one
  const smtpauth = (globalThis.smtpauth ??= /** @type {Smtpauth} */ ({}));
  if (smtpauth.drawChart && globalThis.vegaEmbed) return Promise.resolve(smtpauth);
  smtpauth.arrived ??= new Promise((resolve) => {
    smtpauth.ready = () => resolve(smtpauth);
  });
  return smtpauth.arrived;
}

/** Keep JupyterLab's keys away from the controls: its arrows move cells, its `dd` deletes one. */
function keepKeys(el) {
  const mark = () => {
    const screen = el.closest(".smtpauth-screen") ?? el;
    for (const control of screen.querySelectorAll("select, input, button, [tabindex]")) {
      control.setAttribute("data-lm-suppress-shortcuts", "true");
    }
  };
  const observer = new MutationObserver(mark);
  requestAnimationFrame(() => {
    const screen = el.closest(".smtpauth-screen") ?? el;
    screen.lang = el.lang;
    mark();
    observer.observe(screen, { childList: true, subtree: true });
  });
  return () => observer.disconnect();
}

/** A button that sends `message` to the kernel. */
function sendButton(smtpauth, model, text, message) {
  const button = smtpauth.make("button", { type: "button", class: "smtpauth-button smtpauth-primary" }, text);
  button.addEventListener("click", () => model.send(message));
  return button;
}

/** A line that says that an answer takes long, with Cancel; the focus goes from it to `rest`. */
function workingLine(smtpauth, model, el, rest) {
  const say = smtpauth.speak(model.get("words"));
  const cancel = smtpauth.make("button", { type: "button", class: "smtpauth-button" }, say("Cancel"));
  cancel.addEventListener("click", () => model.send({ cancel: true }));
  const line = smtpauth.make("p", { class: "smtpauth-working", role: "status", hidden: true });
  const text = smtpauth.make("span");
  const show = () => {
    const busy = model.get("working");
    const hadFocus = line.contains(document.activeElement);
    const share = model.get("share");
    const done = share === null || share === undefined ? "" : ` ${Math.round(share * 100)}\u00a0%`;
    text.textContent = `${say("Working…")}${done} `;
    if (!busy) line.replaceChildren();
    else if (!cancel.isConnected) line.replaceChildren(text, cancel); // Cancel keeps the focus.
    line.hidden = !busy;
    el.classList.toggle("smtpauth-busy", busy);
    if (hadFocus && !busy) rest.focus();
  };
  const changes = "change:working change:share";
  model.on(changes, show);
  show();
  return { line, release: () => model.off(changes, show) };
}

/** Write the notes under an answer into `list`. */
function notesList(smtpauth, list, texts) {
  list.replaceChildren(...texts.map((text) => smtpauth.make("li", {}, ...smtpauth.visible(text))));
  list.hidden = texts.length === 0;
}

/** What a flyout or card shows of one sender: its fields, days, clients, where the figures come from. */
async function senderContent(smtpauth, told, charts, words) {
  const { make } = smtpauth;
  const lead = told.empty
    ? make("div", { class: "smtpauth-empty" }, make("p", {}, ...smtpauth.visible(told.empty)))
    : make("p", { class: "smtpauth-finding" }, ...smtpauth.visible(told.finding));
  if (!told.fields) return { content: [lead], draw() {} };
  const notes = make("ul", { class: "smtpauth-notes" });
  notesList(smtpauth, notes, told.notes);
  const tables = told.tables
    .filter(({ columns }) => columns.length)
    .map((table) => {
      const rows = make("div", { class: "smtpauth-sender-rows" });
      smtpauth.drawTable(rows, { ...table, words, label: table.title, descending: true, page: 15, search: false });
      return rows;
    });
  const trends = told.trends.map((trend) => ({ ...trend, place: make("div", { class: "smtpauth-chart" }) }));
  const content = [
    lead,
    smtpauth.details(told.fields, told.row, smtpauth.speak(words)),
    ...trends.map(({ heading, place }) => make("div", {}, make("h3", {}, heading), place)),
    ...tables,
    notes,
  ];
  const draw = async () => {
    for (const { name, heading, values, place } of trends) {
      await smtpauth.drawChart(place, charts[name], told.days, { values, label: `${heading}: ${told.finding}` });
    }
  };
  return { content, draw };
}

/** Go to everything about a sender, which the kernel shows below a screen, once it stands there. */
function goToSender(el, address) {
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
}
