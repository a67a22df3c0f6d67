// A performer's program, written against the types that are made from openapi.yaml. Run, and type-checked, by a test.
// usage: node journey.js ADDRESS SESSION_TOKEN
import createClient from "openapi-fetch";

import type { components, paths } from "./api.js";

type Money = components["schemas"]["Money"];

function check(holds: boolean, said: string): asserts holds {
  if (!holds) throw new Error(said);
}

const inWords = (money: Money): string => `${money.amount_minor} ${money.currency}`;

const [address, token] = process.argv.slice(2);
const me = createClient<paths>({ baseUrl: address, headers: { "X-Session-Token": token ?? "" } });

const made = await me.POST("/api/v1/me/performer", {
  body: { stage_name: "Robin Vale" },
  params: { header: { "Idempotency-Key": "first" } },
});
check(made.data?.stage_name === "Robin Vale", `no profile: ${JSON.stringify(made.error)}`);

const twice = await me.POST("/api/v1/me/performer", { body: { stage_name: "Robin" } });
check(twice.error?.code === "already_a_performer", "a second profile was made");

const changed = await me.PATCH("/api/v1/me/performer", { body: { skills: ["duo", "harold"], languages: ["en"] } });
check(changed.data?.skills.length === 2, `not changed: ${JSON.stringify(changed.error)}`);

const early = await me.POST("/api/v1/me/vettings");
check(early.error?.code === "not_ready_to_be_vetted", "vetted without the terms");

const steps = await me.POST("/api/v1/me/onboarding/terms", { body: { version: "2026-11" } });
check(steps.data?.steps.some((step) => step.step === "terms" && step.done) ?? false, "the step stays open");

const asked = await me.POST("/api/v1/me/vettings");
check(asked.data?.outcome === "", `not asked: ${JSON.stringify(asked.error)}`);

const board = await me.GET("/api/v1/gigs", { params: { query: { limit: 5 } } });
check(Array.isArray(board.data?.data) && board.data.next_cursor === null, "no board");

const standing = await me.GET("/api/v1/me/standing");
check(standing.data !== undefined && inWords(standing.data.owed) === "0 usd", "money out of nowhere");
