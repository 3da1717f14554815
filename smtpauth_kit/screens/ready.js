// Before every view's own script: wait until the runtime has arrived, and keep JupyterLab's keys
// away from the controls (its command mode would take them: arrows move cells, `dd` deletes one).
function ready() {
  const smtpauth = (globalThis.smtpauth ??= {});
  if (smtpauth.drawChart && globalThis.vegaEmbed) return Promise.resolve(smtpauth);
  smtpauth.arrived ??= new Promise((resolve) => { smtpauth.ready = () => resolve(smtpauth); });
  return smtpauth.arrived;
}

function keepKeys(el) {
  const mark = () => {
    const screen = el.closest(".smtpauth-screen") ?? el;
    for (const control of screen.querySelectorAll("select, input, button, [tabindex]")) {
      control.setAttribute("data-lm-suppress-shortcuts", "true");
    }
  };
  const observer = new MutationObserver(mark);
  requestAnimationFrame(() => {
    mark();
    observer.observe(el.closest(".smtpauth-screen") ?? el, { childList: true, subtree: true });
  });
  return () => observer.disconnect();
}

function notesList(smtpauth, list, texts) {
  list.replaceChildren(...texts.map((text) => smtpauth.make("li", {}, ...smtpauth.visible(text))));
  list.hidden = texts.length === 0;
}

/** What a flyout or card shows of one sender: its fields, days, clients, where the figures come from. */
async function senderContent(smtpauth, told, charts, words) {
  const { make } = smtpauth;
  if (told.empty) return { content: [make("p", { class: "smtpauth-empty" }, ...smtpauth.visible(told.empty))], draw() {} };
  const notes = make("ul", { class: "smtpauth-notes" });
  notesList(smtpauth, notes, told.notes);
  const tables = told.tables.filter(({ columns }) => columns.length).map((table) => {
    const rows = make("div", { class: "smtpauth-sender-rows" });
    smtpauth.drawTable(rows, { ...table, words, label: table.title, page: 15, search: false });
    return rows;
  });
  const trends = told.trends.map((trend) => ({ ...trend, place: make("div", { class: "smtpauth-chart" }) }));
  const content = [
    smtpauth.details(told.fields, told.row, smtpauth.speak(words)),
    ...trends.map(({ heading, place }) => make("div", {}, make("h3", {}, heading), place)), ...tables, notes,
  ];
  const draw = async () => {
    for (const { name, heading, values, place } of trends) {
      await smtpauth.drawChart(place, charts[name], told.days, { values, label: `${heading}: ${told.finding}` });
    }
  };
  return { content, draw };
}
