// The load screen: files go to the kernel in pieces, the kernel says how each one ended. The rows of
// the tables are made by the templates of the exported page, which escape every value.
const PIECE = 1 << 20;

function settingsForm(smtpauth, asked, words) {
  const { make } = smtpauth;
  const own = { "data-lm-suppress-shortcuts": "true" };
  const labelled = (text, control, ...more) => {
    control.dataset.name = text;
    return make("label", { class: "smtpauth-field" }, make("span", {}, text), control, ...more);
  };
  const option = (value, text, chosen) => make("option", { value, selected: value === chosen }, text);
  const format = make("select", own, ...asked.formats.map(({ name, title }) => option(name, title, asked.format)));
  const [start, end] = [0, 1].map((n) => make("input", { type: "date", value: asked.days[n], ...own }));
  const order = make(
    "select",
    own,
    option("", words("as the file shows"), ""),
    option("dmy", words("day, month, year")),
    option("mdy", words("month, day, year")),
    option("ymd", words("year, month, day")),
  );
  const columns = make("fieldset", {}, make("legend", {}, words("Which column is which?")));
  const period = make(
    "fieldset",
    { class: "smtpauth-days" },
    make("legend", {}, words("Which days was it exported for?")),
    labelled(words("Start date"), start),
    labelled(words("End date"), end),
  );
  const dates = make(
    "fieldset",
    {},
    make("legend", {}, words("How are its dates written?")),
    labelled(words("Order"), order, make("small", {}, ...smtpauth.visible(asked.dates.join(" · ")))),
  );
  const zone = make("input", { type: "text", placeholder: "Europe/Amsterdam", required: !!asked.zone, ...own });
  const zones = make(
    "fieldset",
    { hidden: !asked.zone },
    make("legend", {}, words("Which time zone are its times in?")),
    labelled(words("Time zone"), zone, make("small", {}, ...smtpauth.visible(asked.zone))),
  );
  const error = make("p", { class: "smtpauth-refused", role: "alert", hidden: true });
  const again = make(
    "button",
    { type: "submit", class: "smtpauth-button smtpauth-primary", ...own },
    words("Load again"),
  );
  const samples = new Map(asked.columns);
  let fields = [];

  const column = ({ label, title, required, column: known }) => {
    const pick = make(
      "select",
      { required, ...own },
      ...(known ? [] : [option("", required ? words("Choose a column") : words("not in this file"), "")]),
      ...asked.columns.map(([name]) => option(name, name, known)),
    );
    const shown = make("small");
    const show = () => shown.replaceChildren(...smtpauth.visible((samples.get(pick.value) ?? []).join(" · ")));
    pick.addEventListener("change", show);
    show();
    fields.push({ label, pick, known });
    const drawn = labelled(required ? words("{field} (needed)", { field: title }) : title, pick, shown);
    pick.dataset.name = title;
    return drawn;
  };

  const chosen = () => asked.formats.find(({ name }) => name === format.value);
  const arrange = () => {
    fields = [];
    const { fields: all, needs_period, has_dates } = chosen();
    const drawn = all.map((field) => [field, column(field)]);
    const needed = drawn.filter(([field]) => field.required || field.column).map(([, node]) => node);
    const others = drawn.filter(([field]) => !field.required && !field.column).map(([, node]) => node);
    const more = make(
      "details",
      {},
      make("summary", { tabindex: 0, ...own }, words("{n} more fields", { n: others.length })),
      ...others,
    );
    // A report needs a count, and which of its columns that is stands among the others.
    more.open = needed.length < 2;
    columns.replaceChildren(columns.firstChild, ...needed, ...(others.length ? [more] : []));
    columns.hidden = !asked.columns.length;
    period.hidden = !needs_period;
    start.required = end.required = needs_period;
    dates.hidden = !has_dates || (!asked.columns.length && !asked.asks_order);
    order.required = asked.asks_order;
  };
  format.addEventListener("change", arrange);
  if (asked.asks_order) order.firstChild.textContent = words("Choose an order");
  arrange();
  const form = make(
    "form",
    { class: "smtpauth-question", novalidate: true },
    make(
      "p",
      {},
      words("The kit cannot tell this by itself."),
      ...(asked.columns.length
        ? [" ", words("What you say of its columns is remembered for files with the same header.")]
        : []),
    ),
    ...(asked.formats.length > 1 ? [labelled(words("Format"), format)] : []),
    columns,
    period,
    dates,
    zones,
    error,
    again,
  );
  const answer = () => {
    const wrong = [...form.querySelectorAll("select, input")].find(
      (control) => !control.closest("[hidden]") && !control.checkValidity(),
    );
    const backwards = !period.hidden && start.value > end.value;
    if (wrong || backwards) {
      error.textContent =
        backwards && !wrong
          ? words("The end date is before the start date.")
          : words("Still needed: {field}.", { field: wrong.dataset.name });
      error.hidden = false;
      (wrong ?? start).focus();
      return null;
    }
    const said = fields.filter(({ pick, known }) => pick.value && pick.value !== known);
    return {
      number: asked.number,
      format: format.value,
      date_order: dates.hidden ? "" : order.value,
      source_timezone: zone.value.trim(),
      period: period.hidden ? null : [start.value, end.value],
      columns: Object.fromEntries(said.map(({ label, pick }) => [label, pick.value])),
    };
  };
  return { form, answer };
}

