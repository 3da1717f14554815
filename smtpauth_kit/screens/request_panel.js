// The Request report panel: a flyout with a form; addresses are checked as they are typed.
export default formPanel("smtpauth-request", ({ model, words, shown, close }) => {
  const { draft } = shown;
  const start = inputOf("date", draft.start);
  const end = inputOf("date", draft.end);
  const to = make("textarea", { rows: 3, autocomplete: "off", spellcheck: "false" });
  to.value = draft.to;
  const formats = fieldsetOf(
    words("Formats"),
    ...shown.formats.map(([name, title]) => choiceOf("checkbox", "formats", name, title, draft.formats.includes(name))),
  );
  formats.append(wrongOf(formats, "formats"));
  const view = shown.narrowed ? words("This view: {filters}", { filters: shown.narrowed }) : words("This view");
  const content = [
    fieldsetOf(
      words("Days"),
      make(
        "div",
        { class: "smtpauth-pair" },
        controlOf("start", words("Start date"), start),
        controlOf("end", words("End date"), end),
      ),
    ),
    fieldsetOf(
      words("What is in it"),
      choiceOf("radio", "scope", "view", view, !draft.everything),
      choiceOf("radio", "scope", "everything", words("All senders of these days"), draft.everything),
    ),
    formats,
    controlOf("to", words("Recipients"), to, { help: words("One mail address a line, or with commas between.") }),
    fieldsetOf(
      words("How"),
      ...(shown.can_send ? [choiceOf("radio", "how", "send", words("Send it by mail now"), true)] : []),
      choiceOf("radio", "how", "save", words("Keep it in the outbox, as a mail to open and send"), !shown.can_send),
      ...(shown.can_send
        ? []
        : [
            make("p", { class: "smtpauth-help" }, words("No mail server is set up, so nothing can be sent from here.")),
          ]),
    ),
  ];

  const chosen = (name) => [...form.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value);
  const typed = () => ({
    start: start.value,
    end: end.value,
    to: to.value,
    formats: chosen("formats"),
    everything: chosen("scope")[0] === "everything",
    send: chosen("how")[0] === "send",
  });
  const action = () => (chosen("how")[0] === "send" ? words("Send") : words("Save"));
  const { form, said, submit, find } = checkedForm({
    model,
    words,
    close,
    typed,
    asks: "request",
    primary: "",
    content,
  });
  submit.textContent = action();
  form.addEventListener("input", () => {
    submit.textContent = action();
  });
  said.textContent = shown.said;

  const hear = (message) => {
    if (message.errors) find(message.errors, message.refused);
    if (message.working) {
      said.textContent = message.working;
      submit.disabled = true;
    }
    if (message.failed || message.done) {
      submit.disabled = false;
      submit.focus();
      said.classList.toggle("smtpauth-wrong", Boolean(message.failed));
      said.replaceChildren(...globalThis.smtpauth.visible(message.failed ?? message.done));
    }
  };
  return { title: words("Request report"), form, first: to, hear };
});
