"""Reads a calendar as Python's icalendar and recurring-ical-events do.

Usage: read_ics.py FROM UNTIL < calendar.ics, with two days as in 2026-11-01. Prints every date between them, one a line: its start in
UTC (or its day), whether it takes place, and its title. Ends with 77 where its library is not
installed.
"""

import sys
from datetime import date, datetime, timezone

try:
    import icalendar
    import recurring_ical_events
except ModuleNotFoundError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)

first, last = (date.fromisoformat(day) for day in sys.argv[1:3])
calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
lines = []
for event in recurring_ical_events.of(calendar, keep_recurrence_attributes=True).between(first, last):
    start = event["DTSTART"].dt
    if isinstance(start, datetime):
        start = start.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines.append(f"{start}\t{event.get('STATUS', '')}\t{event.get('SUMMARY', '')}")
sys.stdout.buffer.write("\n".join(sorted(lines)).encode())
