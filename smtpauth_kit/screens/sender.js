// Everything known of one sender, as a card.
export default {
  async render({ model, el }) {
    el.classList.add("smtpauth", "smtpauth-card");
    const smtpauth = await ready();
    const release = keepKeys(el);
    const show = async () => {
      const shown = model.get("shown");
      const title = smtpauth.make("h2", {}, ...smtpauth.visible(shown.title));
      if (shown.empty) {
        el.replaceChildren(title, smtpauth.make("p", { class: "smtpauth-empty" }, ...smtpauth.visible(shown.empty)));
        return;
      }
      const { content, draw } = await senderContent(smtpauth, shown, model.get("charts"), model.get("words"));
      el.replaceChildren(title, ...content);
      await draw();
    };
    model.on("change:shown", show);
    await show();
    return () => { model.off("change:shown", show); release(); };
  },
};
