// Reads a village's feed with openapi-fetch, page by page, and asks for it again with its ETag.

import createClient from "openapi-fetch";
import type { components, paths } from "./contract.js";

type Post = components["schemas"]["Post"];

const [base, village] = process.argv.slice(2) as [string, string];
const client = createClient<paths>({ baseUrl: base });

function line(post: Post): string {
  // What an event has in every answer is there without a question mark.
  const dates = post.event ? post.event.extra_dates.length + post.event.except_dates.length + post.event.access.length : 0;
  return `${post.title}\t${post.kind}\t${new Date(post.created_at).toISOString() === post.created_at}\t${dates}`;
}

const lines: string[] = [];
let cursor: string | undefined;
do {
  const { data, error } = await client.GET("/v1/villages/{village}/feed", {
    params: { path: { village }, query: { limit: 2, ...(cursor === undefined ? {} : { cursor }) } },
  });
  if (error || !data) throw new Error(JSON.stringify(error));
  lines.push(...data.items.map(line));
  cursor = data.next_cursor;
} while (cursor !== undefined);

const first = await client.GET("/v1/villages/{village}/feed", { params: { path: { village } } });
const again = await client.GET("/v1/villages/{village}/feed", {
  params: { path: { village }, header: { "If-None-Match": first.response.headers.get("etag") ?? "" } },
});
if (again.response.status !== 304) throw new Error(`asked again: ${again.response.status}`);

const refused = await client.GET("/v1/villages/{village}", { params: { path: { village: "nirgends" } } });
if (!refused.error || refused.error.status !== 404) throw new Error("a refusal is a problem");

// A body without what need not be there, and with null for it.
const wanted: components["schemas"]["PostBody"] = { kind: "event", title: "Neu", topic: null, event: { starts_local: "2026-12-06T15:00" } };
void wanted;

console.log(lines.join("\n"));
