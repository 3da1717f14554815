// “Reproduce this view”: asks for the texts when it is opened, and copies them.
export default {
  async render({ model, el }) {
    const smtpauth = await ready({ model, el });
    const release = keepKeys(el);

    const copy = async (text, code) => {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        // Without https or permission there is no clipboard: selected, the text is copied by Ctrl+C.
        getSelection().selectAllChildren(code);
        return false;
      }
    };

    const draw = () => {
      const words = smtpauth.speak(model.get("words"));
      const texts = model.get("shown").texts ?? [];
      const said = saidOf();
      const one = ({ title, code }) => {
        const shown = make(
          "code",
          { tabindex: 0, role: "region", "aria-label": title, "data-lm-suppress-shortcuts": "true" },
          ...code.split("\n").flatMap((line, n) => [...(n ? ["\n"] : []), ...smtpauth.visible(line)]),
        );
        const button = buttonOf(
          words("Copy"),
          async () => {
            const done = await copy(code, shown);
            said.textContent = done
              ? words("{title} is copied.", { title })
              : words("{title} is selected: copy it with Ctrl+C.", { title });
          },
          { "aria-label": words("Copy {title}", { title }) },
        );
        return make(
          "section",
          { class: "smtpauth-code" },
          make("header", {}, make("h4", {}, title), button),
          make("pre", {}, shown),
        );
      };
      const summary = make("summary", { "data-lm-suppress-shortcuts": "true" }, words("Reproduce this view"));
      const details = make(
        "details",
        { class: "smtpauth-reproduce" },
        summary,
        ...(texts.length ? texts.map(one) : [make("p", {}, words("Nothing is loaded yet."))]),
        said,
      );
      details.open = model.get("is_open");
      details.addEventListener("toggle", () => {
        if (details.open === model.get("is_open")) return;
        model.set("is_open", details.open);
        model.save_changes();
      });
      const focused = el.querySelector("summary") === document.activeElement;
      el.replaceChildren(details);
      if (focused) summary.focus();
    };

    const changes = ["change:shown", "change:words"];
    for (const change of changes) model.on(change, draw);
    draw();
    return () => {
      for (const change of changes) model.off(change, draw);
      release();
    };
  },
};
