// Rows as CSV for a spreadsheet, as spreadsheets.csv_text and inert.inert_cell write it: `smtpauth.csv`.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= /** @type {Smtpauth} */ ({}));
  // Tabs and line ends are named by their code before: they need no care here.
  const STARTS = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/u;
  const STARTS_INSIDE = /[,;|"']\s*(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;

  /** A text that a spreadsheet does not take for a formula. */
  function inertCell(text) {
    const inside = text.replace(STARTS_INSIDE, "$&'");
    return STARTS.test(text) ? `'${inside}` : inside;
  }

  function csvCell(value, kind) {
    if (value === null || value === undefined) return "";
    if (kind === "share") return (100 * value).toFixed(4).replace(/0+$/, "").replace(/\.$/, "");
    const text = typeof value === "string" ? inertCell(smtpauth.coded(value)) : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  /**
   * The rows at the places in `order`, below a line of titles.
   *
   * @param {{ name: string, title: string, kind?: string }[]} columns
   * @param {Record<string, any[]>} rows
   * @param {number[]} order
   */
  function csvText(columns, rows, order) {
    const lines = order.map((n) => columns.map(({ name, kind }) => csvCell(rows[name][n], kind)));
    return [columns.map(({ title }) => csvCell(title)), ...lines].map((line) => `${line.join(",")}\r\n`).join("");
  }

  smtpauth.csv = { csvText };
})();
