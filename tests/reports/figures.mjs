// Adds a page's facts up as the page does, for choices read from stdin; see test_page_figures.py.
import fs from "node:fs";
import vm from "node:vm";

const { scripts, pages } = JSON.parse(fs.readFileSync(0, "utf-8"));
for (const path of scripts) vm.runInThisContext(fs.readFileSync(path, "utf-8"), { filename: path });
const { cell, unpack, readCube, volumeOf, usersOf, sendersOf, speak, figures } = globalThis.smtpauth;

function answers(facts, data, { uses, ...choice }) {
  const words = speak(data.words);
  const range = { start: data.start, end: data.end, domains: null };
  const all = volumeOf(facts, range);
  const known = figures.ranked(figures.volumeIn(facts, all, range)).map(({ name }) => name);
  if (uses) {
    const { which, values } = figures.breakdownOf(uses[0], facts, data);
    choice.who = usersOf(facts, choice, which, values.indexOf(uses[1]));
  }
  const whole = choice.start === data.start && choice.end === data.end;
  const senders = sendersOf(facts, choice, { ...data, whole });
  const counts = volumeOf(facts, choice);
  const state = { facts, data, words, choice, counts, known, senders };
  const views = Object.keys(data.views).map((name) => [name, figures.shown(name, state)]);
  const rows = Object.fromEntries(senders.names.map((name) => [name, senders[name]]));
  const row = (n) => Object.fromEntries(senders.names.map((name) => [name, rows[name][n]]));
  const cells = senders.who.map((_, n) => data.fields.map((column) => cell(column, row(n), words)));
  return { known, views: Object.fromEntries(views), senders: rows, cells };
}

const found = [];
for (const { packed, data, choices } of pages) {
  const facts = readCube(await unpack({ textContent: packed }));
  found.push(choices.map((choice) => answers(facts, data, choice)));
}
process.stdout.write(JSON.stringify(found));
