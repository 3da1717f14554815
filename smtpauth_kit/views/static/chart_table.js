// The numbers of a chart as a table, folded away below it: `smtpauth.chartTable`.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= /** @type {Smtpauth} */ ({}));

  /**
   * Put a "Data table" after `place`, the chart's element. `patch({columns, rows, label})` says what
   * it holds, as `View.numbers` in views/view.py does; it is made when it is opened, and then kept up to date.
   * `fold()` closes it. Of what is no chart `title` says what the table is.
   */
  smtpauth.chartTable = (place, words, title = undefined) => {
    const { make, speak, drawTable } = smtpauth;
    const body = make("div");
    const summary = make("summary", { "data-lm-suppress-shortcuts": "true" }, title ?? speak(words)("Data table"));
    const details = make("details", { class: "smtpauth-data-table" }, summary, body);
    let shown = null;
    let table = null;
    const show = () => {
      // Folded away it is no table: a page has one for the eye, and one for scripts to find.
      if (!details.open) {
        body.replaceChildren();
        table = null;
      }
      if (!details.open || !shown) return;
      const { columns, rows, label } = shown;
      if (table) table.patch(rows, { columns, label });
      else table = drawTable(body, { columns, rows, label, words, page: 25, search: false });
    };
    details.addEventListener("toggle", show);
    place.after(details);
    return {
      element: details,
      patch(next) {
        shown = next;
        show();
      },
      fold() {
        details.open = false;
        show();
      },
    };
  };
})();
