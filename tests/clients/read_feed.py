"""Reads a village's feed with the generated client, page by page."""

import sys

from dorf_client import Client
from dorf_client.api.public import get_feed
from dorf_client.models import PostList
from dorf_client.types import UNSET

base, village = sys.argv[1:3]
client = Client(base_url=base)
cursor = UNSET
while True:
    page = get_feed.sync(village, client=client, limit=2, cursor=cursor)
    assert isinstance(page, PostList), page
    for post in page.items:
        event = post.event or None
        dates = len(event.extra_dates) + len(event.except_dates) + len(event.access) if event else 0
        print(post.title, post.kind, str(post.created_at.tzinfo is not None).lower(), dates, sep="\t")
    if not page.next_cursor:
        break
    cursor = page.next_cursor
