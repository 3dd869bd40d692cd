// Reads a calendar as ical.js (the engine of Thunderbird's calendar) does.
//
// Usage: node read_ics.mjs FROM UNTIL < calendar.ics, with two days as in 2026-11-01. Prints every date between them, one a line: its
// start in UTC (or its day), whether it takes place, and its title. ical.js is looked for where NODE_PATH says, too; where it is
// not installed, this ends with 77.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
let module;
try {
  module = require("ical.js");
} catch (missing) {
  if (missing.code !== "MODULE_NOT_FOUND") throw missing;
  console.error("ical.js is not installed");
  process.exit(77);
}
const ICAL = module.default ?? module;
const [first, last] = process.argv.slice(2).map((day) => new Date(`${day}T00:00:00Z`));

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf-8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) {
  ICAL.TimezoneService.register(new ICAL.Timezone(zone));
}
const components = calendar.getAllSubcomponents("vevent");
const exceptions = components.filter((it) => it.hasProperty("recurrence-id"));
const lines = [];

function add(event, start) {
  const at = start.toJSDate();
  if (at < first || at >= last) return;
  const when = start.isDate ? start.toString() : at.toISOString().replace(".000Z", "Z");
  lines.push(`${when}\t${event.component.getFirstPropertyValue("status") ?? ""}\t${event.summary}`);
}

for (const component of components.filter((it) => !it.hasProperty("recurrence-id"))) {
  const event = new ICAL.Event(component);
  for (const one of exceptions) {
    if (one.getFirstPropertyValue("uid") === event.uid) event.relateException(one);
  }
  if (!event.isRecurring()) {
    add(event, event.startDate);
    continue;
  }
  const dates = event.iterator();
  for (let date = dates.next(), n = 0; date && n < 5000 && date.toJSDate() < last; date = dates.next(), n += 1) {
    const details = event.getOccurrenceDetails(date);
    add(details.item, details.startDate);
  }
}
process.stdout.write(lines.sort().join("\n"));
