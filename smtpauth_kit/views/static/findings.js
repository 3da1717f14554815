// What a flyout shows of an incident: its story in order of time, and what proves a finding of it.
// `smtpauth.incidentContent`; a notebook's screen and an exported page show the same.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= /** @type {Smtpauth} */ ({}));
  const SUPPRESS = { "data-lm-suppress-shortcuts": "true" };

  /** A severity as its mark and its word; the tint comes with the class, never alone. */
  const badge = ({ level, severity }) =>
    smtpauth.make("span", { class: `smtpauth-severity smtpauth-${level}` }, severity);

  /**
   * The content of an incident's flyout, of what `finding_proof.told` makes.
   *
   * `told.proofs` has what proves each finding, by its id; for one that is not there `ask(id)` is
   * called, if it is given, and the answer comes with `add(proof)`. The result has `content`, a list
   * of nodes, `draw()`, to be called once they are on the page, `add`, and `proofs`, all that came.
   *
   * @param {any} told
   * @param {Record<string, any>} charts
   * @param {any} language
   * @param {{ ask?: (id: string) => void }} [options]
   */
  smtpauth.incidentContent = (told, charts, language, { ask } = {}) => {
    const { make, visible } = smtpauth;
    const words = smtpauth.speak(language);
    const proofs = { ...told.proofs };
    let at = told.shown;
    const place = make("section", { class: "smtpauth-proof", tabindex: -1, "aria-live": "off" });
    const buttons = new Map();

    const choose = (id) => {
      at = id;
      for (const [each, button] of buttons) button.setAttribute("aria-pressed", String(each === at));
      if (proofs[id]) draw();
      else ask?.(id);
    };

    const step = (each) => {
      const show = make(
        "button",
        { type: "button", class: "smtpauth-link", "aria-pressed": String(each.finding_id === at), ...SUPPRESS },
        words("Evidence"),
      );
      show.setAttribute("aria-label", `${words("Evidence")}: ${each.title}, ${each.when}`);
      show.addEventListener("click", () => {
        choose(each.finding_id);
        if (proofs[each.finding_id]) place.focus();
      });
      buttons.set(each.finding_id, show);
      const can = told.story.length > 1 && (ask || proofs[each.finding_id]);
      const about = each.subject ? [" ", make("bdi", { class: "smtpauth-subject" }, ...visible(each.subject))] : [];
      return make(
        "li",
        { "data-finding": each.finding_id },
        make("p", { class: "smtpauth-step" }, badge(each), make("strong", {}, each.title), make("span", {}, each.when)),
        make("p", { class: "smtpauth-sentence" }, ...about, ...(about.length ? [": "] : []), ...visible(each.sentence)),
        make(
          "p",
          { class: "smtpauth-step-state" },
          make("bdi", {}, ...visible(each.state_text)),
          ...(can ? [" · ", show] : []),
        ),
      );
    };

    const paragraph = ({ part, heading, text }) =>
      make("div", { class: `smtpauth-text-${part}` }, make("h4", {}, heading), make("p", {}, text));

    const draw = async () => {
      const proof = proofs[at];
      if (!proof) return;
      const { chart, tables, texts } = proof;
      const drawing = make("div", { class: "smtpauth-chart" });
      const rows = tables.map((table) => {
        const body = make("div", { class: "smtpauth-sender-rows" });
        smtpauth.drawTable(body, { ...table, words: language, label: table.title, page: 10, search: false });
        return table.more ? make("div", {}, body, make("p", { class: "smtpauth-more-rows" }, table.more)) : body;
      });
      const [next, ...others] = texts.map(paragraph);
      const picture = make(
        "div",
        { class: "smtpauth-proof-days", hidden: !chart.columns.period_start?.length },
        make("h4", {}, ...visible(chart.heading)),
        make("p", {}, chart.label),
        drawing,
        make("p", { class: "smtpauth-help" }, chart.help),
      );
      place.replaceChildren(
        make("h3", {}, `${words("Evidence")}: ${proof.heading}`),
        next,
        picture,
        ...rows,
        make("div", { class: "smtpauth-about-rule" }, ...others),
      );
      if (picture.hidden) return;
      smtpauth.chartTable(drawing, language).patch({ ...chart.table, label: chart.heading });
      await smtpauth.drawChart(drawing, charts[chart.name], chart.columns, {
        values: chart.values,
        label: chart.label,
      });
    };

    const content = [
      make(
        "p",
        { class: "smtpauth-lead" },
        badge(told),
        make("span", {}, told.when),
        make("span", {}, ...visible(told.state_text)),
      ),
      make("ol", { class: "smtpauth-story", "aria-label": words("What happened") }, ...told.story.map(step)),
      place,
    ];
    return {
      content,
      proofs,
      draw,
      add(proof) {
        proofs[proof.finding_id] = proof;
        if (proof.finding_id !== at) return;
        draw();
        place.focus();
      },
    };
  };
})();
