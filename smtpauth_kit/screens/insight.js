// The insight card: the fragment a page has too, brought to life by the same script.
export default {
  async render({ model, el }) {
    el.classList.add("smtpauth");
    const smtpauth = await ready();
    const release = keepKeys(el);

    /** Ask for the report below the card, and go there once it stands. */
    const openReport = () => {
      const screen = el.closest(".smtpauth-screen") ?? document;
      const go = () => {
        const report = screen.querySelector(".smtpauth-report");
        if (!report) return false;
        report.setAttribute("tabindex", "-1");
        report.scrollIntoView({ block: "start" });
        report.focus({ preventScroll: true });
        return true;
      };
      model.send({ report: true });
      if (go()) return;
      const arriving = new MutationObserver(() => { if (go()) arriving.disconnect(); });
      arriving.observe(screen, { childList: true, subtree: true });
    };

    const show = () => {
      // Made by a template that escapes every value, like the page's.
      el.innerHTML = model.get("shown").html;
      const card = el.querySelector(".smtpauth-insight");
      if (card.querySelector(":scope > .smtpauth-data")) smtpauth.startInsight(card, { openReport });
    };
    model.on("change:shown", show);
    show();
    return () => { model.off("change:shown", show); release(); };
  },
};
