// The insight card: its number opens a flyout, whose link leads to the report. `smtpauth.startInsight`.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= /** @type {Smtpauth} */ ({}));

  /** Draw a chart in the place of its picture; the place's label becomes the drawing's. */
  function draw(place, spec, columns, values) {
    const label = place.getAttribute("aria-label");
    place.removeAttribute("role");
    place.removeAttribute("aria-label");
    return smtpauth.drawChart(place, spec, columns, { values, label });
  }

  /**
   * Bring a card to life; `openReport` shows the report when the page has none yet (in a notebook,
   * below the card).
   *
   * @param {HTMLElement} card
   * @param {{ openReport?: () => void }} [options]
   */
  smtpauth.startInsight = (card, { openReport } = {}) => {
    const data = JSON.parse(card.querySelector(":scope > .smtpauth-data").textContent);
    const words = smtpauth.speak(data.words);
    const more = card.querySelector(".smtpauth-insight-more");
    const link = /** @type {HTMLElement} */ (more.querySelector(".smtpauth-link"));
    const reportHere = () => /** @type {HTMLElement | null} */ (document.querySelector(".smtpauth-report"));
    more.remove();
    link.parentElement.hidden = !openReport && !reportHere();
    draw(card.querySelector(".smtpauth-spark"), data.spark, data.days, data.values);
    let drawn = false;
    card.querySelector(".smtpauth-number-button").addEventListener("click", async () => {
      const title = words("SMTP Auth clients");
      const flyout = smtpauth.drawFlyout(card, { title, words: data.words, content: [more] });
      link.onclick = () => {
        flyout.close();
        if (openReport) {
          openReport();
          return;
        }
        reportHere().scrollIntoView();
        reportHere().focus();
      };
      if (drawn) return;
      drawn = true;
      await draw(more.querySelector(".smtpauth-chart"), data.pie, data.usage, {});
    });
  };
})();
