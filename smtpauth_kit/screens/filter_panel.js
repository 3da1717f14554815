// The filter panel: a flyout with a form. What is typed goes to the kernel to be checked; it
// becomes the filters with Apply, and with nothing else.
export default {
  async render({ model, el }) {
    el.classList.add("smtpauth");
    const smtpauth = await ready();
    const { make } = smtpauth;
    const release = keepKeys(el);
    let panel = null;
    let hear = () => {};

    const open = () => {
      const shown = model.get("shown");
      const words = smtpauth.speak(model.get("words"));
      const { draft, fields } = shown;
      const kinds = Object.fromEntries(fields.map((field) => [field.name, field]));
      const touched = new Set();
      let everything = false;
      let errors = {};

      const input = (type, value, attributes = {}) => {
        const element = make("input", { type, ...attributes });
        element.value = value ?? "";
        return element;
      };

      // --- days, source, zone -------------------------------------------------------------
      const periods = [[String(shown.days), words("Last {n} days", { n: shown.days })],
        ["30", words("Last {n} days", { n: 30 })], ["90", words("Last {n} days", { n: 90 })],
        ["all", words("All days")], ["own", words("Own dates")]];
      const period = selectOf(smtpauth, periods, String(draft.period));
      const start = input("date", draft.start);
      const end = input("date", draft.end);
      const source = selectOf(smtpauth, shown.sources, draft.source);
      const list = make("datalist", { id: `smtpauth-zones-${Math.random().toString(36).slice(2)}` },
        ...shown.zones.map((zone) => make("option", { value: zone })));
      const zone = input("text", draft.timezone, { list: list.id, autocomplete: "off", spellcheck: "false" });
      const least = input("text", draft.min_messages, { inputmode: "numeric", autocomplete: "off" });
      period.addEventListener("change", () => {
        if (!shown.newest || period.value === "own") return;
        end.value = shown.newest;
        const day = new Date(`${shown.newest}T00:00:00Z`);
        day.setUTCDate(day.getUTCDate() - Number(period.value) + 1);
        start.value = period.value === "all" ? shown.oldest : day.toISOString().slice(0, 10);
      });
      for (const date of [start, end]) date.addEventListener("input", () => { period.value = "own"; });

      // --- conditions ---------------------------------------------------------------------
      const groupsPlace = make("div", { class: "smtpauth-groups" });
      let groups = draft.groups.map((group) => group.map((clause) => ({ ...clause })));
      const blank = () => ({ field: "sender_address", operator: "contains", value: "" });

      const clauseRow = (clause, g, n) => {
        const about = selectOf(smtpauth, fields.map(({ name, title }) => [name, title]), clause.field);
        const { kind, operators } = kinds[clause.field];
        const how = selectOf(smtpauth, operators, clause.operator);
        const type = kind === "date" ? "date" : "text";
        const value = input(type, clause.value, { autocomplete: "off", spellcheck: "false",
          inputmode: kind === "count" ? "numeric" : undefined,
          placeholder: kind === "share" ? "50%" : undefined });
        const number = words("condition {n}", { n: n + 1 });
        about.setAttribute("aria-label", `${words("Field")}, ${number}`);
        how.setAttribute("aria-label", `${words("Comparison")}, ${number}`);
        value.setAttribute("aria-label", `${words("Value")}, ${number}`);
        const name = `clause-${g}-${n}`;
        const wrong = make("p", { class: "smtpauth-wrong", id: `${list.id}-${name}`, hidden: true });
        value.dataset.name = name;
        value.setAttribute("aria-describedby", wrong.id);
        about.addEventListener("change", () => {
          const before = kind;
          clause.field = about.value;
          const next = kinds[clause.field];
          if (next.kind !== before) clause.value = "";
          if (!next.operators.some(([operator]) => operator === clause.operator)) [[clause.operator]] = next.operators;
          drawGroups();
          focusClause(g, n, "select");
          check();
        });
        how.addEventListener("change", () => { clause.operator = how.value; check(); });
        value.addEventListener("input", () => { clause.value = value.value; touched.add(name); check(); });
        const remove = buttonOf(smtpauth, "✕", () => {
          groups[g].splice(n, 1);
          if (!groups[g].length) groups.splice(g, 1);
          touched.clear();
          drawGroups();
          if (groups[g]?.length) focusClause(g, Math.min(n, groups[g].length - 1), "select");
          else addFirst.focus();
          check();
        }, { "aria-label": `${words("Remove")}: ${number}`, title: words("Remove"), class: "smtpauth-close" });
        return make("div", { class: "smtpauth-clause" }, about, how, value, remove, wrong);
      };

      const drawGroups = () => {
        groupsPlace.replaceChildren(...groups.flatMap((group, g) => {
          const title = words("Senders of whom all of this is true");
          const box = make("fieldset", { class: "smtpauth-group" },
            make("legend", {}, groups.length > 1 ? `${title} (${g + 1})` : title),
            ...group.map((clause, n) => clauseRow(clause, g, n)),
            buttonOf(smtpauth, words("Add a condition"), () => {
              group.push(blank());
              drawGroups();
              focusClause(g, group.length - 1, "select");
            }));
          return g ? [make("p", { class: "smtpauth-or" }, words("or")), box] : [box];
        }));
        addFirst.textContent = groups.length ? words("Or: add a group") : words("Add a condition");
        showWrong(form, errors, everything ? undefined : touched);
      };
      const focusClause = (g, n, selector) =>
        groupsPlace.querySelectorAll("fieldset")[g]?.querySelectorAll(".smtpauth-clause")[n]?.querySelector(selector)?.focus();
      const addFirst = buttonOf(smtpauth, "", () => {
        groups.push([blank()]);
        drawGroups();
        focusClause(groups.length - 1, 0, "select");
      });

      // --- kept by name -------------------------------------------------------------------
      const name = input("text", "", { maxlength: 60, autocomplete: "off" });
      const saved = selectOf(smtpauth, [], undefined);
      const save = buttonOf(smtpauth, words("Save"), () => model.send({ save: typed() }));
      const load = buttonOf(smtpauth, words("Fill in"), () => saved.value && model.send({ load: saved.value }));
      const drop = buttonOf(smtpauth, words("Delete"), () => saved.value && model.send({ delete: saved.value }));
      const savedRow = controlOf(smtpauth, { name: "saved", label: words("Saved filters"), input: saved });
      beside(smtpauth, savedRow, load, drop);
      const drawSaved = (names, chosen) => {
        saved.replaceChildren(...names.map((each) => make("option", { value: each }, each)));
        if (chosen && names.includes(chosen)) saved.value = chosen;
        savedRow.hidden = names.length === 0;
      };
      const nameRow = controlOf(smtpauth, { name: "name", label: words("Name of this filter"), input: name,
        help: words("The conditions are kept, and the least number of messages; the days are not.") });
      beside(smtpauth, nameRow, save);

      // --- the form -----------------------------------------------------------------------
      const typed = () => ({
        period: period.value === String(shown.days) ? shown.days : period.value,
        start: start.value, end: end.value, source: source.value, timezone: zone.value,
        min_messages: least.value, groups, name: name.value,
      });
      const check = later(() => model.send({ check: typed() }));
      const said = saidOf(smtpauth);
      const apply = make("button", { type: "submit", class: "smtpauth-button smtpauth-primary",
        "data-lm-suppress-shortcuts": "true" }, words("Apply"));
      const cancel = buttonOf(smtpauth, words("Cancel"), () => panel.close());
      const control = (key, label, element, help) => controlOf(smtpauth, { name: key, label, input: element, help });
      const form = make("form", { class: "smtpauth-form", novalidate: true },
        make("fieldset", { class: "smtpauth-fieldset" }, make("legend", {}, words("Days")),
          control("period", words("Period"), period),
          make("div", { class: "smtpauth-pair" }, control("start", words("Start date"), start),
            control("end", words("End date"), end)),
          control("timezone", words("Time zone of the days"), zone), list),
        make("fieldset", { class: "smtpauth-fieldset" }, make("legend", {}, words("Messages")),
          control("source", words("Source"), source),
          control("min_messages", words("Leave out senders with fewer messages than"), least)),
        make("fieldset", { class: "smtpauth-fieldset" }, make("legend", {}, words("Custom filter")),
          ...(shown.can_save ? [savedRow] : []), groupsPlace, addFirst,
          ...(shown.can_save ? [nameRow] : [])),
        make("div", { class: "smtpauth-buttons smtpauth-ends" }, said, apply, cancel));
      form.addEventListener("input", (event) => {
        if (event.target.dataset.name) touched.add(event.target.dataset.name);
        check();
      });
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        everything = true;
        model.send({ apply: typed() });
      });

      hear = (message) => {
        if (message.fill) {
          groups = message.fill.groups;
          least.value = message.fill.min_messages;
          name.value = message.fill.name;
          errors = {};
          drawGroups();
          check();
        }
        if (message.saved) drawSaved(message.saved, name.value.trim());
        if (message.errors) {
          errors = message.errors;
          if (message.applied === false) {
            everything = true;
            said.textContent = words("{n} things to put right.", { n: Object.keys(errors).length });
          } else if (!Object.keys(errors).length) said.textContent = "";
          showWrong(form, errors, everything ? undefined : touched);
          if (message.applied === false) form.querySelector("[aria-invalid]")?.focus();
        }
        if (message.said) said.textContent = message.said;
      };

      drawSaved(shown.saved);
      drawGroups();
      panel = smtpauth.drawFlyout(el, { title: words("Filters"), content: [form], words: model.get("words"),
        kind: "smtpauth-filters", onClose: () => { panel = null; hear = () => {}; model.send({ close: true }); } });
      period.focus();
    };

    const show = () => {
      const isWanted = Boolean(model.get("shown").draft);
      if (isWanted && !panel) open();
      if (!isWanted) panel?.close();
    };
    const told = (message) => hear(message);
    model.on("change:shown", show);
    model.on("msg:custom", told);
    show();
    return () => {
      model.off("change:shown", show);
      model.off("msg:custom", told);
      release();
      panel?.close();
    };
  },
};
