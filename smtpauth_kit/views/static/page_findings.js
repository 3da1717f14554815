// Unusual activity on a page: each incident opens its story and evidence, which the page holds.
// `smtpauth.startFindings`.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= /** @type {Smtpauth} */ ({}));

  /**
   * Bring the incidents of a page to life.
   *
   * @param {HTMLElement} section
   * @param {any} data
   */
  smtpauth.startFindings = (section, data) => {
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (section.querySelectorAll(".smtpauth-told"))) {
      const button = /** @type {HTMLElement | null} */ (item.querySelector(".smtpauth-evidence"));
      const told = data.incidents[item.dataset.incident];
      if (!button || !told) continue;
      button.hidden = false;
      button.setAttribute("aria-label", `${button.textContent}: ${told.title}`);
      button.addEventListener("click", async () => {
        const opened = smtpauth.incidentContent(told, data.charts, data.words);
        smtpauth.drawFlyout(section, {
          title: told.title,
          words: data.words,
          content: opened.content,
          kind: "smtpauth-incident",
        });
        await opened.draw();
      });
    }
  };
})();
