// The Request report panel: a flyout with a form; addresses are checked as they are typed.
export default {
  async render({ model, el }) {
    el.classList.add("smtpauth");
    const smtpauth = await ready();
    const { make } = smtpauth;
    const release = keepKeys(el);
    let panel = null;
    let hear = () => {};

    const open = () => {
      const shown = model.get("shown");
      const words = smtpauth.speak(model.get("words"));
      const { draft } = shown;
      const touched = new Set();
      let everything = false;
      const input = (type, value) => {
        const element = make("input", { type });
        element.value = value ?? "";
        return element;
      };
      const start = input("date", draft.start);
      const end = input("date", draft.end);
      const to = make("textarea", { rows: 3, autocomplete: "off", spellcheck: "false" });
      to.value = draft.to;
      const choice = (type, name, value, text, checked) => {
        const box = make("input", { type, name, value, "data-lm-suppress-shortcuts": "true" });
        box.checked = checked;
        return make("label", { class: "smtpauth-choice" }, box, make("span", {}, ...smtpauth.visible(text)));
      };
      const chosen = (name) => [...form.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value);
      const group = (title, ...content) =>
        make("fieldset", { class: "smtpauth-fieldset" }, make("legend", {}, title), ...content);
      const wrongFormats = make("p", { class: "smtpauth-wrong", id: `smtpauth-formats-${Math.random().toString(36).slice(2)}`, hidden: true });
      const formats = group(words("Formats"), ...shown.formats.map(([name, title]) =>
        choice("checkbox", "formats", name, title, draft.formats.includes(name))), wrongFormats);
      formats.dataset.name = "formats";
      formats.setAttribute("aria-describedby", wrongFormats.id);
      const said = saidOf(smtpauth);
      const submit = make("button", { type: "submit", class: "smtpauth-button smtpauth-primary",
        "data-lm-suppress-shortcuts": "true" });
      const control = (key, label, element, help) => controlOf(smtpauth, { name: key, label, input: element, help });
      const form = make("form", { class: "smtpauth-form", novalidate: true },
        group(words("Days"), make("div", { class: "smtpauth-pair" },
          control("start", words("Start date"), start), control("end", words("End date"), end))),
        group(words("What is in it"),
          choice("radio", "scope", "view", shown.narrowed ? words("This view: {filters}", { filters: shown.narrowed })
            : words("This view"), !draft.everything),
          choice("radio", "scope", "everything", words("All senders of these days"), draft.everything)),
        formats,
        control("to", words("Recipients"), to, words("One mail address a line, or with commas between.")),
        group(words("How"),
          ...(shown.can_send ? [choice("radio", "how", "send", words("Send it by mail now"), true)] : []),
          choice("radio", "how", "save", words("Keep it in the outbox, as a mail to open and send"), !shown.can_send),
          ...(shown.can_send ? [] : [make("p", { class: "smtpauth-help" },
            words("No mail server is set up, so nothing can be sent from here."))])),
        make("div", { class: "smtpauth-buttons smtpauth-ends" }, said, submit,
          buttonOf(smtpauth, words("Cancel"), () => panel.close())));
      const typed = () => ({ start: start.value, end: end.value, to: to.value, formats: chosen("formats"),
        everything: chosen("scope")[0] === "everything", send: chosen("how")[0] === "send" });
      const name = () => { submit.textContent = chosen("how")[0] === "send" ? words("Send") : words("Save"); };
      const check = later(() => model.send({ check: typed() }));
      form.addEventListener("input", (event) => {
        touched.add(event.target.name || event.target.dataset.name);
        name();
        check();
      });
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        everything = true;
        model.send({ request: typed() });
      });
      hear = (message) => {
        if (message.errors) {
          showWrong(form, message.errors, everything ? undefined : touched);
          if (message.refused) {
            said.textContent = words("{n} things to put right.", { n: Object.keys(message.errors).length });
            const first = form.querySelector("[aria-invalid]");
            (first?.matches("fieldset") ? first.querySelector("input") : first)?.focus();
          }
        }
        if (message.working) { said.textContent = message.working; submit.disabled = true; }
        if (message.failed || message.done) {
          submit.disabled = false;
          submit.focus();
          said.classList.toggle("smtpauth-wrong", Boolean(message.failed));
          said.replaceChildren(...smtpauth.visible(message.failed ?? message.done));
        }
      };
      name();
      said.textContent = shown.said;
      panel = smtpauth.drawFlyout(el, { title: words("Request report"), content: [form], words: model.get("words"),
        kind: "smtpauth-request", onClose: () => { panel = null; hear = () => {}; model.send({ close: true }); } });
      to.focus();
    };

    const show = () => {
      const isWanted = Boolean(model.get("shown").draft);
      if (isWanted && !panel) open();
      if (!isWanted) panel?.close();
    };
    const told = (message) => hear(message);
    model.on("change:shown", show);
    model.on("msg:custom", told);
    show();
    return () => {
      model.off("change:shown", show);
      model.off("msg:custom", told);
      release();
      panel?.close();
    };
  },
};
