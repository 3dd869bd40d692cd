"""Reads a calendar as Python's vobject does, with dateutil for rules.

Usage: read_ics_vobject.py FROM UNTIL < calendar.ics, with two days as in 2026-11-01. Prints every date between them, one a line: its
start in UTC (or its day), whether it takes place, and its title. Ends with 77 where its library is not
installed.
"""

import sys
from datetime import date, datetime, time, timezone

try:
    import vobject
except ModuleNotFoundError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)

first, last = (date.fromisoformat(day) for day in sys.argv[1:3])
calendar = vobject.readOne(sys.stdin.buffer.read().decode())
events = list(getattr(calendar, "vevent_list", []))
changed = {}
for event in events:
    if hasattr(event, "recurrence_id"):
        changed.setdefault(event.uid.value, []).append(event)


def instant(value):
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value if value.tzinfo else value.replace(tzinfo=timezone.utc)


def line(event, start):
    if isinstance(start, datetime) and isinstance(event.dtstart.value, datetime):
        start = start.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    elif isinstance(start, datetime):
        start = start.date()
    status = event.status.value if hasattr(event, "status") else ""
    return f"{start}\t{status}\t{event.summary.value}"


lines = []
for event in events:
    if hasattr(event, "recurrence_id"):
        starts = [event.dtstart.value]
    else:
        moved = {instant(one.recurrence_id.value) for one in changed.get(event.uid.value, [])}
        rules = event.getrruleset(addRDate=True)
        starts = [event.dtstart.value] if rules is None else list(rules)
        starts = [start for start in starts if instant(start) not in moved]
    lines += [line(event, start) for start in starts if first <= instant(start).date() < last]
sys.stdout.buffer.write("\n".join(sorted(lines)).encode())
