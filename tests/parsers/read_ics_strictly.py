"""Reads a calendar as Python's ical does, which Home Assistant uses: what it cannot read costs the whole calendar.

Usage: read_ics_strictly.py FROM UNTIL < calendar.ics, with two days as in 2026-11-01. Prints every date between them, one a line: its
start in UTC (or its day), whether it takes place, and its title. Ends with 77 where its library is not
installed.
"""

import sys
from datetime import date, datetime, timezone

try:
    from ical.calendar_stream import IcsCalendarStream
except ModuleNotFoundError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)

first, last = (date.fromisoformat(day) for day in sys.argv[1:3])
calendar = IcsCalendarStream.calendar_from_ics(sys.stdin.buffer.read().decode())
lines = []
for event in calendar.timeline_tz(timezone.utc).overlapping(first, last):
    start = event.dtstart
    if isinstance(start, datetime):
        start = start.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines.append(f"{start}\t{event.status.value if event.status else ''}\t{event.summary}")
sys.stdout.buffer.write("\n".join(sorted(lines)).encode())
