// The filter panel: a flyout with a form. What is typed goes to the kernel to be checked; it
// becomes the filters with Apply, and with nothing else.

/** The days: their period, which fills in the dates; dates of one's own are period "own". */
function daysOf({ words, shown }) {
  const { draft, days, oldest, newest } = shown;
  const periods = [
    [String(days), words("Last {n} days", { n: days })],
    ["30", words("Last {n} days", { n: 30 })],
    ["90", words("Last {n} days", { n: 90 })],
    ["all", words("All days")],
    ["own", words("Own dates")],
  ];
  const period = selectOf(periods, String(draft.period));
  const start = inputOf("date", draft.start);
  const end = inputOf("date", draft.end);
  period.addEventListener("change", () => {
    if (!newest || period.value === "own") return;
    end.value = newest;
    const day = new Date(`${newest}T00:00:00Z`);
    day.setUTCDate(day.getUTCDate() - Number(period.value) + 1);
    start.value = period.value === "all" ? oldest : day.toISOString().slice(0, 10);
  });
  for (const date of [start, end])
    date.addEventListener("input", () => {
      period.value = "own";
    });
  const zones = make("datalist", { id: newId("zones") }, ...shown.zones.map((zone) => make("option", { value: zone })));
  const zone = inputOf("text", draft.timezone, { list: zones.id, autocomplete: "off", spellcheck: "false" });
  const fieldset = fieldsetOf(
    words("Days"),
    controlOf("period", words("Period"), period),
    make(
      "div",
      { class: "smtpauth-pair" },
      controlOf("start", words("Start date"), start),
      controlOf("end", words("End date"), end),
    ),
    controlOf("timezone", words("Time zone of the days"), zone),
    zones,
  );
  const typed = () => ({
    period: period.value === String(days) ? days : period.value,
    start: start.value,
    end: end.value,
    timezone: zone.value,
  });
  return { fieldset, period, typed };
}

/**
 * Conditions on senders: groups of clauses, all of a group and any of the groups. `drawn` hears of
 * each new drawing, `removed` that conditions have moved up. What is typed the form hears itself.
 */
function conditionsOf({ words, fields, drawn, removed }) {
  const kinds = Object.fromEntries(fields.map((field) => [field.name, field]));
  const place = make("div", { class: "smtpauth-groups" });
  let groups = [];
  const blank = () => ({ field: "sender_address", operator: "contains", value: "" });
  const focusOn = (g, n) =>
    place.querySelectorAll("fieldset")[g]?.querySelectorAll(".smtpauth-clause")[n]?.querySelector("select")?.focus();
  const addFirst = buttonOf("", () => {
    groups.push([blank()]);
    draw();
    focusOn(groups.length - 1, 0);
  });

  /** Another field: the value and the comparison stay where they fit it. */
  const choose = (clause, name) => {
    const { kind, operators } = kinds[name];
    if (kind !== kinds[clause.field].kind) clause.value = "";
    if (!operators.some(([operator]) => operator === clause.operator)) [[clause.operator]] = operators;
    clause.field = name;
  };

  const remove = (g, n) => {
    groups[g].splice(n, 1);
    if (!groups[g].length) groups.splice(g, 1);
    removed();
    draw();
    if (groups[g]?.length) focusOn(g, Math.min(n, groups[g].length - 1));
    else addFirst.focus();
  };

  /** The controls after the field: they change with its kind. */
  const restOf = (clause, g, n, number, labelled) => {
    const { kind, operators } = kinds[clause.field];
    const how = labelled(words("Comparison"), selectOf(operators, clause.operator));
    const value = labelled(
      words("Value"),
      inputOf(kind === "date" ? "date" : "text", clause.value, {
        autocomplete: "off",
        spellcheck: "false",
        inputmode: kind === "count" ? "numeric" : undefined,
        placeholder: kind === "share" ? "50%" : undefined,
      }),
    );
    const wrong = wrongOf(value, `clause-${g}-${n}`);
    how.addEventListener("change", () => {
      clause.operator = how.value;
    });
    value.addEventListener("input", () => {
      clause.value = value.value;
    });
    const off = buttonOf("✕", () => remove(g, n), {
      "aria-label": `${words("Remove")}: ${number}`,
      title: words("Remove"),
      class: "smtpauth-close",
    });
    return [how, value, off, wrong];
  };

  const clauseRow = (clause, g, n) => {
    const number = words("condition {n}", { n: n + 1 });
    const labelled = (label, control) => {
      control.setAttribute("aria-label", `${label}, ${number}`);
      return control;
    };
    const about = labelled(
      words("Field"),
      selectOf(
        fields.map(({ name, title }) => [name, title]),
        clause.field,
      ),
    );
    const rest = () => restOf(clause, g, n, number, labelled);
    about.addEventListener("change", () => {
      choose(clause, about.value);
      // Stays where it is: a name is typed letter by letter, and each may choose another field.
      while (about.nextSibling) about.nextSibling.remove();
      about.after(...rest());
      drawn();
    });
    return make("div", { class: "smtpauth-clause" }, about, ...rest());
  };

  const groupBox = (group, g) => {
    const title = words("Senders of whom all of this is true");
    const add = buttonOf(words("Add a condition"), () => {
      group.push(blank());
      draw();
      focusOn(g, group.length - 1);
    });
    return make(
      "fieldset",
      { class: "smtpauth-group" },
      make("legend", {}, groups.length > 1 ? `${title} (${g + 1})` : title),
      ...group.map((clause, n) => clauseRow(clause, g, n)),
      add,
    );
  };

  const draw = () => {
    const or = () => make("p", { class: "smtpauth-or" }, words("or"));
    place.replaceChildren(...groups.flatMap((group, g) => [...(g ? [or()] : []), groupBox(group, g)]));
    addFirst.textContent = groups.length ? words("Or: add a group") : words("Add a condition");
    drawn();
  };
  const fill = (given) => {
    groups = given;
    draw();
  };
  return { content: [place, addFirst], typed: () => groups, fill };
}

