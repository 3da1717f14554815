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

    /** Ask for what `selector` finds, below the card, and go there once it stands. */
    const openBelow = (selector, message) => {
      const screen = el.closest(".smtpauth-screen") ?? document;
      const around = el.closest(".jp-Notebook") ?? document;
      // The one below the card; else one that stands elsewhere in the notebook.
      const own = screen.querySelector(selector);
      const other = own ? null : around.querySelector(selector);
      const go = (place = screen) => {
        const found = place.querySelector(selector);
        if (!found) return false;
        found.setAttribute("tabindex", "-1");
        found.scrollIntoView({ block: "start" });
        found.focus({ preventScroll: true });
        return true;
      };
      if (other) {
        go(around);
        return;
      }
      model.send(message);
      if (go()) return;
      const arriving = new MutationObserver(() => {
        if (go()) arriving.disconnect();
      });
      arriving.observe(screen, { childList: true, subtree: true });
    };
    const openReport = () => openBelow(".smtpauth-report", { report: true });
    const openFindings = () => openBelow(".smtpauth-findings", { findings: true });

    /** What is unusual comes a moment after the card: a line that leads to it. */
    const showUnusual = () => {
      const { unusual, level } = model.get("more");
      const line = /** @type {HTMLElement | null} */ (place.querySelector(".smtpauth-unusual"));
      if (!line) return;
      const link = make("button", { type: "button", class: "smtpauth-link" }, unusual ?? "");
      link.addEventListener("click", openFindings);
      const mark = { warn: "\u25b2", good: "\u2713" }[level] ?? "?";
      const hadFocus = line.contains(document.activeElement);
      line.replaceChildren(make("span", { class: "smtpauth-mark", "aria-hidden": "true" }, mark), link);
      line.className = `smtpauth-unusual smtpauth-${level}`;
      line.hidden = !unusual;
      if (hadFocus) link.focus();
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
      showUnusual();
      if (hadFocus) place.focus();
    };
    model.on("change:shown", show);
    model.on("change:more", showUnusual);
    show();
    return () => {
      model.off("change:shown", show);
      model.off("change:more", showUnusual);
      working.release();
      release();
    };
  },
};
