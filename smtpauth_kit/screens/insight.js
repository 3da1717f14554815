// The insight card: the fragment a page has too, brought to life by the same script.
export default {
  async render({ model, el }) {
    el.classList.add("smtpauth");
    const smtpauth = await ready();
    const release = keepKeys(el);
    const show = () => {
      // Made by a template that escapes every value, like the page's.
      el.innerHTML = model.get("shown").html;
      const card = el.querySelector(".smtpauth-insight");
      if (card.querySelector(":scope > .smtpauth-data")) {
        smtpauth.startInsight(card, { openReport: () => model.send({ report: true }) });
      }
    };
    model.on("change:shown", show);
    show();
    return () => { model.off("change:shown", show); release(); };
  },
};
