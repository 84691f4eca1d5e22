import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contextForTests, runKind, thrownBy } from "../context-for-tests.ts";
import { http } from "./http.ts";

let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  base = `http://127.0.0.1:${(address satisfies AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Echoes a request as JSON; some paths misbehave. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const { method, url = "", headers } = request;
  if (url.startsWith("/status/")) {
    const [, , status, retryAfter] = url.split("/");
    if (retryAfter !== undefined) response.setHeader("retry-after", decodeURIComponent(retryAfter));
    response.writeHead(Number(status)).end(`${"sorry ".repeat(200)}`);
  } else if (url === "/moved") {
    response.writeHead(302, { location: "/there" }).end();
  } else if (url === "/text") {
    response.setHeader("content-type", "text/plain").end("plain");
  } else if (url === "/broken") {
    response.setHeader("content-type", "application/json").end("{ not json");
  } else if (url === "/hangs") {
    response.writeHead(200).write("first");
  } else if (url === "/drops") {
    request.socket.destroy();
  } else {
    response.setHeader("content-type", "application/json; charset=utf-8");
    response.end(
      JSON.stringify({ method, url, type: headers["content-type"] ?? null, token: headers["x-token"] ?? null, body }),
    );
  }
}

test("a GET gives status, headers and parsed JSON", async () => {
  const result = await runKind(http({ url: `${base}/orders?day={{ ds }}` }));
  expect(result).toMatchObject({
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: { method: "GET", url: "/orders?day=2024-01-02", body: "" },
  });
});

test("a placeholder is one part of the URL, whatever its value holds", async () => {
  const context = contextForTests({ params: { id: "a/b?c=d&e #f" } });
  const result = await runKind(http({ url: `${base}/orders/{{ params.id }}?q={{ params.id }}` }), context);
  expect(result).toMatchObject({
    body: { url: "/orders/a%2Fb%3Fc%3Dd%26e%20%23f?q=a%2Fb%3Fc%3Dd%26e%20%23f" },
  });
});

test.each([".", ".."])("a value %j, by which a client would climb the path, is refused", async (id) => {
  const error = await thrownBy(() =>
    runKind(http({ url: `${base}/a/{{ params.id }}` }), contextForTests({ params: { id } })),
  );
  expect(error.message).toMatch(/would lead to another path/);
});

test("a JSON body keeps the types of its placeholders; headers are templates too", async () => {
  const context = contextForTests({ params: { token: "s3" }, input: { orders: { ids: [1, 2], count: 2 } } });
  const kind = http({
    url: base,
    headers: { "x-token": "Bearer {{ params.token }}" },
    body: {
      day: "{{ ds }}",
      text: "{{ input.orders.count }} orders",
      count: "{{ input.orders.count }}",
      ids: ["{{ input.orders.ids }}", 3],
    },
  });
  const result = await runKind(kind, context);
  expect(result).toMatchObject({
    body: {
      method: "POST",
      type: "application/json",
      token: "Bearer s3",
      body: '{"day":"2024-01-02","text":"2 orders","count":2,"ids":[[1,2],3]}',
    },
  });
});

test("a text body is sent as it is", async () => {
  const result = await runKind(http({ url: base, method: "PUT", body: "day {{ ds }}" }));
  expect(result).toMatchObject({ body: { method: "PUT", body: "day 2024-01-02" } });
});

test("an answer that is no JSON is text, and one that claims to be JSON and is not fails", async () => {
  expect(await runKind(http({ url: `${base}/text` }))).toMatchObject({ body: "plain" });
  await expect(runKind(http({ url: `${base}/broken` }))).rejects.toThrow(/JSON/);
});

test("another status than 2xx fails with the status and the first part of the answer", async () => {
  const error = await thrownBy(() => runKind(http({ url: `${base}/status/500` })));
  expect(error).toMatchObject({ name: "HttpStatusError", status: 500 });
  expect(error.message).toMatch(/^GET http:.*\/status\/500 answered 500: sorry sorry/);
  expect(error.message.length).toBeLessThan(700);
});

test("`expect` says which status is a success", async () => {
  const expected = { url: `${base}/status/404`, expect: [200, 404] };
  expect(await runKind(http(expected))).toMatchObject({ status: 404 });
  await expect(runKind(http({ url: base, expect: 201 }))).rejects.toThrow(/answered 200/);
});

test.each([
  ["429", "7", 7_000],
  ["503", "0", 0],
])("RT-3: %s with Retry-After puts off the next attempt", async (status, seconds, ms) => {
  const error = await thrownBy(() => runKind(http({ url: `${base}/status/${status}/${seconds}` })));
  expect(error).toMatchObject({ retryAfterMs: ms });
});

test("RT-3: Retry-After means nothing with another status, or when it is nonsense", async () => {
  for (const path of ["500/7", "429/soon", "429/-1"]) {
    const error = await thrownBy(() => runKind(http({ url: `${base}/status/${path}` })));
    expect(error).toMatchObject({ retryAfterMs: undefined });
  }
});

test("redirects are not followed unless asked for", async () => {
  const error = await thrownBy(() => runKind(http({ url: `${base}/moved` })));
  expect(error.message).toMatch(/answered 302 to \/there \(followRedirects is off\)/);
  const followed = await runKind(http({ url: `${base}/moved`, followRedirects: true }));
  expect(followed).toMatchObject({ body: { url: "/there" } });
});

test("an answer that does not end fails after the time-out", async () => {
  await expect(runKind(http({ url: `${base}/hangs`, timeout: "100ms" }))).rejects.toThrow(/no answer within 100 ms/);
});

test("a cancel ends the exchange", async () => {
  const cancel = new AbortController();
  const running = runKind(http({ url: `${base}/hangs` }), contextForTests({ signal: cancel.signal }));
  cancel.abort(new Error("cancelled"));
  await expect(running).rejects.toThrow("cancelled");
});

test("no answer at all says what was asked and why", async () => {
  const error = await thrownBy(() => runKind(http({ url: `${base}/drops` })));
  expect(error.message).toMatch(/^GET http:.*\/drops: .+/);
  await expect(runKind(http({ url: "http://no-such-host.invalid/" }))).rejects.toThrow(/no-such-host/);
});

test("an undefined name is an error that lists the names", async () => {
  const error = await thrownBy(() =>
    runKind(http({ url: `${base}/{{ params.regoin }}` }), contextForTests({ params: { region: "eu" } })),
  );
  expect(error).toMatchObject({ code: "invalid_template" });
  expect(error.hint).toMatch(/Did you mean params.region/);
});

test("wrong options are errors at once, at the place of the call", async () => {
  expect((await thrownBy(() => http({ url: base, metod: "GET" } as never))).hint).toBe("Did you mean `method`?");
  expect((await thrownBy(() => http({ url: base, expect: "2xx" as never }))).message).toMatch(/`expect` of http/);
  expect((await thrownBy(() => http({ url: base, method: "FETCH" } as never))).message).toMatch(/The method of http/);
  const error = await thrownBy(() => http({ url: base, body: { a: ["{{ 1 + 1 }}"] } }));
  expect(error).toMatchObject({
    code: "invalid_template",
    location: { file: expect.stringContaining("http.test.ts") },
  });
});