/** Ask for the days of several reports at once; a report without any stays as it is. */
function reportsForm(smtpauth, reports, words) {
  const { make } = smtpauth;
  const own = { "data-lm-suppress-shortcuts": "true" };
  const rows = reports.map(({ number, name, days }) => {
    const titles = ["Start date", "End date"].map((title) => words(title));
    const [start, end] = titles.map((title, n) =>
      make("input", { type: "date", value: days[n], "aria-label": `${name}: ${title}`, ...own }),
    );
    return { number, name, titles, start, end };
  });
  const drawn = rows.map(({ name, titles, start, end }) =>
    make(
      "fieldset",
      { class: "smtpauth-days" },
      make("legend", {}, ...smtpauth.visible(name)),
      make(
        "div",
        { class: "smtpauth-pair" },
        ...[start, end].map((day, n) => make("label", { class: "smtpauth-field" }, make("span", {}, titles[n]), day)),
      ),
    ),
  );
  const error = make("p", { class: "smtpauth-refused", role: "alert", hidden: true });
  const again = make(
    "button",
    { type: "submit", class: "smtpauth-button smtpauth-primary", ...own },
    words("Load again"),
  );
  const form = make(
    "form",
    { class: "smtpauth-question", novalidate: true },
    make("p", {}, words("Days that a file's name holds are filled in: check them. A file without days is left out.")),
    ...drawn,
    error,
    again,
  );
  const answer = () => {
    const said = rows.filter(({ start, end }) => start.value || end.value);
    const wrong = said.find(({ start, end }) => !start.value || !end.value || start.value > end.value);
    if (wrong || !said.length) {
      error.textContent = !wrong
        ? words("Choose both dates.")
        : `${wrong.name}: ${words(wrong.start.value && wrong.end.value ? "The end date is before the start date." : "Choose both dates.")}`;
      error.hidden = false;
      (wrong ?? rows[0]).start.focus();
      return null;
    }
    return { reports: said.map(({ number, start, end }) => ({ number, period: [start.value, end.value] })) };
  };
  return { form, answer };
}