/** Filters kept by name: a list to fill in from or delete, and a name to keep this one under. */
function keptOf({ model, words, save }) {
  const name = inputOf("text", "", { maxlength: 60, autocomplete: "off" });
  const kept = selectOf([]);
  const does = (what) => () => kept.value && model.send({ [what]: kept.value });
  const list = controlOf("saved", words("Saved filters"), kept, {
    buttons: [buttonOf(words("Fill in"), does("load")), buttonOf(words("Delete"), does("delete"))],
  });
  const keep = controlOf("name", words("Name of this filter"), name, {
    buttons: [buttonOf(words("Save"), save)],
    help: words("The conditions are kept, and the least number of messages; the days are not."),
  });
  const draw = (names) => {
    kept.replaceChildren(...names.map((each) => make("option", { value: each }, each)));
    if (names.includes(name.value.trim())) kept.value = name.value.trim();
    list.hidden = names.length === 0;
  };
  return { list, keep, name, draw };
}

/** The controls of the other filters: a list to choose from, a number, or a text. */
function othersOf({ controls, draft }) {
  const inputs = Object.fromEntries(
    controls.map(({ name, kind, choices }) => [
      name,
      choices.length
        ? selectOf(choices, draft[name])
        : inputOf("text", draft[name], { autocomplete: "off", ...(kind === "number" ? { inputmode: "numeric" } : {}) }),
    ]),
  );
  return {
    content: controls.map(({ name, label }) => controlOf(name, label, inputs[name])),
    typed: () => Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value])),
    fill: (values) => {
      for (const [name, input] of Object.entries(inputs)) if (name in values) input.value = values[name];
    },
  };
}

export default formPanel("smtpauth-filters", ({ model, words, shown, close }) => {
  const { draft } = shown;
  const days = daysOf({ words, shown });
  const others = othersOf(shown);
  const conditions = conditionsOf({
    words,
    fields: shown.fields,
    drawn: () => mark(),
    removed: () => {
      touched.clear();
      check();
    },
  });
  const kept = keptOf({ model, words, save: () => send("save") });
  const content = [
    days.fieldset,
    fieldsetOf(words("Messages"), ...others.content),
    fieldsetOf(
      words("Custom filter"),
      ...(shown.can_save ? [kept.list] : []),
      ...conditions.content,
      ...(shown.can_save ? [kept.keep] : []),
    ),
  ];
  const typed = () => ({ ...days.typed(), ...others.typed(), groups: conditions.typed(), name: kept.name.value });
  const { form, said, send, check, mark, touched, find } = checkedForm({
    model,
    words,
    close,
    typed,
    asks: "apply",
    primary: words("Apply"),
    content,
  });

  const hear = (message) => {
    if (message.fill) {
      others.fill(message.fill);
      kept.name.value = message.fill.name;
      find({});
      conditions.fill(message.fill.groups);
      check();
    }
    if (message.saved) kept.draw(message.saved);
    if (message.errors) find(message.errors, message.applied === false);
    if (message.said) said.textContent = message.said;
  };
  kept.draw(shown.saved);
  conditions.fill(draft.groups.map((group) => group.map((clause) => ({ ...clause }))));
  return { title: words("Filters"), form, first: days.period, hear };
});
