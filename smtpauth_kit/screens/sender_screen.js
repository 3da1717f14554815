// Everything known of one sender, as a card.
export default {
  async render({ model, el }) {
    el.classList.add("smtpauth-card");
    const smtpauth = await ready({ model, el });
    const { make } = smtpauth;
    const release = keepKeys(el);
    const place = make("div", { class: "smtpauth-sender", tabindex: -1 });
    const working = workingLine(smtpauth, model, el, place);
    el.replaceChildren(working.line, place);
    const show = async () => {
      const shown = model.get("shown");
      if (shown.title === undefined) return;
      const hadFocus = place.contains(document.activeElement);
      const title = make("h2", {}, ...smtpauth.visible(shown.title));
      const { content, draw } = await senderContent(smtpauth, shown, model.get("charts"), model.get("words"));
      if (shown.action) content[0].append(sendButton(smtpauth, model, shown.action, { elsewhere: true }));
      place.replaceChildren(title, ...content);
      if (hadFocus) place.focus();
      await draw();
    };
    model.on("change:shown", show);
    await show();
    return () => {
      model.off("change:shown", show);
      working.release();
      release();
    };
  },
};