export default {
  async render({ model, el }) {
    const smtpauth = await ready({ model, el });
    const { make } = smtpauth;
    const words = smtpauth.speak(model.get("words"));
    const release = keepKeys(el);
    const input = make("input", { type: "file", multiple: true, hidden: true });
    const choose = make(
      "button",
      { type: "button", class: "smtpauth-button smtpauth-primary smtpauth-choose" },
      words("Choose files"),
    );
    const folder = make("button", { type: "button", class: "smtpauth-button smtpauth-folder" }, "");
    const kept = make("p", { class: "smtpauth-kept" });
    const drop = make(
      "div",
      { class: "smtpauth-drop", role: "group", "aria-label": words("Choose exports to load") },
      make("p", {}, words("Drop exports here")),
      choose,
      folder,
      input,
      kept,
    );
    const bar = (label) => make("progress", { max: 1, value: 0, "aria-label": label });
    const [one, all] = [bar(words("This file")), bar(words("All files"))];
    const text = make("span", { class: "smtpauth-progress-text" });
    const cancel = make("button", { type: "button", class: "smtpauth-button smtpauth-cancel" }, words("Cancel"));
    const progress = make("div", { class: "smtpauth-progress", hidden: true }, all, one, cancel, text);
    const status = make("p", { class: "smtpauth-status", role: "status", "aria-live": "polite", tabindex: -1 });
    const place = make("div");
    const stored = make(
      "details",
      { class: "smtpauth-stored" },
      make("summary", { tabindex: 0 }),
      make("div", { class: "smtpauth-pages" }),
    );
    el.replaceChildren(drop, progress, status, place, stored);
    const drawn = new Map();
    let upload = null;
    let busy = false;
    let acting = null; // the row whose button was pressed: the focus returns to it

    // --- the tables ---
    const parsed = (html) => {
      const box = make("template");
      box.innerHTML = html;
      return box.content;
    };
    const put = ({ key, html }) => {
      const old = drawn.get(key);
      if (old?.html === html) return;
      const body = parsed(html).querySelector("tbody");
      drawn.set(key, { html, body });
      if (!old) place.querySelector("table").append(body);
      else {
        const hadFocus = old.body.contains(document.activeElement);
        old.body.replaceWith(body);
        if (hadFocus) (body.querySelector("summary, button") ?? status).focus();
      }
      for (const button of body.querySelectorAll(".smtpauth-actions button")) button.disabled = busy;
    };
    const askPage = (pages, of, file_id, offset) => {
      pages.dataset.id = Math.random().toString(36).slice(2); // randomUUID is not there over plain http
      model.send({ [of]: { id: pages.dataset.id, file_id, offset } });
    };
    const openStored = () => {
      if (stored.open) askPage(stored.lastChild, "stored", 0, 0);
    };
    stored.addEventListener("toggle", openStored);

    // --- what the kernel says ---
    const show = () => {
      const shown = model.get("shown");
      if (shown.status === undefined) return;
      busy = shown.busy;
      if (!place.firstChild) place.append(parsed(shown.table));
      shown.files.forEach(put);
      place.hidden = !shown.files.length;
      kept.textContent = words(
        "Files you drop or choose are copied into {folder} and kept there; none is overwritten.",
        { folder: shown.folder },
      );
      folder.textContent = words("Load {folder}", { folder: shown.short });
      status.textContent = shown.status;
      stored.firstChild.textContent = words("{n} files in the store", { n: shown.stored });
      stored.hidden = !shown.stored;
      for (const button of el.querySelectorAll(".smtpauth-drop button, .smtpauth-actions button"))
        button.disabled = busy || upload !== null;
      if (!busy && acting !== null && document.activeElement === document.body) {
        (drawn.get(acting)?.body.querySelector("button, summary") ?? status).focus();
        acting = null;
      }
      openStored();
    };
    // While a cell runs its kernel hears no widget. What it does hear is the notebook's Stop button.
    const interrupt = async (kernel) => {
      const config = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
      const token = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "";
      const headers = { "X-XSRFToken": token, ...(config.token && { Authorization: `token ${config.token}` }) };
      const answer = await fetch(`${config.baseUrl ?? "/"}api/kernels/${kernel}/interrupt`, {
        method: "POST",
        headers,
      }).catch(() => null);
      if (!answer?.ok) status.textContent = words("Press the notebook's Stop button (■) to cancel.");
    };
    const showProgress = (at = model.get("progress")) => {
      const hadFocus = progress.contains(document.activeElement);
      progress.hidden = at.share === undefined;
      if (progress.hidden) {
        if (hadFocus) status.focus();
        return;
      }
      cancel.hidden = at.can_stop === false;
      one.value = at.share;
      all.value = at.of_all;
      text.replaceChildren(...smtpauth.visible(at.text));
      if (!at.text) {
        one.removeAttribute("value");
        all.removeAttribute("value");
      }
    };
    const told = (message) => {
      if (message.ended) {
        put(message.ended);
        place.hidden = false;
      }
      if (message.page) {
        const pages = el.querySelector(`[data-id="${message.page.id}"]`);
        const button = pages?.contains(document.activeElement) ? document.activeElement.textContent : null;
        pages?.replaceChildren(parsed(message.page.html));
        const buttons = [...(pages?.querySelectorAll(".smtpauth-pager button") ?? [])];
        if (button)
          (buttons.find((b) => b.textContent === button && !b.disabled) ?? buttons.find((b) => !b.disabled))?.focus();
      }
      if (message.ask) ask(message.ask);
    };

    // --- files of the browser ---
    const answered = (id) =>
      new Promise((resolve) => {
        const hear = (message) => {
          if (message.piece?.id !== id) return;
          model.off("msg:custom", hear);
          resolve(message.piece);
        };
        model.on("msg:custom", hear);
      });
    const send = async (file, id, tell) => {
      let offset = 0;
      do {
        if (upload.stopped) {
          model.send({ give_up: id });
          return false;
        }
        const piece = await file.slice(offset, offset + PIECE).arrayBuffer();
        const answer = answered(id);
        model.send({ piece: { id, name: file.name, size: file.size, offset } }, undefined, [piece]);
        const { error, received } = await answer;
        if (error) throw new Error(error);
        offset = received;
        tell(file.size ? offset / file.size : 1);
      } while (offset < file.size);
      return true;
    };
    const take = async (files) => {
      if (busy || upload || !files.length) return;
      upload = { stopped: false };
      show();
      const arrived = [];
      const failed = [];
      for (const [n, file] of files.entries()) {
        const id = crypto.getRandomValues(new Uint32Array(1))[0];
        const tell = (share) =>
          showProgress({
            share,
            of_all: (n + share) / files.length,
            text: words("Copying {name}", { name: file.name }),
          });
        try {
          tell(0);
          status.textContent = words("Copying {name}", { name: file.name });
          if (await send(file, id, tell)) arrived.push(id);
        } catch (error) {
          // A dropped folder has no bytes of its own.
          failed.push(
            error.name === "Error"
              ? error.message
              : words("{name} could not be read: choose files, not folders.", { name: file.name }),
          );
        }
      }
      const { stopped } = upload;
      upload = null;
      showProgress();
      if (arrived.length && !stopped) model.send({ arrived });
      show();
      if (failed.length) status.textContent = failed.join(" ");
      else if (stopped) status.textContent = words("Stopped. Nothing was loaded.");
    };
    choose.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      take(files);
    });
    folder.addEventListener("click", () => model.send({ folder: true }));
    cancel.addEventListener("click", () => {
      const { kernel } = model.get("shown");
      status.textContent = words("Cancelling …");
      if (upload) upload.stopped = true;
      else if (kernel) interrupt(kernel);
      else model.send({ cancel: true });
    });
    const over = (event) => {
      event.preventDefault();
      event.stopPropagation();
      drop.classList.toggle("smtpauth-over", event.type === "dragover" && !busy);
      if (event.type === "drop") take([...event.dataTransfer.files]);
    };
    for (const name of ["dragover", "dragleave", "drop"]) drop.addEventListener(name, over);

    // --- dialogs ---
    const flyout = (title, content) => smtpauth.drawFlyout(el, { title, content, words: model.get("words") });
    const button = (label, kind, act) => {
      const made = make(
        "button",
        { type: "button", class: `smtpauth-button ${kind}`, "data-lm-suppress-shortcuts": "true" },
        label,
      );
      made.addEventListener("click", act);
      return made;
    };
    const ask = (asked) => {
      const several = asked.reports.length > 1;
      const { form, answer } = several
        ? reportsForm(smtpauth, asked.reports, words)
        : settingsForm(smtpauth, asked, words);
      const open = flyout(several ? words("Which days were these reports exported for?") : asked.name, [form]);
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const said = answer();
        if (said) {
          open.close();
          model.send({ answer: said });
        }
      });
      (form.querySelector("fieldset:not([hidden]) :is(select, input)") ?? form).focus();
    };
    const askUnload = ({ fileId, name, messages }) => {
      const open = flyout(words("Unload this file?"), [
        make(
          "p",
          {},
          ...smtpauth.visible(
            words(
              "{name} and its {n} messages leave the store, as if it had never been loaded. The file itself stays where it is.",
              { name, n: Number(messages) },
            ),
          ),
        ),
        make(
          "div",
          { class: "smtpauth-actions" },
          button(words("Keep it"), "smtpauth-keep", () => open.close()),
          button(words("Unload it"), "smtpauth-primary smtpauth-confirm", () => {
            open.close();
            model.send({ unload: { file_id: Number(fileId) } });
          }),
        ),
      ]);
      open.body.querySelector("button").focus();
    };
    el.addEventListener("click", (event) => {
      const pressed = event.target.closest("button");
      const number = Number(pressed?.closest("tbody[data-key]")?.dataset.key);
      if (!pressed || pressed.closest("dialog")) return;
      acting = pressed.closest("tbody[data-key]")?.dataset.key ?? null;
      if (pressed.dataset.pages)
        askPage(
          pressed.closest(".smtpauth-pages"),
          pressed.dataset.pages,
          Number(pressed.dataset.fileId),
          Number(pressed.dataset.offset),
        );
      else if (pressed.matches(".smtpauth-unload")) askUnload(pressed.dataset);
      else if (pressed.matches(".smtpauth-ask")) model.send({ ask: number });
      else if (pressed.matches(".smtpauth-forget")) model.send({ forget: number });
    });

    model.on("change:shown", show);
    model.on("change:progress", () => showProgress());
    model.on("msg:custom", told);
    show();
    showProgress();
    return () => {
      model.off("change:shown", show);
      model.off("change:progress");
      model.off("msg:custom", told);
      release();
    };
  },
};
