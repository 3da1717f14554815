// Brings the screens of a page to life without a server: every `.smtpauth-insight` has its data in
// a JSON island, every `.smtpauth-report` its own packed, and its facts, which its filters add up;
// every `.smtpauth-findings` its evidence, packed.
(() => {
  "use strict";
  const { drawChart, make, readCube, startFindings, startInsight, startReport, unpack } = globalThis.smtpauth;

  const read = async (packed) => JSON.parse(new TextDecoder().decode(await unpack(packed)));
  const dataOf = (screen) => read(screen.querySelector(":scope > .smtpauth-data"));

  /** An Altair chart of the notebook's author: drawn again so that its tooltips live. */
  function startAltair(block) {
    const spec = JSON.parse(block.querySelector(":scope > .smtpauth-data").textContent);
    drawChart(block.querySelector(".smtpauth-chart"), spec, null, { label: spec.description ?? "" });
  }

  const facts = new Map(); // of each packed island, read once whatever the language
  const choices = new Map();

  async function wake(root) {
    root.querySelectorAll(".smtpauth-altair").forEach(startAltair);
    const screens = [...root.querySelectorAll(".smtpauth-report")];
    for (const [n, screen] of screens.entries()) {
      const packed = screen.querySelector(":scope > .smtpauth-facts");
      if (packed) facts.set(n, readCube(await unpack(packed)));
      if (facts.has(n)) choices.set(n, startReport(screen, await dataOf(screen), facts.get(n), choices.get(n)?.()));
    }
    for (const screen of root.querySelectorAll(".smtpauth-insight")) {
      if (screen.querySelector(":scope > .smtpauth-data")) startInsight(screen);
    }
    for (const packed of root.querySelectorAll(".smtpauth-findings > .smtpauth-proofs")) {
      startFindings(packed.parentElement, await read(packed));
    }
    speakOthers(root);
  }

  const allOf = (selector) => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);

  /** The page that is packed in an element. */
  async function mainOf(packed) {
    const html = new TextDecoder().decode(await unpack(packed));
    return new DOMParser().parseFromString(html, "text/html").querySelector("main");
  }

  /** The page in every language it holds: what is on screen first, as it came. */
  function languagesHere() {
    const { lang } = document.documentElement;
    if (!document.querySelector(".smtpauth-other")) return new Map();
    const first = /** @type {HTMLElement} */ (document.querySelector("main").cloneNode(true));
    for (const packed of first.querySelectorAll(".smtpauth-facts")) packed.remove();
    const others = allOf(".smtpauth-other").map(
      (other) => /** @type {const} */ ([other.lang, { name: other.dataset.name, main: () => mainOf(other) }]),
    );
    const name = allOf(".smtpauth-languages").at(0)?.dataset.name;
    const copy = async () => /** @type {HTMLElement} */ (first.cloneNode(true));
    return new Map([/** @type {const} */ ([lang, { name, main: copy }]), ...others]);
  }

  let languages;

  /** A button for each other language: the same page, the same choice, in its words. */
  function speakOthers(root) {
    const bar = root.querySelector(".smtpauth-languages");
    if (!bar) return;
    for (const [lang, { name, main }] of languages) {
      if (lang === document.documentElement.lang) continue;
      const button = make("button", { type: "button", class: "smtpauth-button", lang }, name);
      button.addEventListener("click", async () => {
        const next = await main();
        document.querySelector("main").replaceWith(next);
        document.documentElement.lang = lang;
        document.title = next.querySelector("h1").textContent;
        await wake(next);
        next.querySelector(".smtpauth-languages button").focus();
      });
      bar.append(button);
    }
  }

  const start = () => {
    document.querySelector(".smtpauth-page")?.classList.add("smtpauth-alive");
    languages = languagesHere();
    return wake(document);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
