// The insight card in a notebook: the HTML and the script of an exported page.
export default {
  async render({ model, el }) {
    const smtpauth = await ready({ model, el });
    const { make } = smtpauth;
    const release = keepKeys(el);
    const place = make("div", { tabindex: -1 });
    const working = workingLine(smtpauth, model, el, place);
    const fresh = make("p", { class: "smtpauth-fresh", role: "status", "aria-live": "polite" });
    el.replaceChildren(working.line, fresh, place);

    /** Ask for the report below the card, and go there once it stands. */
    const openReport = () => {
      const screen = el.closest(".smtpauth-screen") ?? document;
      const around = el.closest(".jp-Notebook") ?? document;
      // The one below the card; else one that stands elsewhere in the notebook.
      const own = screen.querySelector(".smtpauth-report");
      const other = own ? null : around.querySelector(".smtpauth-report");
      const go = (place = screen) => {
        const report = place.querySelector(".smtpauth-report");
        if (!report) return false;
        report.setAttribute("tabindex", "-1");
        report.scrollIntoView({ block: "start" });
        report.focus({ preventScroll: true });
        return true;
      };
      if (other) {
        go(around);
        return;
      }
      model.send({ report: true });
      if (go()) return;
      const arriving = new MutationObserver(() => {
        if (go()) arriving.disconnect();
      });
      arriving.observe(screen, { childList: true, subtree: true });
    };

    const show = () => {
      const { html, drop, action, switches = [], fresh: news = "" } = model.get("shown");
      fresh.textContent = news;
      const hadFocus = place.contains(document.activeElement);
      // Made by a template that escapes every value, like the page's.
      place.innerHTML = html ?? "";
      const card = place.querySelector(".smtpauth-insight");
      if (card?.querySelector(":scope > .smtpauth-data")) smtpauth.startInsight(card, { openReport });
      for (const { source, text } of switches)
        card.querySelector(".smtpauth-empty").append(sendButton(smtpauth, model, text, { source }));
      if (drop) card.querySelector(".smtpauth-empty").append(sendButton(smtpauth, model, action, { drop }));
      if (hadFocus) place.focus();
    };
    model.on("change:shown", show);
    show();
    return () => {
      model.off("change:shown", show);
      working.release();
      release();
    };
  },
};
