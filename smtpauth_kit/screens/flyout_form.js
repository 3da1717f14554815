// Forms in a flyout: controls with labels, what is wrong beside the control it is about, and the
// panel around a form. All of it is called after `ready()`.
function make(...parts) {
  return globalThis.smtpauth.make(...parts);
}

/** A unique id: the same form may stand on a page twice. */
function newId(name) {
  return `smtpauth-${name}-${Math.random().toString(36).slice(2)}`;
}

function inputOf(type, value, attributes = {}) {
  const input = make("input", { type, ...attributes });
  input.value = value ?? "";
  return input;
}

function selectOf(options, chosen) {
  const select = make("select");
  select.append(...options.map(([value, text]) => make("option", { value }, text)));
  if (chosen !== undefined) select.value = chosen;
  return select;
}

/** A checkbox or radio button with its text. */
function choiceOf(type, name, value, text, checked) {
  const box = make("input", { type, name, value, "data-lm-suppress-shortcuts": "true" });
  box.checked = checked;
  return make("label", { class: "smtpauth-choice" }, box, make("span", {}, ...globalThis.smtpauth.visible(text)));
}

function buttonOf(text, act, attributes = {}) {
  const button = make(
    "button",
    { type: "button", class: "smtpauth-button", "data-lm-suppress-shortcuts": "true", ...attributes },
    text,
  );
  button.addEventListener("click", act);
  return button;
}

/** A paragraph whose text is read out when it changes. */
function saidOf() {
  return make("p", { class: "smtpauth-said", role: "status", "aria-live": "polite" });
}

function fieldsetOf(title, ...content) {
  return make("fieldset", { class: "smtpauth-fieldset" }, make("legend", {}, title), ...content);
}

/** The place that says what is wrong with `control`, which is called `name` from now on. */
function wrongOf(control, name) {
  const wrong = make("p", { class: "smtpauth-wrong", id: newId(`${name}-wrong`), hidden: true });
  control.dataset.name = name;
  control.setAttribute("aria-describedby", wrong.id);
  return wrong;
}

/**
 * A control with its label, help and the place of what is wrong; `buttons` stand beside it.
 *
 * @param {string} name
 * @param {string} label
 * @param {HTMLInputElement} input
 * @param {{ help?: string, buttons?: HTMLElement[] }} [more]
 */
function controlOf(name, label, input, { help, buttons } = {}) {
  input.id = newId(name);
  input.dataset.lmSuppressShortcuts = "true";
  const wrong = wrongOf(input, name);
  const row = make("div", { class: "smtpauth-control" }, make("label", { for: input.id }, label), input);
  if (buttons) {
    row.classList.add("smtpauth-with-buttons");
    row.append(make("div", { class: "smtpauth-buttons" }, ...buttons));
  }
  if (help) row.append(make("p", { class: "smtpauth-help" }, help));
  row.append(wrong);
  return row;
}

/** Show `errors` ({name: text}) at their controls; only at those in `only`, if it is given. */
function showWrong(form, errors, only) {
  for (const input of form.querySelectorAll("[data-name]")) {
    const text = !only || only.has(input.dataset.name) ? errors[input.dataset.name] : undefined;
    const wrong = form.ownerDocument.getElementById(input.getAttribute("aria-describedby"));
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    if (wrong && wrong.textContent !== (text ?? "")) wrong.textContent = text ?? "";
    if (wrong) wrong.hidden = !text;
  }
}

function later(act, wait = 150) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
}

/**
 * A form whose content the kernel checks while it is typed: what is wrong shows at the controls
 * somebody was at, and everywhere once the form was sent. `send(what)` asks the kernel for
 * `{[what]: typed()}`; the submit button, with the text `primary`, sends `asks` that way.
 */
function checkedForm({ model, words, typed, asks, primary, content, close }) {
  const touched = new Set();
  let errors = {};
  let everything = false;
  const said = saidOf();
  const submit = make(
    "button",
    { type: "submit", class: "smtpauth-button smtpauth-primary", "data-lm-suppress-shortcuts": "true" },
    primary,
  );
  const form = make(
    "form",
    { class: "smtpauth-form", novalidate: true },
    ...content,
    make("div", { class: "smtpauth-buttons smtpauth-ends" }, said, submit, buttonOf(words("Cancel"), close)),
  );
  const send = (what) => model.send({ [what]: typed() });
  const check = later(() => send("check"));
  const mark = () => showWrong(form, errors, everything ? undefined : touched);

  form.addEventListener("input", ({ target }) => {
    touched.add(target.name || target.dataset.name);
    check();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    everything = true;
    send(asks);
  });

  let complaint = "";
  /** Show what the kernel found wrong; `refused`: it therefore did not do what was asked. */
  const find = (found, refused) => {
    errors = found;
    const n = Object.keys(errors).length;
    if (refused) {
      everything = true;
      said.textContent = complaint = words("{n} things to put right.", { n });
    } else if (!n && said.textContent === complaint) said.textContent = "";
    mark();
    const first = refused && form.querySelector("[aria-invalid]");
    if (first) (first.matches("fieldset") ? first.querySelector("input") : first).focus();
  };
  return { form, said, submit, send, check, mark, touched, find };
}

/**
 * A view that is a flyout with a form, open while `shown` holds a draft. `draw` makes of
 * `{model, words, shown, close}` its `{title, form, first, hear}`: the control that gets the focus,
 * and what hears the kernel's messages.
 */
function formPanel(kind, draw) {
  return {
    async render({ model, el }) {
      const smtpauth = await ready({ model, el });
      const release = keepKeys(el);
      let flyout = null;
      let hear = /** @type {(message: any) => void} */ (() => {});

      const open = () => {
        const words = smtpauth.speak(model.get("words"));
        const panel = draw({ model, words, shown: model.get("shown"), close: () => flyout.close() });
        hear = panel.hear;
        flyout = smtpauth.drawFlyout(el, {
          title: panel.title,
          content: [panel.form],
          words: model.get("words"),
          kind,
          onClose: () => {
            flyout = null;
            hear = () => {};
            model.send({ close: true });
          },
        });
        panel.first.focus();
      };
      const show = () => {
        const isWanted = Boolean(model.get("shown").draft);
        if (isWanted && !flyout) open();
        if (!isWanted) flyout?.close();
      };
      const told = (message) => hear(message);
      model.on("change:shown", show);
      model.on("msg:custom", told);
      show();
      return () => {
        model.off("change:shown", show);
        model.off("msg:custom", told);
        release();
        flyout?.close();
      };
    },
  };
}
