// Forms in a flyout: controls with labels, and what is wrong beside the control it is about.
function controlOf(smtpauth, { name, label, input, help }) {
  const { make } = smtpauth;
  const id = `smtpauth-${name}-${Math.random().toString(36).slice(2)}`;
  input.id = id;
  input.dataset.name = name;
  input.dataset.lmSuppressShortcuts = "true";
  const wrong = make("p", { class: "smtpauth-wrong", id: `${id}-wrong`, hidden: true });
  input.setAttribute("aria-describedby", wrong.id);
  const row = make("div", { class: "smtpauth-control" }, make("label", { for: id }, label), input);
  if (help) row.append(make("p", { class: "smtpauth-help" }, help));
  row.append(wrong);
  return row;
}

/** Put buttons beside the control of a row. */
function beside(smtpauth, row, ...buttons) {
  row.classList.add("smtpauth-with-buttons");
  row.children[1].after(smtpauth.make("div", { class: "smtpauth-buttons" }, ...buttons));
}

/** Show `errors` ({name: text}) at their controls; only at those in `only`, if it is given. */
function showWrong(form, errors, only) {
  for (const input of form.querySelectorAll("[data-name]")) {
    const text = (!only || only.has(input.dataset.name)) ? errors[input.dataset.name] : undefined;
    const wrong = form.ownerDocument.getElementById(input.getAttribute("aria-describedby"));
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    if (wrong && wrong.textContent !== (text ?? "")) wrong.textContent = text ?? "";
    if (wrong) wrong.hidden = !text;
  }
}

function selectOf(smtpauth, options, chosen) {
  const { make } = smtpauth;
  const select = make("select");
  select.append(...options.map(([value, text]) => make("option", { value }, text)));
  if (chosen !== undefined) select.value = chosen;
  return select;
}

function buttonOf(smtpauth, text, act, attributes = {}) {
  const button = smtpauth.make("button", { type: "button", class: "smtpauth-button",
    "data-lm-suppress-shortcuts": "true", ...attributes }, text);
  button.addEventListener("click", act);
  return button;
}

/** A paragraph whose text is read out when it changes. */
function saidOf(smtpauth) {
  return smtpauth.make("p", { class: "smtpauth-said", role: "status", "aria-live": "polite" });
}

function later(act, wait = 150) {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(act, wait); };
}
