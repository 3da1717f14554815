// What the sources count of each sender and period, and why they differ: a line, a table, notes.
export default {
  async render({ model, el }) {
    const smtpauth = await ready({ model, el });
    const { make } = smtpauth;
    const release = keepKeys(el);
    const status = make("p", { class: "smtpauth-status smtpauth-finding", role: "status", "aria-live": "polite" });
    const fresh = make("p", { class: "smtpauth-fresh", role: "status", "aria-live": "polite" });
    const place = make("div", { class: "smtpauth-pages", tabindex: -1 });
    const notes = make("ul", { class: "smtpauth-notes" });
    const working = workingLine(smtpauth, model, el, place);
    el.replaceChildren(working.line, fresh, status, place, notes);
    const show = () => {
      const shown = model.get("shown");
      if (shown.status === undefined) return;
      const held = /** @type {HTMLElement | null} */ (document.activeElement?.closest("[data-offset]"));
      const hadFocus = place.contains(document.activeElement);
      const step = held ? [...place.querySelectorAll("[data-offset]")].indexOf(held) : -1;
      status.replaceChildren(...smtpauth.visible(shown.status));
      fresh.textContent = shown.fresh ?? "";
      // Made by a template that escapes every value, like the page's.
      place.innerHTML = shown.html;
      notesList(smtpauth, notes, shown.notes);
      if (!hadFocus) return;
      const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (place.querySelectorAll("[data-offset]"));
      const next = buttons[step]?.disabled ? buttons[1 - step] : buttons[step];
      (next ?? place).focus();
    };
    const turn = (event) => {
      const pressed = event.target.closest("[data-offset]");
      if (pressed) model.send({ offset: Number(pressed.dataset.offset) });
    };
    place.addEventListener("click", turn);
    model.on("change:shown", show);
    show();
    return () => {
      model.off("change:shown", show);
      working.release();
      release();
    };
  },
};
